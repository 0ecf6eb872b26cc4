"""Closing a bead, in a worker: look at what stands in the way, close it, tidy up after it."""
