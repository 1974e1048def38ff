"""NExTevents: events, communities and mail of NExT e. V. on one platform."""
