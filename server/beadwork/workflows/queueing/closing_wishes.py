"""Beads that are to be closed by themselves after verified work (`work.when_done`): ordered once, and told.

The run of work has the wish in its results (`whenDone`), and what became of it is noted there; so whoever
comes by goes on with it. What it leaves out: closing, and what stands in its way (`closing/`).
"""

from collections.abc import Mapping, Sequence

from beadwork.beads import BeadNotFound
from beadwork.errors import BeadworkError
from beadwork.executions import UNFINISHED, Execution, ExecutionNotFound, State, Verb
from beadwork.workflows.closing.ordering_close import order_close
from beadwork.workflows.house import House
from beadwork.workflows.locking import alone
from beadwork.workflows.requests import CloseRequest
from beadwork.workflows.views import RefusalCode
from beadwork.workflows.workspace import Workspaces

RECENT = 100
"""How many of the newest completed runs are looked at."""
_PATIENCE = 30.0
"""Seconds that another process, which does the same, is waited for."""


async def close_where_wished(house: House, workspaces: Workspaces | None = None) -> Sequence[str]:
    """Order the closing of beads whose verified work wants that, and tell a bead why it was not closed.

    Gives sentences about what went wrong, which is tried again. While there is no wish no process is started.
    Without `workspaces` the beads are read anew. Raises StoreError.
    """
    said: list[str] = []
    if not _wishing(house):
        return said
    async with alone(house.state, "closing-wishes", _PATIENCE) as mine:
        for run in _wishing(house) if mine else ():
            asked = house if house.editor else house.as_asked(run.order.settings)
            try:
                await _take_further(asked, workspaces or Workspaces(asked.open_tracker), run)
            except BeadNotFound:
                _settle(house, run)
            except (BeadworkError, OSError) as error:
                said.append(f"{run.order.bead} is to be closed, but not yet: {error}")
    return said


def _wishing(house: House) -> Sequence[Execution]:
    """Give the completed runs whose bead is to be closed, and that is not settled."""
    completed = house.store.list(states=frozenset({State.COMPLETED}), limit=RECENT)
    return [run for run in completed if run.told and "wish" in _noted(run) and "settled" not in _noted(run)]


def _noted(run: Execution) -> Mapping[str, object]:
    found = run.results.get("whenDone")
    return found if isinstance(found, Mapping) else {}


async def _take_further(house: House, workspaces: Workspaces, run: Execution) -> None:
    """Order the closing, or look what became of it. Raises BeadworkError."""
    later = _later(house, run)
    closing = _ordered(house, run) or next((each for each in later if each.order.verb is Verb.CLOSE), None)
    if closing is not None:
        await _look_at(house, run, closing)
        return
    if any(each.order.verb is Verb.WORK for each in later):
        _settle(house, run)  # what becomes of the bead is for the later work to say
        return
    project = run.order.workspace
    if house.store.list(project=run.order.project, bead=run.order.bead, states=UNFINISHED, limit=1):
        return  # until that has ended
    answer = await order_close(house, workspaces, project, CloseRequest(run.order.bead))
    if isinstance(answer, Execution):
        house.store.mark_given(run.id, whenDone={**_noted(run), "run": answer.id})
        return
    if answer.code is RefusalCode.ALREADY_ACTIVE:
        return
    if answer.code is not RefusalCode.CLOSED:
        await _tell(house, run, answer.message)
    _settle(house, run)


def _later(house: House, run: Execution) -> Sequence[Execution]:
    """Give the runs of the bead that were asked for since, the newest first."""
    since = run.ended_at or run.queued_at
    runs = house.store.list(project=run.order.project, bead=run.order.bead)
    return [each for each in runs if each.id != run.id and each.queued_at >= since]


def _ordered(house: House, run: Execution) -> Execution | None:
    """Give the closing that was ordered for this wish, if one was, and is still known."""
    name = _noted(run).get("run")
    try:
        return house.store.get(name) if isinstance(name, str) else None
    except ExecutionNotFound:
        return None


async def _look_at(house: House, run: Execution, closing: Execution) -> None:
    """Settle the wish when its closing has ended; what stood in its way is told to the bead."""
    if closing.state in UNFINISHED:
        return
    if closing.state not in {State.COMPLETED, State.CANCELLED}:
        await _tell(house, run, closing.summary)
    _settle(house, run)


async def _tell(house: House, run: Execution, why: str) -> None:
    """Comment on the bead that it was not closed by itself, unless it says so already."""
    bead = run.order.bead
    heading = f"Not closed by itself after the work was done (run {run.id[:8]})."
    tracker = await house.open_tracker(run.order.workspace)
    if not any(each.text.startswith(heading) for each in await tracker.comments(bead)):
        actor = await house.actor(run.order.workspace)
        await tracker.comment(bead, f"{heading}\n\n{why}\n\n`beadwork close {bead}` tries again.", actor)


def _settle(house: House, run: Execution) -> None:
    house.store.mark_given(run.id, whenDone={**_noted(run), "settled": True})
