"""Agents that do not behave: they hang, are deaf, leave things running, lie, flood, and die."""

import base64
import json
import signal
import sys
from pathlib import Path

import pytest

from beadwork.executions import Intent, Phase, Reason, State, stop_worker
from beadwork.processes import descendants, send
from faults.ground import CLAIMED, DONE, WORK, Ground, Step
from left_behind import PROGRAMS, carrying, new_token

pytestmark = pytest.mark.fault

FAILED = (State.FAILED, Reason.AGENT_FAILED)
COMPLETED = (State.COMPLETED, Reason.VERIFIED)
INTERRUPTED = (State.FAILED, Reason.INTERRUPTED)
CANCELLED = (State.CANCELLED, Reason.CANCELLED)
HAS_RESULT = "has given its result"
STALL: Step = {"stall": True}


def result(kind: str, summary: str) -> Step:
    """Give a step that prints a result as the agent's own program does, and goes on with the script."""
    event = {"event": "result", "kind": kind, "summary": summary, "blocker": "", "question": ""}
    return {"garbage": base64.b64encode(json.dumps(event).encode() + b"\n").decode()}


def daemon(token: str) -> Step:
    """Give a step that leaves a deaf process: twice forked, own session, no environment, no open files."""
    return {"run": f"'{sys.executable}' '{PROGRAMS / 'bad_children.py'}' orphan {token}"}


# How it ends


async def test_it_hangs_after_its_result(ground: Ground) -> None:
    """It is ended after its grace, and its work counts."""
    run = await ground.work(*WORK, STALL)
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert "after its result, so it was ended" in ground.said(run)


async def test_it_is_deaf_and_hangs_after_its_result(ground: Ground) -> None:
    """What ignores SIGINT and SIGTERM is killed, and its work counts."""
    run = await ground.work({"ignore_signals": True}, *WORK, STALL)
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert "kill" in ground.said(run)


async def test_it_is_deaf_and_cancelled(ground: Ground) -> None:
    """What ignores SIGINT and SIGTERM is killed after the grace."""
    run = await ground.held(Phase.AGENT, {"ignore_signals": True})
    await ground.application.cancel(run)
    await ground.application.settle()
    await ground.aftermath(run, *CANCELLED)
    assert "kill" in ground.said(run)


@pytest.mark.parametrize("code", [0, 1, 137])
async def test_it_exits_without_a_result(ground: Ground, code: int) -> None:
    """An empty result is a failure, whatever the exit code says; its commits are kept on the branch."""
    run = await ground.work(*WORK[:2], {"exit": code})
    await ground.aftermath(run, *FAILED, bead=CLAIMED, says="see bead/demo-1")


async def test_it_says_success_while_it_is_cancelled(ground: Ground) -> None:
    """Who ended a run decides how it ended, not the last word of its agent."""
    ground.settings(result_grace=60)
    run = await ground.held(Phase.AGENT, *WORK[:2], result("done", "Success!"))
    await ground.until(run, lambda _: HAS_RESULT in ground.said(run))
    await ground.application.cancel(run)
    await ground.application.settle()
    await ground.aftermath(run, *CANCELLED, bead=CLAIMED)


async def test_it_says_success_after_it_failed(ground: Ground) -> None:
    """The last result counts, as with every agent that is told something after its first one."""
    run = await ground.work(result("failed", "No way."), *WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)


# What it leaves


@pytest.mark.parametrize("end", ["completed", "cancelled", "worker killed", "agent killed"])
async def test_it_leaves_a_daemon(ground: Ground, end: str) -> None:
    """In a session of its own, all files closed, its environment cleared, deaf: it goes with the run."""
    token = new_token()
    if end == "completed":
        run = await ground.work(daemon(token), *WORK)
        await ground.aftermath(run, *COMPLETED, bead=DONE)
        assert not carrying(token)
        return
    run = await ground.held(Phase.AGENT, daemon(token))
    assert carrying(token)
    match end:
        case "cancelled":
            await ground.application.cancel(run)
            await ground.application.settle()
            await ground.aftermath(run, *CANCELLED)
        case "worker killed":
            await ground.kill(ground.worker(run))
            await ground.aftermath(run, *INTERRUPTED)
        case _:
            await ground.kill(ground.agent(run))
            await ground.aftermath(run, *FAILED)
    assert not carrying(token)


