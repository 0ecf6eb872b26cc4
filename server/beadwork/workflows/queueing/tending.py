"""Tending: what whoever comes by does for all runs, so that no daemon has to.

Lost workers are recovered, beads told, and closed where that is wished, walks taken further, what was blocked
or is answered queued again, and what is queued is started. What it leaves out: how each of that is done.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from beadwork.executions import Execution, mend_store, recover
from beadwork.findings import mend_findings
from beadwork.settings import SettingsError
from beadwork.storage import StoreDamaged, is_known_damaged
from beadwork.workflows.house import House
from beadwork.workflows.keeping.retention import keep_house
from beadwork.workflows.people.notifying import tell_people_of_the_lost
from beadwork.workflows.queueing.answered import go_on_with_answered
from beadwork.workflows.queueing.closing_wishes import close_where_wished
from beadwork.workflows.queueing.starting import start_queued
from beadwork.workflows.queueing.stopping import Stopping
from beadwork.workflows.queueing.unblocking import requeue_unblocked
from beadwork.workflows.queueing.walking import advance
from beadwork.workflows.telling.untold import tell_the_untold
from beadwork.workflows.workspace import Workspaces


async def tend(house: House, workspaces: Workspaces, stopping: Stopping) -> Sequence[str]:
    """Look after all runs; give sentences about what went wrong, or changed while nobody looked.

    A store that was found damaged since it was opened is made anew first. Raises StoreError.
    """
    said = await _mended(house)
    try:
        return [*said, *await _tended(house, workspaces, stopping)]
    except StoreDamaged:
        return [*said, *await _mended(house), *await _tended(house, workspaces, stopping)]


async def _mended(house: House) -> Sequence[str]:
    said = []
    if await asyncio.to_thread(is_known_damaged, house.state.database):
        said.append(await asyncio.to_thread(mend_store, house.state))
    if await asyncio.to_thread(is_known_damaged, house.state.findings):
        said.append(await asyncio.to_thread(mend_findings, house.state.findings))
    return [sentence for sentence in said if sentence]


async def _tended(house: House, workspaces: Workspaces, stopping: Stopping) -> Sequence[str]:
    await stopping.press_the_deaf()
    return [*await look_after(house, workspaces), *await keep_house(house)]


async def look_after(house: House, workspaces: Workspaces | None = None) -> Sequence[str]:
    """Recover what was lost, tell beads and people, queue and start what is possible; give what went wrong.

    That much a worker does as well when its run has ended: nobody else may come by for hours, and a slot that
    a killed worker had is free again. Without `workspaces` the beads are read anew. Raises StoreError.
    """
    said = [_lost(run) for run in await recover(house.store, house.state)]
    tell_people_of_the_lost(house)
    said += await tell_the_untold(house)
    said += await close_where_wished(house, workspaces)
    said += await go_on(house, workspaces)
    go_on_with_answered(house)
    try:
        await start_queued(house)
    except SettingsError as error:  # who comes by may want to look at a run, or to end one
        said.append(f"Nothing that is queued can begin: {error.message}")
    return said


async def go_on(
    house: House, workspaces: Workspaces | None = None, project: Path | None = None
) -> Sequence[str]:
    """Queue what became possible, where a walk or a setting wants that; give what went wrong.

    Without `workspaces` the beads are read anew, with `project` those of no other. Raises StoreError.
    """
    said = list(await advance(house, workspaces, project))
    said += await requeue_unblocked(house, workspaces, project)
    return said


def _lost(run: Execution) -> str:
    return f"{run.order.bead}: {run.summary} Its log is kept: `beadwork log {run.id[:8]}`."
