"""The tests: they mirror nextevents/, plus house/ for the laws, browser/ for journeys, faults/ for outages."""
