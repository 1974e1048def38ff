"""The newsroom: writing, checking and sending what goes to newsletters and lists. No tables of its own."""
