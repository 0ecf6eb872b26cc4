"""Which checkouts and homes of agents are kept: all whose bead is open, or that have what is nowhere else.

Those that were only read have nothing of their own: they go when their bead is closed, or they are old.

What it leaves out: when (`retention.py`); looking into a checkout (`checkouts/keeping.py`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.checkouts import review_name
from beadwork.checkouts.files import discard
from beadwork.checkouts.keeping import Unsaved, unsaved
from beadwork.errors import BeadworkError
from beadwork.executions import BRANCH, CHANGES, UNFINISHED, Execution, Verb
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.keeping.retained_runs import DAY, EVERYTHING, Bead

_SHOWN = 3


@attrs.frozen
class Kept:
    """What is left when the checkouts have been seen to."""

    beads: frozenset[Bead]
    """Those that are open, may be, or have a checkout still: of these the newest run is kept."""
    said: tuple[str, ...]
    """What was removed, and what was kept and why."""


async def keep_checkouts(house: House, settings: Settings, now: float) -> Kept:
    """Remove the checkouts and homes of closed beads, but for those that hold what is nowhere else.

    What cannot be found out (a tracker that does not answer, a folder that is gone) is kept. Raises
    StoreError.
    """
    newest: dict[Bead, Execution] = {}
    reviews: dict[Bead, Execution] = {}
    for run in house.store.list(limit=EVERYTHING):
        newest.setdefault((run.order.project, run.order.bead), run)
        if run.order.verb is Verb.REVIEW:
            reviews.setdefault((run.order.project, run.order.bead), run)
    kept: set[Bead] = set()
    said: list[str] = []
    for project in dict.fromkeys(project for project, _ in newest):
        closed = await _closed_beads(house, Path(project))
        for bead in (bead for bead in newest if bead[0] == project):
            if closed is None:
                kept |= {bead} if await asyncio.to_thread(Path(project).is_dir) else set()
            elif not closed.get(bead[1], False) or not await _removed(house, bead, settings, now, said):
                kept.add(bead)
        for bead, run in reviews.items():
            if bead[0] == project and closed is not None:
                over = closed.get(bead[1], False) or _is_old(run.ended_at or now, settings, now)
                said += [words] if over and (words := await _review_removed(house, bead)) else []
    return Kept(frozenset(kept), tuple(said))


async def _closed_beads(house: House, project: Path) -> Mapping[str, bool] | None:
    """Say of each bead of a project whether it is closed; None when that cannot be found out."""
    try:
        tracker = await house.open_tracker(project)
        listing = await tracker.list()
    except (BeadworkError, OSError):
        return None
    return {bead.id: bead.closed for bead in listing.beads}


async def _removed(house: House, bead: Bead, settings: Settings, now: float, said: list[str]) -> bool:
    """Remove what a closed bead has; False when it keeps it, and why is in `said`."""
    project, name = Path(bead[0]), bead[1]
    try:
        if _worked_on(house, bead):
            return False
        there = await unsaved(house.state, project, name)
        if there is not None and (why := _worth_keeping(there, settings, now)):
            said.append(f"The checkout of {name}, which is closed, was kept: {why}")
            return False
        if _worked_on(house, bead):  # since we looked
            return False
        await house.checkouts.remove(project, name)
        await discard(house.state.agent_home_of(project, name))
    except (BeadworkError, OSError) as error:
        said.append(f"The checkout of {name}, which is closed, was kept: {error}")
        return False
    if there is not None:
        said.append(f"Removed the checkout of {name}, which is closed.")
    return True


async def _review_removed(house: House, bead: Bead) -> str:
    """Remove the checkout in which the work on a bead, or what stands for it, was read; say so."""
    project, name = Path(bead[0]), bead[1]
    if _worked_on(house, bead) or not house.checkouts.review_path(project, name).exists():
        return ""
    try:
        await house.checkouts.remove(project, review_name(name))
        if name in {BRANCH, CHANGES}:
            await discard(house.state.agent_home_of(project, name))
    except (BeadworkError, OSError) as error:
        return f"The checkout for reviews of {name} was kept: {error}"
    return f"Removed the checkout for reviews of {name}."


def _is_old(moment: float, settings: Settings, now: float) -> bool:
    return bool(settings.keep_days) and now - moment > settings.keep_days * DAY


def _worked_on(house: House, bead: Bead) -> bool:
    return bool(house.store.list(project=bead[0], bead=bead[1], states=UNFINISHED, limit=1))


def _worth_keeping(there: Unsaved, settings: Settings, now: float) -> str:
    """Say what would be lost with a checkout; nothing when it may go."""
    if there.commits:
        return f"it has commits that are not in your repository: {_some([c[:10] for c in there.commits])}."
    if there.leftovers and not _is_old(there.changed_at, settings, now):
        return f"it has changes that are not committed: {_some(there.leftovers)}."
    return ""


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(name.encode("utf-8", "replace").decode("utf-8") for name in names[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
