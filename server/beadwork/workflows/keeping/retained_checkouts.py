"""Which checkouts and homes of agents are kept: all whose bead is open, or that have what is nowhere else.

Those that were only read, or that gates ran in, have nothing of their own: they go when their bead is closed,
or when they are old.

What it leaves out: when (`retention.py`); looking into a checkout (`checkouts/keeping.py`).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.checkouts import gates_name, review_name
from beadwork.checkouts.files import discard
from beadwork.checkouts.keeping import Unsaved, unsaved
from beadwork.errors import BeadworkError
from beadwork.executions import BRANCH, CHANGES, UNFINISHED, Execution, Verb
from beadwork.settings import Settings
from beadwork.workflows.house import House
from beadwork.workflows.keeping.retained_runs import DAY, EVERYTHING, Bead

_SHOWN = 3
_OF_OTHERS: Mapping[str, Callable[[str], str]] = {"reviews": review_name, "gates": gates_name}
"""What the further checkouts of a bead are for, and how they are called."""


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
    used: dict[Bead, Execution] = {}
    for run in house.store.list(limit=EVERYTHING):
        newest.setdefault((run.order.project, run.order.bead), run)
        if run.order.verb is not Verb.PUBLISH:  # which makes no checkout
            used.setdefault((run.order.project, run.order.bead), run)
    kept: set[Bead] = set()
    said: list[str] = []
    for project in dict.fromkeys(project for project, _ in newest):
        closed = await _closed_beads(house, Path(project))
        for bead in (bead for bead in newest if bead[0] == project):
            if closed is None:
                kept |= {bead} if await asyncio.to_thread(Path(project).is_dir) else set()
            elif not closed.get(bead[1], False) or not await _removed(house, bead, settings, now, said):
                kept.add(bead)
        for bead, run in used.items():
            if bead[0] == project and closed is not None:
                over = closed.get(bead[1], False) or _is_old(run.ended_at or now, settings, now)
                said += await _others_removed(house, bead) if over else []
    return Kept(frozenset(kept), tuple(said))


async def remove_checkouts(house: House, bead: Bead, settings: Settings, now: float) -> Sequence[str]:
    """Remove the checkouts and the home of a bead that was just closed, for the run that closed it.

    Gives what was removed, and what was kept and why. Raises StoreError.
    """
    said: list[str] = []
    await _removed(house, bead, settings, now, said, runs=1)
    return [*said, *await _others_removed(house, bead, runs=1)]


async def _closed_beads(house: House, project: Path) -> Mapping[str, bool] | None:
    """Say of each bead of a project whether it is closed; None when that cannot be found out."""
    try:
        tracker = await house.open_tracker(project)
        listing = await tracker.list()
    except (BeadworkError, OSError):
        return None
    return {bead.id: bead.closed for bead in listing.beads}


async def _removed(
    house: House, bead: Bead, settings: Settings, now: float, said: list[str], *, runs: int = 0
) -> bool:
    """Remove what a closed bead has; False when it keeps it, and why is in `said`.

    As many unfinished `runs` of it are no reason to keep it.
    """
    project, name = Path(bead[0]), bead[1]
    try:
        if _worked_on(house, bead, runs):
            return False
        there = await unsaved(house.state, project, name)
        if there is not None and (why := _worth_keeping(there, settings, now)):
            said.append(f"The checkout of {name}, which is closed, was kept: {why}")
            return False
        if _worked_on(house, bead, runs):  # since we looked
            return False
        await house.checkouts.remove(project, name)
        await discard(house.state.agent_home_of(project, name))
    except (BeadworkError, OSError) as error:
        said.append(f"The checkout of {name}, which is closed, was kept: {error}")
        return False
    if there is not None:
        said.append(f"Removed the checkout of {name}, which is closed.")
    return True


async def _others_removed(house: House, bead: Bead, *, runs: int = 0) -> Sequence[str]:
    """Remove the checkouts in which the work on a bead, or what stands for it, was read or tried; say so."""
    found = [await _other_removed(house, bead, use, runs) for use in _OF_OTHERS]
    return [words for words in found if words]


async def _other_removed(house: House, bead: Bead, use: str, runs: int) -> str:
    project, name = Path(bead[0]), bead[1]
    other = _OF_OTHERS[use](name)
    there = house.state.checkout_of(project, other).exists()
    # Gates in the user's own tree have a home, and no checkout.
    if _worked_on(house, bead, runs) or not (there or house.state.agent_home_of(project, other).exists()):
        return ""
    try:
        await house.checkouts.remove(project, other)
        await discard(house.state.agent_home_of(project, other))
        if name in {BRANCH, CHANGES}:
            await discard(house.state.agent_home_of(project, name))
    except (BeadworkError, OSError) as error:
        return f"The checkout for {use} of {name} was kept: {error}"
    return f"Removed the checkout for {use} of {name}." if there else ""


def _is_old(moment: float, settings: Settings, now: float) -> bool:
    return bool(settings.keep_days) and now - moment > settings.keep_days * DAY


def _worked_on(house: House, bead: Bead, runs: int = 0) -> bool:
    unfinished = house.store.list(project=bead[0], bead=bead[1], states=UNFINISHED, limit=runs + 1)
    return len(unfinished) > runs


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
