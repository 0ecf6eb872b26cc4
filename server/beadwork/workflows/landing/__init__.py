"""Landing a bead's branch, in a worker: bring it into its base."""
