"""The Tracker port: the beads of one workspace, wherever they are kept.

Implementations beside it: `bd.py` (the user's own bd binary), `jsonl.py` (the embedded tracker).
"""

from collections.abc import Sequence
from typing import Protocol

from beadwork.beads.model import Change, Comment, Draft, Listing
from beadwork.errors import BeadworkError


class TrackerError(BeadworkError):
    """The tracker did not do what was asked.

        TrackerError
        ├── BeadNotFound       no bead has that id
        ├── BeadBlocked        the tracker refuses: open blockers, open children
        ├── BeadTaken          somebody else has claimed it
        ├── TrackerLocked      another process holds it
        ├── TrackerMissing     there are no beads here
        │   └── BdMissing      there is no bd, and they are or shall be kept by it
        ├── TrackerUnfit       this version of bd must not be used
        ├── TrackerNoLock      the lock file in the state folder cannot be made
        ├── TrackerReadOnly    beads can be read but not changed; the message says why
        ├── TrackerTimeout     it did not answer in time and was ended
        └── TrackerGarbled     its answer was not understood

    `detail` carries the tool's own words.
    """

    code = "tracker"


class BeadNotFound(TrackerError):  # noqa: N818
    """No bead has that id."""

    code = "bead-not-found"


class BeadBlocked(TrackerError):  # noqa: N818
    """The tracker refuses because of open blockers or open children."""

    code = "bead-blocked"


class BeadTaken(TrackerError):  # noqa: N818
    """Somebody else has claimed the bead."""

    code = "bead-taken"


class TrackerLocked(TrackerError):  # noqa: N818
    """Another process holds the tracker."""

    code = "tracker-locked"


class TrackerMissing(TrackerError):  # noqa: N818
    """There are no beads here, or nothing to read them with."""

    code = "tracker-missing"


class BdMissing(TrackerMissing):
    """There is no bd, and the beads are kept by it, or shall be."""

    code = "bd-missing"


class TrackerUnfit(TrackerError):  # noqa: N818
    """This version of bd must not be used on these beads."""

    code = "tracker-unfit"


class TrackerNoLock(TrackerError):  # noqa: N818
    """The lock file in the state folder cannot be made, so nothing was asked of the tracker."""

    code = "state-folder"


class TrackerReadOnly(TrackerError):  # noqa: N818
    """The beads can be read but not changed."""

    code = "tracker-read-only"


class TrackerTimeout(TrackerError):  # noqa: N818
    """The tracker did not answer in time, and was ended."""

    code = "tracker-timeout"


class TrackerGarbled(TrackerError):  # noqa: N818
    """The tracker's answer was not understood."""

    code = "tracker-garbled"


class Tracker(Protocol):
    """The beads of one workspace. Every method may raise TrackerError; none blocks the event loop."""

    @property
    def name(self) -> str:
        """What a person is told, such as `bd 1.2.2` or `embedded (.beads/issues.jsonl)`."""
        ...

    @property
    def read_only(self) -> str:
        """Why nothing can be changed here; empty when it can."""
        ...

    async def list(self) -> Listing:
        """Give everything, in one call of the tool."""
        ...

    async def comments(self, bead: str) -> Sequence[Comment]:
        """Give the comments of one bead, the oldest first."""
        ...

    async def create(self, drafts: Sequence[Draft]) -> Sequence[str]:
        """Make beads and give their ids, in the order of the drafts. All that was asked for, or it raises."""
        ...

    async def update(self, bead: str, change: Change) -> None:
        """Change fields and labels."""
        ...

    async def claim(self, bead: str, actor: str) -> None:
        """Take the bead for `actor` and set it in progress, atomically. Raises BeadTaken.

        A bead that `actor` has already stays theirs.
        """
        ...

    async def release(self, bead: str) -> None:
        """Give the bead back: open, and nobody's. A closed bead is left as it is."""
        ...

    async def comment(self, bead: str, text: str, actor: str) -> None:
        """Add a comment."""
        ...

    async def depend(self, bead: str, on: str, kind: str = "blocks") -> None:
        """Make `bead` depend on `on`."""
        ...

    async def undepend(self, bead: str, on: str, kind: str = "blocks") -> None:
        """Make `bead` depend on `on` no more in that way; an edge that is not there changes nothing."""
        ...

    async def close(self, bead: str, reason: str, *, force: bool = False) -> None:
        """Close it. Raises BeadBlocked unless `force`."""
        ...

    async def reopen(self, bead: str) -> None:
        """Open it again; an open bead stays as it is."""
        ...

    async def own_statuses(self) -> frozenset[str]:
        """Give the statuses that people made for themselves, beside those that bd has."""
        ...

    async def sync(self) -> str:
        """Bring the beads to where others get them from; give a sentence about it, empty if there is nothing.

        Only for who has it switched on: it may publish. Raises TrackerError when it came to nothing.
        """
        ...

    def change_signal(self) -> str:
        """Give a text that differs whenever the beads may have changed; reads a file, starts no process."""
        ...
