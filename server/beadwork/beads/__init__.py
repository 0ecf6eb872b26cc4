"""The room of beads: what they are, and the trackers that keep them. This is its door."""

from beadwork.beads.index import Index
from beadwork.beads.model import (
    WORK_DONE,
    Bead,
    Change,
    Comment,
    Draft,
    Edge,
    Group,
    Listing,
    Trouble,
)
from beadwork.beads.opening import find_workspace, open_tracker, opening_signal
from beadwork.beads.port import (
    BeadBlocked,
    BeadNotFound,
    BeadTaken,
    Tracker,
    TrackerError,
    TrackerGarbled,
    TrackerLocked,
    TrackerMissing,
    TrackerNoLock,
    TrackerReadOnly,
    TrackerTimeout,
    TrackerUnfit,
)

__all__ = [
    "WORK_DONE",
    "Bead",
    "BeadBlocked",
    "BeadNotFound",
    "BeadTaken",
    "Change",
    "Comment",
    "Draft",
    "Edge",
    "Group",
    "Index",
    "Listing",
    "Tracker",
    "TrackerError",
    "TrackerGarbled",
    "TrackerLocked",
    "TrackerMissing",
    "TrackerNoLock",
    "TrackerReadOnly",
    "TrackerTimeout",
    "TrackerUnfit",
    "Trouble",
    "find_workspace",
    "open_tracker",
    "opening_signal",
]
