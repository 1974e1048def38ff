"""The outbox and its delivery. Takes finished messages; knows addresses, and no people."""
