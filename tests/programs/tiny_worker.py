"""A worker whose job is named by its order's `script`. Arguments: state folder, slots, seconds for a run."""

import asyncio
import contextlib
import errno
import os
import sqlite3
import sys
from pathlib import Path

import attrs

from beadwork.executions import (
    Again,
    Ask,
    AskKind,
    Assignment,
    Choice,
    Conclusion,
    EventKind,
    Execution,
    Message,
    Phase,
    Question,
    Queue,
    Reason,
    Signs,
    State,
    Stopped,
    Store,
    serve_one,
    start_workers,
)
from beadwork.runners import RunnerError
from beadwork.state_folder import StateFolder

DONE = Conclusion(State.COMPLETED, Reason.VERIFIED, "Done.", {"head": "abc"})
DEAF = Path(__file__).with_name("deaf.py")
FOREVER = 3600.0


async def complete(assignment: Assignment) -> Conclusion:
    """Say something, and be done."""
    assignment.log.write(EventKind.TEXT, text="working")
    assignment.log.write(EventKind.COST, usd=0.5, inputTokens=7, outputTokens=3)
    assignment.note(cost_usd=0.5, input_tokens=7, output_tokens=3)
    assignment.log.write(EventKind.GIT, text="It is back.", branch="b", head="abc")
    return DONE


async def count(assignment: Assignment) -> Conclusion:
    """Note how many are running."""
    assignment.note(branch=str(assignment.store.counts()[0]))
    return DONE


