"""The room of context. This is its door."""
