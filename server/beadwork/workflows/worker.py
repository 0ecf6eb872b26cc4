"""A worker: the process that sees one execution through, with no editor and no server around it.

It claims the next queued execution, does it, starts the next worker, tells people, and ends; the last one
stays while queued executions wait for their time.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence

from beadwork.agents import secrets_of
from beadwork.beads import TrackerError
from beadwork.executions import (
    Assignment,
    Conclusion,
    Execution,
    Verb,
    serve_one,
)
from beadwork.notify import secret_parts
from beadwork.settings import SettingsError
from beadwork.state_folder import StateFolder
from beadwork.workflows.closing.close import close
from beadwork.workflows.gating.check_gates import check_gates
from beadwork.workflows.house import House, furnish
from beadwork.workflows.kit import Kit, kit_for
from beadwork.workflows.landing.land import land
from beadwork.workflows.publishing.publish import publish
from beadwork.workflows.queueing.afterwards import afterwards
from beadwork.workflows.queueing.answered import go_on_if_answered
from beadwork.workflows.queueing.due import wait_until_due
from beadwork.workflows.queueing.starting import start_queued
from beadwork.workflows.reviews import review
from beadwork.workflows.working.going_on import words_in_inbox
from beadwork.workflows.working.journal import log_error
from beadwork.workflows.working.trying_again import conclusion_before_work
from beadwork.workflows.working.verdict import conclusion_of
from beadwork.workflows.working.work import work

logger = logging.getLogger(__name__)


def worker_main() -> None:
    """Serve one queued execution, if a slot is free, in this process."""
    asyncio.run(_serve(StateFolder.of_user()))


async def _serve(state: StateFolder) -> None:
    house = furnish(state)
    if house.said:
        logger.warning("%s", house.said)
    try:
        run = await _serve_one(house)
        if run is not None:
            go_on_if_answered(house, run)
        with contextlib.suppress(SettingsError):  # no worker could begin with them; who asks next is told
            await start_queued(house)
        if run is not None:
            await afterwards(house, run)
        await wait_until_due(house)
    finally:
        house.close()


async def _serve_one(house: House) -> Execution | None:
    async def job(assignment: Assignment) -> Conclusion:
        return await _do(house.as_asked(assignment.run.order.settings), assignment)

    secrets = (*secrets_of(house.environment), *secret_parts(house.user_settings().notify))
    return await serve_one(
        house.store,
        house.state,
        house.queue(),
        job,
        deadline=lambda run: _deadline(house, run),
        conclude=conclusion_of,
        secrets=lambda run: (*secrets, *secret_parts(_addresses_of(run))),
    )


def _addresses_of(run: Execution) -> Sequence[str]:
    """Give the addresses for notifications that are the editor's own, whatever else it has there."""
    found = run.order.settings.get("notify")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list | tuple) else []


async def _do(house: House, assignment: Assignment) -> Conclusion:
    order = assignment.run.order
    match order.verb:
        case Verb.WORK | Verb.REVIEW:
            return await _do_by_agent(house, assignment)
        case Verb.GATES:
            return await check_gates(assignment, await kit_for(house, order))
        case Verb.PUBLISH:
            return await publish(assignment, await kit_for(house, order))
        case Verb.LAND:
            return await land(assignment, await kit_for(house, order))
        case Verb.CLOSE:
            return await close(assignment, await kit_for(house, order))


async def _do_by_agent(house: House, assignment: Assignment) -> Conclusion:
    run = assignment.run
    settings = house.settings_for(run.order.workspace).settings
    try:
        bench = await house.bench_for(run.order)
    except TrackerError as error:
        log_error(assignment.log, error)
        unheard = await words_in_inbox(assignment, house.state)
        last = house.store.walks.has_ended(run.order.walk)
        return conclusion_before_work(run, error, settings, unheard=unheard, last=last, now=time.time())
    if run.order.verb is Verb.REVIEW:
        return await review(assignment, bench, house.findings)
    kit = Kit(house, bench.settings, bench.tracker, bench.actor, bench.desk)
    return await work(assignment, bench, kit)


def _deadline(house: House, run: Execution) -> float:
    settings = house.as_asked(run.order.settings).settings_for(run.order.workspace).settings
    return run.order.deadline or settings.wall_clock