async def leave(assignment: Assignment) -> Conclusion:
    """Leave a program behind in a session of its own that ignores SIGTERM; its pid is the session."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, DEAF, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert child.stdout is not None
    await child.stdout.readline()
    assignment.note(session=str(child.pid))
    return DONE


async def wait(assignment: Assignment) -> Conclusion:
    """Leave such a program, and wait to be stopped."""
    await leave(assignment)
    assignment.enter(Phase.AGENT)
    await assignment.unless_stopped(asyncio.sleep(FOREVER))
    return DONE


async def claim_done(assignment: Assignment) -> Conclusion:
    """Wait to be stopped, and say then that the work is done."""
    try:
        return await wait(assignment)
    except Stopped:
        return DONE


async def stay(assignment: Assignment) -> Conclusion:
    """Wait to be stopped, and clean up for ever."""
    try:
        return await wait(assignment)
    except Stopped:
        await asyncio.sleep(FOREVER)
        raise


async def block(assignment: Assignment) -> Conclusion:
    """Hear nothing any more."""
    await leave(assignment)
    assignment.enter(Phase.AGENT)
    os.read(os.pipe()[0], 1)
    return DONE


async def finish_late(assignment: Assignment) -> Conclusion:
    """Be done at the moment when somebody wants to end the run."""
    assignment.enter(Phase.RECORDING)
    while assignment.store.get(assignment.run.id).intent is None:  # noqa: ASYNC110  (another process writes it)
        await asyncio.sleep(0.01)
    return DONE


async def defect(_assignment: Assignment) -> Conclusion:
    """Make a mistake."""
    raise ZeroDivisionError("words of the mistake")


async def runner(_assignment: Assignment) -> Conclusion:
    """Fail in a way that is known."""
    raise RunnerError("The box does not open: try another one.", detail="words of the tool")


async def no_space(_assignment: Assignment) -> Conclusion:
    """Find the disk full."""
    raise OSError(errno.ENOSPC, "No space left on device")


async def strange_fields(_assignment: Assignment) -> Conclusion:
    """Conclude with a field that no execution has."""
    return Conclusion(State.COMPLETED, Reason.VERIFIED, "Done.", {"nonsense": 1, "head": "abc"})


async def fill(assignment: Assignment) -> Conclusion:
    """Write until the disk is full."""
    while True:
        assignment.log.write(EventKind.TEXT, text="x" * 4096)


ASK = Ask("ask-1", AskKind.QUESTION, (Question("Which one?", (Choice("left"), Choice("right"))),))


async def _next_message(assignment: Assignment) -> Message:
    return await anext(assignment.messages())


async def ask(assignment: Assignment) -> Conclusion:
    """Wait live for the answer to a question, for as long as it takes, and say it."""
    assignment.note(session="kept")
    assignment.enter(Phase.AGENT)
    assignment.begin_ask(ASK)
    assignment.log.write(EventKind.QUESTION, text=ASK.text, ask=attrs.asdict(ASK))
    try:
        said = await assignment.unless_stopped(_next_message(assignment))
    finally:
        assignment.end_ask()
    assignment.log.write(EventKind.ANSWER, text=said.texts[0], ask=said.ask, by="person")
    return DONE


async def park(assignment: Assignment) -> Conclusion:
    """Rest until the question is answered; having gone on, say what was answered and what was used."""
    if not assignment.resumed:
        assignment.note(session="kept", branch="b", base="a")
        assignment.log.write(EventKind.QUESTION, text=ASK.text, ask=attrs.asdict(ASK))
        asks = "Which one?"
        return Conclusion(State.NEEDS_INPUT, Reason.AGENT_ASKS, asks, {"ask": ASK, "told": True})
    said = await anext(assignment.messages())
    words = f"{said.texts[0]}, {assignment.used > 0}"
    return Conclusion(State.COMPLETED, Reason.VERIFIED, words)


async def park_late(assignment: Assignment) -> Conclusion:
    """Rest with a question at the moment when somebody wants to end the run."""
    await finish_late(assignment)
    return Conclusion(State.NEEDS_INPUT, Reason.AGENT_ASKS, "Which one?", {"ask": ASK})


async def spoil(assignment: Assignment) -> Conclusion:
    """Find all rows of the store broken in the middle of the work, and go on."""
    path = Path(sys.argv[1]) / "beadwork.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'execution'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        # A change, so that who has the old pages in memory reads them anew.
        db.execute("INSERT INTO message VALUES (9, 'x', 'tell', '[]', '', 0, 1)")
    return await complete(assignment)


async def hold(assignment: Assignment) -> Conclusion:
    """Say that the work has begun, wait until another process holds the store, and go on."""
    gate = Path(sys.argv[1]) / "gate"
    assignment.enter(Phase.AGENT)
    while not gate.exists():  # noqa: ASYNC110  (another process makes it)
        await asyncio.sleep(0.01)
    return await complete(assignment)


async def stuck(assignment: Assignment) -> Conclusion:
    """Be blocked by what has a bead already, after some of what there is to give."""
    assignment.give(land={"commit": "abc", "paths": ["a"]}, gates=None)
    assignment.give(gates={"standing": "passed"})
    fields = {"blocked_by": "demo-9", "told": True}
    return Conclusion(State.BLOCKED, Reason.AGENT_BLOCKED, "Blocked: no key.", fields)


async def hear(assignment: Assignment) -> Conclusion:
    """Take in two messages."""
    assignment.enter(Phase.AGENT)
    messages = assignment.messages()
    for _ in range(2):
        said = await anext(messages)
        assignment.log.write(EventKind.MESSAGE, text=said.texts[0])
    return DONE


async def silent(assignment: Assignment) -> Conclusion:
    """Hear nothing of an agent."""
    assignment.enter(Phase.AGENT)
    began = asyncio.get_running_loop().time()
    assignment.heed(Signs(heard_at=lambda: began, limit=lambda: 1.2, warn_after=0.1))
    await assignment.unless_stopped(asyncio.sleep(FOREVER))
    return DONE


async def passing(assignment: Assignment) -> Conclusion:
    """Fail for what passes, twice; the third attempt is done."""
    if assignment.run.attempt > 2:
        return DONE
    again = Again(assignment.run.order, not_before=0.0)
    return Conclusion(State.FAILED, Reason.PASSING, "Overloaded.", again=again)


JOBS = {
    job.__name__: job
    for job in (
        complete,
        count,
        leave,
        wait,
        claim_done,
        stay,
        block,
        finish_late,
        defect,
        runner,
        no_space,
        strange_fields,
        fill,
        ask,
        park,
        park_late,
        spoil,
        hold,
        stuck,
        hear,
        silent,
        passing,
    )
}


async def job_of(assignment: Assignment) -> Conclusion:
    """Do the job that the order names."""
    return await JOBS[assignment.run.order.script](assignment)


async def main() -> None:
    """Serve one execution, then pump."""
    state = StateFolder(Path(sys.argv[1]))
    slots, limit = int(sys.argv[2]), float(sys.argv[3])
    store = Store(state.database)

    def deadline(_run: Execution) -> float:
        return limit

    queue = Queue(slots)
    await serve_one(store, state, queue, job_of, deadline=deadline, clean_up=0.5)
    start_workers(store, queue, [sys.executable, *sys.argv], state)


asyncio.run(main())
