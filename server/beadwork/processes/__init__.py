"""The room of processes. This is its door."""
