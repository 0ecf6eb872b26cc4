"""Telling beads: how a run ended, what blocks it, and who was not told yet."""
