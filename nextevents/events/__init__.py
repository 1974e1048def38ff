"""The engine: events, registration, waiting list, calendar entries."""
