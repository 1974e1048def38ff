"""The demo: a made-up year of NExT e. V. to look around in."""
