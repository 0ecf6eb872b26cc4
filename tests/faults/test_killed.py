"""Kills and signals from outside, at every phase of a run.

Only in the phase of the agent is there an agent to be killed; what becomes of a run whose agent is killed
is in `test_bad_agents.py`.
"""

import signal

import pytest

from beadwork.executions import Intent, Phase, Reason, State
from beadwork.processes import descendants, send
from faults.ground import CLAIMED, DONE, OPEN, Ground

pytestmark = pytest.mark.fault

AT_EVERY_PHASE = pytest.mark.parametrize(
    "phase", [Phase.PREPARING, Phase.AGENT, Phase.VERIFYING, Phase.GATES, Phase.RECORDING]
)
BEAD_AFTER = {
    Phase.PREPARING: OPEN,
    Phase.AGENT: OPEN,
    Phase.VERIFYING: CLAIMED,
    Phase.GATES: CLAIMED,
    Phase.RECORDING: CLAIMED,
}
"""Where the agent had committed, the bead stays claimed: the commits are on its branch."""
AGENT_IS_DONE = frozenset({Phase.VERIFYING, Phase.RECORDING})
"""Where what the agent has done counts, whoever ends the run; while gates run nobody knows if it does."""


async def _is_interrupted(ground: Ground, run: str, phase: Phase) -> None:
    """Nobody meant it; commits are brought back by whoever comes next."""
    done = await ground.aftermath(run, State.FAILED, Reason.INTERRUPTED, bead=BEAD_AFTER[phase])
    assert done.intent is None
    if BEAD_AFTER[phase] is CLAIMED:
        assert ground.made.repository.git("show", "bead/demo-1:new.txt") == "new"


@AT_EVERY_PHASE
async def test_the_worker_is_killed(ground: Ground, phase: Phase) -> None:
    """The run is interrupted, its bead given back, and nothing of it runs on."""
    run = await ground.held(phase)
    await ground.kill(ground.worker(run))
    ground.let_go()
    await _is_interrupted(ground, run, phase)


@AT_EVERY_PHASE
async def test_the_server_is_killed(ground: Ground, phase: Phase) -> None:
    """The run goes on without it to its ordinary end, and its bead is told by the worker."""
    async with ground.made.editor() as editor:
        run = await ground.held(phase, editor=editor)
        editor.kill()
    ground.let_go()
    done = await ground.ended(run)
    assert done.told
    await ground.aftermath(run, State.COMPLETED, Reason.VERIFIED, bead=DONE)


@AT_EVERY_PHASE
async def test_worker_and_server_are_killed_at_once(ground: Ground, phase: Phase) -> None:
    """Whoever comes next finds the run and ends it."""
    async with ground.made.editor() as editor:
        run = await ground.held(phase, editor=editor)
        editor.kill()
        await ground.kill(ground.worker(run))
    ground.let_go()
    await _is_interrupted(ground, run, phase)


@AT_EVERY_PHASE
async def test_everything_of_the_session_is_told_to_end(ground: Ground, phase: Phase) -> None:
    """SIGTERM to the worker and all below it, as at a log-out: interrupted, and said by the worker itself.

    What the agent has done already is verified and recorded all the same, though git was told to end too.
    """
    run = await ground.held(phase)
    worker = ground.worker(run)
    for each in (worker, *descendants(worker.pid)):
        send(each, signal.SIGTERM)
    ground.let_go()
    if phase in AGENT_IS_DONE:
        await ground.aftermath(run, State.COMPLETED, Reason.VERIFIED, bead=DONE)
        return
    await _is_interrupted(ground, run, phase)


@AT_EVERY_PHASE
async def test_the_run_is_cancelled(ground: Ground, phase: Phase) -> None:
    """It comes too late for what the agent has done already; before that nothing of it counts."""
    run = await ground.held(phase)
    await ground.application.cancel(run)
    ground.let_go()
    await ground.application.settle()
    if phase in AGENT_IS_DONE:
        await ground.aftermath(run, State.COMPLETED, Reason.VERIFIED, bead=DONE)
        return
    await ground.aftermath(run, State.CANCELLED, Reason.CANCELLED, bead=BEAD_AFTER[phase])


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.AGENT, Phase.VERIFYING, Phase.GATES])
async def test_its_time_is_over(ground: Ground, phase: Phase) -> None:
    """Its worker's own clock ends it, with nobody watching; what the agent has done already is done."""
    ground.settings(wall_clock=4.0)
    run = await ground.held(phase)
    await ground.until(run, lambda now: now.intent is Intent.TIMEOUT)
    ground.let_go()
    if phase in AGENT_IS_DONE:
        await ground.aftermath(run, State.COMPLETED, Reason.VERIFIED, bead=DONE)
        return
    await ground.aftermath(run, State.TIMEOUT, Reason.TIMEOUT, bead=BEAD_AFTER[phase])
