"""The organisers' desk: pages across all rooms. No tables of its own."""
