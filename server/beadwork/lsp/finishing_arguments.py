"""The arguments of the commands about work that is done; see `arguments.py`."""

import attrs

SINCE = ("base", "review")
"""What a branch can be compared with."""
HOW = ("fast-forward", "merge", "squash")
"""How a branch can be brought into its base."""


@attrs.frozen
class RunGates:
    """Run the gates of a bead's branch, or of the working tree as it is."""

    folder: str = ""
    id: str = ""
    here: bool = False
    anew: bool = False
    runner: str = ""


@attrs.frozen
class PublishBranch:
    """Push a bead's branch, and open or update its pull request."""

    id: str
    folder: str = ""
    draft: bool | None = None
    force: bool = False


@attrs.frozen
class LandBranch:
    """Bring a bead's branch into its base."""

    id: str
    folder: str = ""
    how: str = attrs.field(default="", metadata={"among": HOW})
    update_tree: bool = False
    push: bool = False
    force: bool = False


@attrs.frozen
class ResolveConflicts:
    """Let an agent bring the base into a bead's branch."""

    id: str
    folder: str = ""
    force: bool = False
    agent: str = ""
    runner: str = ""
    script: str = ""
    wall_clock: int = attrs.field(default=0, metadata={"least": 0})


@attrs.frozen
class CloseBead:
    """Close a bead, when nothing stands in the way."""

    id: str
    folder: str = ""
    reason: str = ""
    skip_gates: bool = False
    force: bool = False


@attrs.frozen
class ReopenBead:
    """Open a closed bead again."""

    id: str
    folder: str = ""


@attrs.frozen
class ListChanges:
    """List the files that a bead's branch changed."""

    id: str
    folder: str = ""
    since: str = attrs.field(default="base", metadata={"among": SINCE})


@attrs.frozen
class GivePatch:
    """Give what a bead's branch changed as a patch."""

    id: str
    folder: str = ""
    since: str = attrs.field(default="base", metadata={"among": SINCE})


@attrs.frozen
class GiveContent:
    """Give the text of a file at a commit."""

    commit: str
    path: str
    folder: str = ""
