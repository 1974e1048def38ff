"""What organisers type, a file for each page."""
