"""What is in the way of which bead, and what is ready, by the rules of bd 1.2.2.

A bead is blocked by an edge `blocks` or `conditional-blocks` to a bead that is there and neither closed nor
pinned, by a `waits-for` edge whose children are not done, or by a parent that is blocked. Ready is what
`bd ready` gives. What it leaves out: groups and runs (`index.py`).
"""

import time
from collections import defaultdict
from collections.abc import Mapping

from beadwork.beads.model import Bead
from beadwork.beads.record import instant

BLOCKS = frozenset({"blocks", "conditional-blocks"})
PARENT = "parent-child"
WAITS = "waits-for"
ORDERING = BLOCKS | {PARENT, WAITS}
"""Kinds of edges that may not form a circle."""

MACHINERY = frozenset({"agent", "role", "message", "rig", "molecule", "gate", "merge-request"})
"""Types that orchestrators keep for themselves; bd never calls them ready."""


def blockers_of(beads: Mapping[str, Bead]) -> Mapping[str, tuple[str, ...]]:
    """Give what is in the way of each blocked bead; a bead that is not blocked is absent.

    Those in the way itself come first; where only a parent is blocked, it is the parent, as bd says it.
    """
    children: dict[str, list[str]] = defaultdict(list)
    for bead in beads.values():
        for edge in bead.edges:
            if edge.kind == PARENT:
                children[edge.on].append(bead.id)
    blocked: dict[str, tuple[str, ...]] = {}
    for bead in beads.values():
        if _active(bead) and (own := _own_blockers(bead, beads, children)):
            blocked[bead.id] = own
    _inherit(blocked, beads, children)
    return blocked


def is_ready(bead: Bead, beads: Mapping[str, Bead], now: float | None = None) -> bool:
    """Say whether bd would list `bead` as ready, blockers apart: open, a task of people, not put off."""
    if bead.status != "open" or bead.ephemeral or bead.type in MACHINERY or bead.extra.get("pinned") is True:
        return False
    moment = time.time() if now is None else now
    if _put_off(bead, moment):
        return False
    parents = (beads.get(edge.on) for edge in bead.edges if edge.kind == PARENT)
    return not any(parent is not None and _put_off(parent, moment) for parent in parents)


def leads_to(beads: Mapping[str, Bead], start: str, goal: str) -> bool:
    """Say whether edges that order work lead from one bead to another, over any number of others."""
    seen, waiting = {start}, [start]
    while waiting:
        bead = beads.get(waiting.pop())
        for edge in bead.edges if bead else ():
            if edge.kind in ORDERING and edge.on not in seen:
                seen.add(edge.on)
                waiting.append(edge.on)
    return goal in seen


def _active(bead: Bead) -> bool:
    return not bead.closed and bead.status != "pinned"


def _own_blockers(
    bead: Bead, beads: Mapping[str, Bead], children: Mapping[str, list[str]]
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for edge in bead.edges:
        if edge.kind in BLOCKS and (on := beads.get(edge.on)) is not None and _active(on):
            found[edge.on] = None
        elif edge.kind == WAITS:
            theirs = [beads[child] for child in children.get(edge.on, ())]
            enough = edge.gate == "any-children" and any(child.closed for child in theirs)
            if not enough:
                found.update(dict.fromkeys(child.id for child in theirs if _active(child)))
    return tuple(found)


def _inherit(
    blocked: dict[str, tuple[str, ...]], beads: Mapping[str, Bead], children: Mapping[str, list[str]]
) -> None:
    """Hand being blocked down from parents to children, to any depth; cycles end by themselves."""
    reached = set(blocked)
    waiting = list(blocked)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in reached and _active(beads[child]):
                reached.add(child)
                waiting.append(child)
    for bead in reached.difference(blocked):
        parents = (edge.on for edge in beads[bead].edges if edge.kind == PARENT and edge.on in reached)
        blocked[bead] = tuple(dict.fromkeys(parents))


def _put_off(bead: Bead, now: float) -> bool:
    until = bead.extra.get("defer_until")
    return isinstance(until, str) and instant(until) > now
