"""Finds out how it stands with a bead that is to be closed: its beads, its branch, its review.

What it leaves out: what of it stands in the way (`obstacles.py`), and running gates.
"""

from pathlib import Path

import attrs

from beadwork.beads import Bead, Index
from beadwork.checkouts import Branch, NoCommit, NoRepository, branch_in, refs_with, remotes_of
from beadwork.errors import BeadworkError
from beadwork.executions import Execution, State, Verb
from beadwork.findings import KeptFinding, ReviewRecord
from beadwork.settings import Settings
from beadwork.workflows.closing.obstacles import Facts, Kept
from beadwork.workflows.house import House
from beadwork.workflows.landing.landed import landed_head
from beadwork.workflows.publishing.standing import is_published, place_of
from beadwork.workflows.settling import is_open
from beadwork.workflows.views import Refused

_PARENT = "parent-child"


async def facts_of(
    house: House,
    project: Path,
    bead: Bead,
    index: Index,
    settings: Settings,
    *,
    ask: bool,
    before: Facts | None = None,
) -> Facts:
    """Give what is known of `bead`, its gates apart; with `ask`, the remote is asked as well.

    Without it, a branch counts as published when this repository knows of it. What the remote said `before`
    of the same commit is not asked again. Raises BeadworkError.
    """
    branch = await branch_of_bead(project, bead.id, settings)
    facts = Facts(
        bead=bead,
        blockers=_blockers(bead, index),
        children=tuple(child for child in index.children(bead.id) if _is_open(index, child)),
        branch=branch,
        review_wanted=settings.close_require_review,
        findings=_open_findings(house, project, bead.id, index),
    )
    review = newest_review(house, project, bead.id)
    facts = attrs.evolve(facts, reviewed=review.head if review else "")
    if branch is None:
        return facts
    if await has_landed(house, project, bead.id, branch):
        return attrs.evolve(facts, kept=Kept.BASE)
    if before is not None and before.kept is not Kept.BASE and before.branch == branch:
        return attrs.evolve(facts, kept=before.kept, remote=before.remote, trouble=before.trouble)
    return await _with_place(house, project, settings, facts, branch, ask=ask)


async def branch_of_bead(project: Path, bead: str, settings: Settings) -> Branch | None:
    """Give the bead's branch; None where there is none, nor a repository. Raises CheckoutError."""
    try:
        return await branch_in(project, bead, base=settings.base)
    except (NoRepository, NoCommit):
        return None


async def has_landed(house: House, project: Path, bead: str, branch: Branch) -> bool:
    """Whether the base has the branch: commit by commit, also only here, or as our own landing of it says."""
    if branch.landed or landed_head(house, str(project), bead) == branch.head:
        return True
    return f"refs/heads/{branch.base_name}" in await refs_with(project, branch.head)


def newest_review(house: House, project: Path, bead: str) -> ReviewRecord | None:
    """Give the newest review of a bead's branch. Raises StoreError."""
    return next(iter(house.findings.newest(str(project), bead)), None)


def newest_run(house: House, project: Path, bead: str, verb: Verb, head: str = "") -> Execution | None:
    """Give the newest completed run of a verb on a bead; with `head`, on that commit. Raises StoreError."""
    completed = house.store.list(project=str(project), bead=bead, states=frozenset({State.COMPLETED}))
    fitting = (run for run in completed if run.order.verb is verb and head in {"", run.head})
    return next(fitting, None)


def _blockers(bead: Bead, index: Index) -> tuple[str, ...]:
    """Give what blocks it itself: one that only its parent's blockers hold up may be closed, as in bd."""
    parents = {edge.on for edge in bead.edges if edge.kind == _PARENT}
    return tuple(name for name in index.blockers(bead.id) if name not in parents)


def _is_open(index: Index, bead: str) -> bool:
    found = index.get(bead)
    return found is not None and not found.closed


def _open_findings(house: House, project: Path, bead: str, index: Index) -> tuple[KeptFinding, ...]:
    beads = {each.id: each for each in index.beads}
    at = {review.run: review.at for review in house.findings.newest(str(project), bead)}
    found = house.findings.current(str(project), bead)
    return tuple(each for each in found if is_open(each, beads, at.get(each.run, 0.0)))


async def _with_place(
    house: House, project: Path, settings: Settings, facts: Facts, branch: Branch, *, ask: bool
) -> Facts:
    """Add whether the commits of the branch are at the remote."""
    place = await place_of(house, settings, project, facts.bead.id)
    if isinstance(place, Refused):
        some = await remotes_of(project)
        kept = Kept.UNKNOWN if some else Kept.NO_REMOTE
        return attrs.evolve(facts, kept=kept, remote=" or ".join(some), trouble=place.message)
    facts = attrs.evolve(facts, remote=place.remote)
    if not ask:
        holding = await refs_with(project, branch.head)
        known = any(ref.startswith(f"refs/remotes/{place.remote}/") for ref in holding)
        told = newest_run(house, project, facts.bead.id, Verb.PUBLISH, branch.head)
        return attrs.evolve(facts, kept=Kept.REMOTE if known or told else Kept.NOWHERE)
    try:
        there = await is_published(house, project, facts.bead.id, branch.head)
    except BeadworkError as error:
        return attrs.evolve(facts, kept=Kept.UNKNOWN, trouble=error.message)
    return attrs.evolve(facts, kept=Kept.REMOTE if there else Kept.NOWHERE)
