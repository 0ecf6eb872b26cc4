"""What is asked for with the verbs that need no agent. What it leaves out: checking it (`ordering_*.py`)."""

import attrs


@attrs.frozen
class GatesRequest:
    """What is asked for with *gates*."""

    bead: str
    here: bool = False
    """Whether they run in the user's own working tree, as it is; `bead` may be empty then."""
    anew: bool = False
    """Whether they run also where their result is known."""
    runner: str = ""


@attrs.frozen
class PublishRequest:
    """What is asked for with *publish*."""

    bead: str
    draft: bool | None = None
    """Whether the pull request is a draft; None for what the newest review says."""
    force: bool = False
    """Whether a branch that was rewritten since may replace what was pushed before."""


@attrs.frozen
class LandRequest:
    """What is asked for with *land*."""

    bead: str
    how: str = ""
    """`fast-forward`, `merge` or `squash`; empty for the setting's."""
    update_tree: bool = False
    """Whether the user's working tree may be brought along, where the base is checked out."""
    push: bool = False
    """Whether the base is pushed afterwards."""
    force: bool = False
    """Whether to go on over gates that fail."""


@attrs.frozen
class CloseRequest:
    """What is asked for with *close*."""

    bead: str
    reason: str = ""
    """Empty for one that says what was done."""
    skip_gates: bool = False
    force: bool = False
    """Whether to go on over all that stands in the way."""