@pytest.mark.parametrize("what", ["bomb", "chain", "zombies", "forks_when_told", "holds_the_pipes"])
async def test_it_leaves_many(ground: Ground, what: str) -> None:
    """Two hundred, a chain of forks, dead children, children that fork when told to end: all go."""
    token = new_token()
    program = f"'{sys.executable}' '{PROGRAMS / 'bad_children.py'}' {what} {token}"
    run = await ground.work(
        {"run": f"{program} > out 2>&1 < /dev/null & while [ ! -s out ]; do sleep 0.02; done"}, *WORK
    )
    await ground.aftermath(run, *COMPLETED, bead=DONE)
    assert not carrying(token)


# What it prints


@pytest.mark.parametrize("what", ["nul", "utf-8", "half", "array", "unknown"])
async def test_it_prints_rubbish(ground: Ground, what: str) -> None:
    """NUL bytes, broken UTF-8, half an event: noted, and the work goes on."""
    run = await ground.work({"garbage": what}, *WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_it_prints_200_megabytes(ground: Ground) -> None:
    """The log stays within its limit and is whole; the work counts."""
    run = await ground.work({"flood": 200_000_000}, *WORK)
    log = Path((await ground.aftermath(run, *COMPLETED, bead=DONE)).log)
    assert log.stat().st_size < 100 * 1024 * 1024
    log.unlink()  # much for a test to leave behind
    log.with_suffix(".log").unlink()


async def test_it_prints_a_line_of_20_megabytes(ground: Ground) -> None:
    """It is kept as far as there is room for a line, and the work goes on."""
    run = await ground.work({"long_line": 20_000_000}, *WORK)
    await ground.aftermath(run, *COMPLETED, bead=DONE)


# What is done to it, and what it does to others


async def test_it_is_killed(ground: Ground) -> None:
    """A failure that says so; the bead is free again."""
    run = await ground.held(Phase.AGENT)
    await ground.kill(ground.agent(run))
    await ground.aftermath(run, *FAILED, says="-9")


async def test_it_is_killed_after_its_result(ground: Ground) -> None:
    """What it did counts: it had said that it was done."""
    ground.settings(result_grace=60)
    run = await ground.held(Phase.AGENT, *WORK)
    await ground.until(run, lambda _: HAS_RESULT in ground.said(run))
    await ground.kill(ground.agent(run))
    await ground.aftermath(run, *COMPLETED, bead=DONE)


async def test_it_is_stopped_and_cancelled(ground: Ground) -> None:
    """A process that is stopped hears no signal but the last."""
    run = await ground.held(Phase.AGENT)
    assert send(ground.agent(run), signal.SIGSTOP)
    await ground.application.cancel(run)
    await ground.application.settle()
    await ground.aftermath(run, *CANCELLED)


async def test_it_kills_its_parent(ground: Ground) -> None:
    """Without its warden it is gone too, and the run fails."""
    run = await ground.work({"run": "read -r _ _ _ parent _ < /proc/$PPID/stat; kill -9 $parent"}, STALL)
    await ground.aftermath(run, State.FAILED, Reason.AGENT_FAILED)


async def test_it_kills_its_worker(ground: Ground) -> None:
    """It does not outlive it: the run is interrupted."""
    parent = "read -r _ _ _ parent _ < /proc/$PPID/stat; read -r _ _ _ worker _ < /proc/$parent/stat"
    run = await ground.work({"run": f"{parent}; kill -9 $worker"}, STALL)
    await ground.aftermath(run, *INTERRUPTED)


async def test_the_worker_is_stopped_and_cancelled(ground: Ground) -> None:
    """A worker that hears nothing is ended with all that is its own, and the run is cancelled."""
    run = await ground.held(Phase.AGENT)
    worker = ground.worker(run)
    for each in (worker, *descendants(worker.pid)):
        send(each, signal.SIGSTOP)
    await stop_worker(ground.store, ground.state, run, Intent.CANCEL, patience=0.1)
    await ground.aftermath(run, *CANCELLED)


async def test_the_worker_is_stopped_for_a_while(ground: Ground) -> None:
    """Nobody takes it for dead: the run goes on where it stopped."""
    run = await ground.held(Phase.AGENT)
    worker = ground.worker(run)
    assert send(worker, signal.SIGSTOP)
    assert list(await ground.application.tend()) == []
    assert ground.get(run).state is State.RUNNING
    ground.let_go()
    send(worker, signal.SIGCONT)
    await ground.aftermath(run, *COMPLETED, bead=DONE)
