"""What NExTevents must withstand, tried on both databases and judged by ledgers of our own."""
