"""What all rooms stand on: database, clock, errors, queue, tokens, web. Knows no room."""
