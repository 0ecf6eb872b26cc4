"""The room of beads: what they are, and the trackers that keep them. This is its door."""

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
from beadwork.beads.port import (
    BeadBlocked,
    BeadNotFound,
    BeadTaken,
    Tracker,
    TrackerError,
    TrackerGarbled,
    TrackerLocked,
    TrackerMissing,
    TrackerReadOnly,
    TrackerTimeout,
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
    "Listing",
    "Tracker",
    "TrackerError",
    "TrackerGarbled",
    "TrackerLocked",
    "TrackerMissing",
    "TrackerReadOnly",
    "TrackerTimeout",
    "Trouble",
]
