"""What people belong to and who leads it."""
