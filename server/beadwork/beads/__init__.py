"""The room of beads: what they are, and the trackers that keep them. This is its door."""

from beadwork.beads.bd_presence import bd_version
from beadwork.beads.bd_version import BdVersion
from beadwork.beads.bead_ids import prefix_of
from beadwork.beads.beginning import begin_bd, begin_embedded
from beadwork.beads.blocking import MACHINERY, ORDERING, PARENT, leads_to
from beadwork.beads.index import Index
from beadwork.beads.model import (
    STATUSES,
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
    "MACHINERY",
    "ORDERING",
    "PARENT",
    "STATUSES",
    "WORK_DONE",
    "BdVersion",
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
    "bd_version",
    "begin_bd",
    "begin_embedded",
    "find_workspace",
    "leads_to",
    "open_tracker",
    "opening_signal",
    "prefix_of",
]
