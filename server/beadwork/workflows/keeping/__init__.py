"""Keeping house: what is kept of runs, logs and checkouts, and for how long."""
