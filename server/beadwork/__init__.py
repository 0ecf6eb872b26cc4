"""Runs coding agents over a repository's beads, from any editor."""

__version__ = "0.1.0"
