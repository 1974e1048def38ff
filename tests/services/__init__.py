"""What the tests talk to: real servers on this machine, and independent judges of what we write.

Everything listens on loopback or on a Unix socket, at an address chosen when it starts; each server owns the processes
that it started and signals no others.
"""
