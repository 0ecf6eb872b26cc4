"""Work on a bead, in a worker: claim, prepare, let the agent work, judge, conclude."""
