"""Telling people of runs away from the editor."""
