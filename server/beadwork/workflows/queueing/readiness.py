"""Which beads a walk takes, in which order, and what the others wait for. Pure.

What it leaves out: walks themselves (`walking.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from beadwork.beads import Bead, Group, Index

_WAITING: Mapping[Group, str] = {
    Group.RUNNING: "being worked on by other runs",
    Group.NEEDS_YOU: "waiting for you",
    Group.BLOCKED: "blocked",
    Group.IN_PROGRESS: "in progress",
    Group.DONE: "done and to be reviewed",
    Group.OPEN: "put off, or not for agents",
    Group.READY: "ready, but worked on already",
}


def beads_to_take(index: Index, taken: Collection[str]) -> Sequence[Bead]:
    """Give the ready beads that were not taken: urgent ones first, then what unblocks most, then the oldest.

    `index` knows the newest runs: a bead that somebody works on, or that needs a person, is not taken.
    """
    found = [bead for bead in index.groups()[Group.READY] if bead.id not in taken]
    behind = _behind(index)
    return sorted(found, key=lambda bead: (bead.priority, -_unblocked(bead.id, behind)))


def what_waits(index: Index) -> str:
    """Say how many of the open beads wait for what, such as `2 blocked, 1 in progress`; empty for none."""
    groups = index.groups()
    return ", ".join(f"{len(groups[group])} {words}" for group, words in _WAITING.items() if groups[group])


def _behind(index: Index) -> Mapping[str, Sequence[str]]:
    """Give, for each bead that is in the way of others, those others."""
    behind: dict[str, list[str]] = defaultdict(list)
    for blocked in index.blocked:
        for blocker in index.blockers(blocked):
            behind[blocker].append(blocked)
    return behind


def _unblocked(bead: str, behind: Mapping[str, Sequence[str]]) -> int:
    """Count what waits for `bead`, at whatever distance."""
    seen: set[str] = set()
    ahead = [bead]
    while ahead:
        for other in behind.get(ahead.pop(), ()):
            if other not in seen:
                seen.add(other)
                ahead.append(other)
    return len(seen)
