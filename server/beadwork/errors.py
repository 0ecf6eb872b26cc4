"""What can go wrong, as a person and a script read it.

Every room has a tree of its own below `BeadworkError`:

    BeadworkError
    ├── TrackerError       beads/        the tracker, or a bead in it
    ├── CheckoutError      checkouts/    git, the user's repository, a checkout
    ├── PromptError        context/      the template of a prompt, or the room for one
    ├── RunnerError        runners/      the box an agent runs in
    ├── AgentError         agents/       the agent itself
    ├── ExecutionError     executions/   a run, the queue, a log
    ├── EditingError       workflows/    a bead is not made or changed as it was asked for
    ├── StoreError         storage/      a store, which is a database file
    ├── SettingsError      settings.py   a settings file or value
    └── StateFolderError   state_folder.py

An error is one sentence: what happened, to what, what to do next. Its `code` is stable, documented in
docs/protocol.md, and what scripts compare. It is raised or logged, never both.
"""


class BeadworkError(Exception):
    """Something that a person is told in one sentence; never shown with a traceback."""

    code: str = "error"
    """Stable, kebab-case, documented in docs/protocol.md."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        """One sentence: what happened, to what, and what to do next."""
        self.detail = detail
        """The words of the tool that failed, for a log or a second line; may be empty."""

    def __str__(self) -> str:
        """Give the sentence alone: what the tool said belongs to a second line."""
        return self.message
