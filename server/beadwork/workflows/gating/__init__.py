"""Gates of a bead's branch, in a worker: which there are, whether they pass, and what is said of it."""
