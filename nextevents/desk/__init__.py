"""The event desk: making, filling, running and closing one event. For whoever organises it."""
