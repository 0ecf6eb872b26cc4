"""The arguments of the commands that make and change beads; see `arguments.py`."""

import attrs

TRACKERS = ("embedded", "bd")
"""What can keep the beads of a folder that has none."""

_PRIORITY = {"least": 0, "most": 4}


@attrs.frozen
class ShowPage:
    """Give a bead as a page for a person."""

    id: str
    folder: str = ""


@attrs.frozen
class CreateBead:
    """Create a bead."""

    title: str
    folder: str = ""
    description: str = ""
    type: str = "task"
    priority: int = attrs.field(default=2, metadata=_PRIORITY)
    labels: tuple[str, ...] = ()
    parent: str = ""
    depends_on: tuple[str, ...] = ()
    file: str = ""
    """Path, or `file:` URI, of the file that it is about; empty for a text that is in no file."""
    line: int = attrs.field(default=0, metadata={"least": 0})
    """1-based line there; 0 for the file as a whole."""
    text: str = ""
    """What stands there."""


@attrs.frozen
class ChangeBead:
    """Change fields of a bead."""

    id: str
    folder: str = ""
    title: str | None = None
    description: str | None = None
    design: str | None = None
    acceptance: str | None = None
    notes: str | None = None
    status: str | None = None
    type: str | None = None
    priority: int | None = attrs.field(default=None, metadata=_PRIORITY)
    assignee: str | None = None
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()


@attrs.frozen
class Depend:
    """Make a bead depend on another, or no more."""

    id: str
    on: str
    folder: str = ""
    kind: str = "blocks"
    remove: bool = False


@attrs.frozen
class AddComment:
    """Add a comment to a bead."""

    id: str
    text: str
    folder: str = ""


@attrs.frozen
class ListChoices:
    """List what the fields of beads can be."""

    folder: str = ""


@attrs.frozen
class BeginBeads:
    """Begin with beads in a folder that has none."""

    folder: str = ""
    tracker: str = attrs.field(default="embedded", metadata={"among": TRACKERS})
    prefix: str = ""
