"""Publishing a bead's branch, in a worker: push it, ask the remote, open its pull request."""
