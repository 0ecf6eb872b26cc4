"""A worker: the process that sees one execution through, with no editor and no server around it.

It claims the oldest queued execution, does it, starts the next worker, and ends.
"""

import asyncio

import attrs

from beadwork.agents import secrets_of
from beadwork.executions import (
    Assignment,
    Conclusion,
    Execution,
    Verb,
    serve_one,
    start_workers,
)
from beadwork.settings import Layer
from beadwork.state_folder import StateFolder
from beadwork.workflows.house import House, furnish
from beadwork.workflows.verdict import conclusion_of
from beadwork.workflows.work import work


def worker_main() -> None:
    """Serve one queued execution, if a slot is free, in this process."""
    asyncio.run(_serve(StateFolder.of_user()))


async def _serve(state: StateFolder) -> None:
    house = furnish(state)
    queue = house.queue()

    async def job(assignment: Assignment) -> Conclusion:
        return await _do(_with_editor(house, assignment.run), assignment)

    await serve_one(
        house.store,
        state,
        queue,
        job,
        deadline=lambda run: _deadline(house, run),
        conclude=conclusion_of,
        secrets=secrets_of(house.environment),
    )
    start_workers(house.store, queue, house.worker_argv, state)
    house.store.close()


def _with_editor(house: House, run: Execution) -> House:
    """Give the house with the settings of the editor that asked for `run`."""
    values = run.order.settings
    return attrs.evolve(house, editor=Layer("editor settings", values, trusted=True)) if values else house


async def _do(house: House, assignment: Assignment) -> Conclusion:
    match assignment.run.order.verb:
        case Verb.WORK:
            return await work(assignment, await house.bench_for(assignment.run.order))


def _deadline(house: House, run: Execution) -> float:
    settings = _with_editor(house, run).settings_for(run.order.workspace).settings
    return run.order.deadline or settings.wall_clock
