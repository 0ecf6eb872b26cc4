"""The queue: ordering, starting, stopping, walks, costs, and what is done when a run has ended."""
