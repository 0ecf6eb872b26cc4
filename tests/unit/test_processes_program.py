"""`run`: short programs, and what the bad ones among them do."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from beadwork.processes import (
    Finished,
    ProgramFlood,
    ProgramMissing,
    ProgramTimeout,
    run,
    sweep,
)
from eventually import eventually
from left_behind import PROGRAMS, carrying, new_token

BAD = str(PROGRAMS / "bad_children.py")


async def run_here(*argv: str, stdin: bytes = b"", timeout: float = 30, limit: int = 1 << 30) -> Finished:  # noqa: ASYNC109
    """Run a program with a PATH and a mark."""
    environment = {"PATH": os.environ["PATH"], "TEST_MARK": argv[-1]}
    return await run(argv, cwd=Path("/"), environment=environment, stdin=stdin, timeout=timeout, limit=limit)


@pytest.fixture
def token() -> Iterator[str]:
    """A token of which no process may be left."""
    made = new_token()
    yield made
    assert carrying(made) == []


async def test_input_and_both_outputs() -> None:
    """Input arrives whole, and both outputs come back whole, however long they are."""
    finished = await run_here("sh", "-c", "cat; echo no >&2; exit 3", stdin=b"x" * 3_000_000)
    assert finished == Finished(3, b"x" * 3_000_000, b"no\n")


async def test_input_that_is_not_read() -> None:
    """A program that does not read its input ends with its own exit code."""
    assert (await run_here("true", stdin=b"x" * 3_000_000)).code == 0


async def test_no_program_and_no_folder(tmp_path: Path) -> None:
    """A missing program and a missing folder are told apart."""
    with pytest.raises(ProgramMissing, match="Is it installed"):
        await run_here("no-such-program")
    with pytest.raises(ProgramMissing, match="there is no such folder"):
        await run(["true"], cwd=tmp_path / "no", environment={}, timeout=30)


@pytest.mark.parametrize("what", ["deaf", "bomb", "forks_when_told"])
async def test_a_timeout_ends_other_sessions_too(token: str, what: str) -> None:
    """When the time is over everything below the program is ended, also in sessions of its own."""
    with pytest.raises(ProgramTimeout, match="did not end within"):
        await run_here(sys.executable, BAD, what, token, timeout=1.0)


async def test_a_cancelled_caller(token: str) -> None:
    """When its caller is cancelled a program is ended before the cancellation goes on."""
    task = asyncio.create_task(run_here(sys.executable, BAD, "deaf", token))
    await eventually("the program runs", lambda: carrying(token))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert carrying(token) == []


async def test_a_child_that_holds_the_output(token: str) -> None:
    """A daemon that keeps the output open does not hang `run`, and is left alone."""
    finished = await run_here(sys.executable, BAD, "holds_the_pipes", token)
    assert finished.code == 0
    assert finished.stdout.startswith(b"done\n")
    assert carrying(token) != []
    await sweep("TEST_MARK", token, terminate_grace=0)


async def test_a_flood(token: str) -> None:
    """A program that prints more than the limit is ended, and its first words are kept."""
    with pytest.raises(ProgramFlood, match="more than 1000000 bytes") as caught:
        await run_here(sys.executable, BAD, "flood", token, limit=1_000_000)
    assert caught.value.detail.startswith("xxx")
