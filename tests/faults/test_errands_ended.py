"""Kills and signals from outside, at the moments of gates, publish, land and close, and of publishing work.

Where a landing is killed while it merges or moves the base is in `test_landing_killed.py`, and what becomes
of gates alone in `tests/unit/test_gates_runs.py`.
"""

import signal

import pytest

from beadwork.executions import Intent, Reason, State, Verb
from beadwork.processes import descendants, send
from faults.errands import END, MAIN, MOMENTS, Moment, ask, held
from faults.ground import Ground

pytestmark = pytest.mark.fault

TOO_LATE = "close: recording"
"""What is asked of the tracker is seen through: nobody could say whether it was done."""
SEEN_THROUGH = frozenset({TOO_LATE, "land: recording"})
"""Where a run does not end before what it is at has ended."""


def at(*names: str) -> pytest.MarkDecorator:
    """Try a test at these moments."""
    return pytest.mark.parametrize("name", names)


async def came_to_nothing(ground: Ground, run: str, moment: Moment, state: State, reason: Reason) -> None:
    """Look at a run that was ended before it came to its end; what had landed by then, has."""
    if ground.get(run).results.get("land"):
        ground.may_change = (*ground.may_change, *MAIN)
        assert ground.made.repository.git("show", "main:new", "main:later") == "new\nlater"
    done = await ground.aftermath(run, state, reason, bead=moment.bead, told=moment.told)
    if moment.verb is Verb.WORK:
        assert ground.made.repository.git("show", "bead/demo-1:new.txt") == "new"
    assert not [path for path in ground.made.state.rglob("land+*") if path.suffix != ".lock"] or (
        done.reason is Reason.INTERRUPTED
    )


async def is_done(ground: Ground, run: str, moment: Moment) -> None:
    """Look at a run that came to its end."""
    if moment.verb is Verb.LAND:
        ground.may_change = (*ground.may_change, *MAIN)
    await ground.aftermath(run, *END[moment.verb], bead=moment.bead_after, told=moment.told_after)


@at(
    "gates: preparing",
    "publish: publishing",
    "land: gates",
    "close: preparing",
    "close: gates",
    "close: recording",
    "work: publishing",
)
async def test_the_worker_of_it_is_killed(ground: Ground, name: str) -> None:
    """It is interrupted, nothing of it runs on, and who asks for it again gets it."""
    moment = MOMENTS[name]
    run = await held(ground, moment)
    await ground.kill(ground.worker(run))
    await ground.ended(run)
    ground.let_go()
    await came_to_nothing(ground, run, moment, State.FAILED, Reason.INTERRUPTED)
    if moment.verb is not Verb.WORK:
        await is_done(ground, await ask(ground, moment.verb), moment)


@at("publish: publishing", "close: gates")
async def test_its_server_is_killed(ground: Ground, name: str) -> None:
    """It goes on without it to its ordinary end."""
    moment = MOMENTS[name]
    async with ground.made.editor() as editor:
        run = await held(ground, moment, editor=editor)
        editor.kill()
    ground.let_go()
    await is_done(ground, run, moment)


@at(
    "gates: gates",
    "publish: publishing",
    "land: preparing",
    "land: recording",
    "land: publishing",
    "close: preparing",
    "close: recording",
    "work: publishing",
)
async def test_everything_of_its_session_is_told_to_end(ground: Ground, name: str) -> None:
    """SIGTERM to the worker and all below it: interrupted, and said by the worker itself."""
    moment = MOMENTS[name]
    run = await held(ground, moment)
    worker = ground.worker(run)
    for each in (worker, *descendants(worker.pid)):
        send(each, signal.SIGTERM)
    if name in SEEN_THROUGH:
        ground.let_go()
    await ground.ended(run)
    ground.let_go()
    if name == TOO_LATE:
        await is_done(ground, run, moment)
        return
    await came_to_nothing(ground, run, moment, State.FAILED, Reason.INTERRUPTED)


@at(
    "gates: preparing",
    "publish: publishing",
    "land: recording",
    "land: publishing",
    "close: gates",
    "close: recording",
    "work: publishing",
)
async def test_it_is_cancelled(ground: Ground, name: str) -> None:
    """It ends at once; only moving the base and telling the tracker to close are seen through."""
    moment = MOMENTS[name]
    run = await held(ground, moment)
    await ground.application.cancel(run)
    if name in SEEN_THROUGH:
        ground.let_go()
    await ground.ended(run)
    ground.let_go()
    await ground.application.settle()
    if name == TOO_LATE:
        await is_done(ground, run, moment)
        return
    await came_to_nothing(ground, run, moment, State.CANCELLED, Reason.CANCELLED)


@at("gates: gates", "work: publishing")
async def test_its_wall_clock_is_over(ground: Ground, name: str) -> None:
    """Its worker's own clock ends it, with nobody watching."""
    moment = MOMENTS[name]
    run = await held(ground, moment, wall_clock=3.0)
    await ground.until(run, lambda now: now.intent is Intent.TIMEOUT)
    await ground.ended(run)
    ground.let_go()
    await came_to_nothing(ground, run, moment, State.TIMEOUT, Reason.TIMEOUT)
