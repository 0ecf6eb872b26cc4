"""Stepping in from a shell, over everything real but the agent's mind: questions, rests, retries, walks."""

import contextlib
import os
import pty
import re
import select
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pytest

from eventually import eventually
from trial import DEADLINE, Trial, with_file

pytestmark = pytest.mark.timeout(120)

COLOUR = {"question": "Which colour?", "choices": ["Red", "Blue"]}
DONE = ({"write": "new.txt", "text": "new"}, {"commit": "Add it"}, {"done": "Added."})


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A user with three beads, whose agents run without a box."""
    made = with_file(tmp_path)
    made.settings(agent="scripted", runner="plain")
    yield made
    made.end_all()


async def begun(trial: Trial, state: str, *steps: Mapping[str, object], bead: str = "demo-1") -> str:
    """Begin work that comes to `state`, wait for that, and give the run's id."""
    run: str = trial.json("work", bead, "--script", trial.script(*steps))["run"]["id"]
    await eventually(state, lambda: trial.run(run)["state"] == state, within=DEADLINE)
    return run


async def said(trial: Trial, run: str, text: str) -> None:
    """Wait until the agent has said something."""
    await eventually(
        text, lambda: any(text in str(event.get("text")) for event in trial.events(run)), within=DEADLINE
    )


async def test_a_question_is_answered_from_a_script(trial: Trial) -> None:
    """It is printed where nobody can type, and answered by the number of a choice; the run goes on."""
    run = await begun(trial, "needs_input", COLOUR, *DONE)
    assert f"beadwork answer {run[:8]}" in trial.beadwork("runs")
    assert "    2  Blue" in trial.beadwork("show", "demo-1")
    assert "    2  Blue" in trial.beadwork("answer", "demo-1", code=2)
    shown = trial.beadwork("answer", "demo-1", "2", "--follow")
    assert shown.index("answer: Blue") < shown.index("The answer was: Blue") < shown.index("completed")
    assert trial.beadwork("answer", "demo-1", "2", code=3) == ""


@attrs.define
class Person:
    """Who sits at a terminal."""

    end: int
    unread: str = ""

    def read_until(self, words: str) -> str:
        """Read on, without colours, up to `words`."""
        deadline = time.monotonic() + DEADLINE
        while words not in self.unread:
            ready, _, _ = select.select([self.end], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"never saw {words!r}, only {self.unread!r}"
            more = os.read(self.end, 65536).decode("utf-8", "replace")
            self.unread += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", more)
        before, _, self.unread = self.unread.partition(words)
        return before

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self.end, f"{line}\n".encode())


@contextlib.contextmanager
def terminal(trial: Trial, *words: str) -> Iterator[Person]:
    """Run the command line in a terminal to a good end, with somebody who sits there."""
    pid, end = pty.fork()
    if pid == 0:
        os.chdir(trial.project)
        argv = [sys.executable, "-P", "-m", "beadwork", *words]
        os.execve(sys.executable, argv, {**trial.environment, "TERM": "xterm-256color", "COLUMNS": "100"})
    try:
        yield Person(end)
        with contextlib.suppress(OSError):  # Linux: the other end of a terminal is closed
            while os.read(end, 65536):
                pass
    finally:
        os.close(end)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_question_is_answered_while_following(trial: Trial) -> None:
    """On a terminal the person is asked right there: an empty line asks again, and own words are taken."""
    play = trial.script(COLOUR, *DONE)
    with terminal(trial, "work", "demo-1", "--follow", "--script", play) as person:
        assert "    2  Blue" in person.read_until("Your answer (1-2, or your own words): ")
        person.type("")
        person.read_until("Your answer (1-2, or your own words): ")
        person.type("Violet")
        person.read_until("The answer was: Violet")
        person.read_until("completed")


def test_a_question_is_answered_at_its_prompt(trial: Trial) -> None:
    """`answer` alone asks for it on a terminal, and again when leave is answered with what is no choice."""
    run = trial.json(
        "work", "demo-1", "--script", trial.script({"permission": "Bash", "title": "make"}, *DONE)
    )
    name = run["run"]["id"][:8]
    deadline = time.monotonic() + DEADLINE
    while trial.run(run["run"]["id"])["state"] != "needs_input":
        assert time.monotonic() < deadline
    with terminal(trial, "answer", "demo-1") as person:
        assert "Bash  make" in person.read_until("Your answer (1-5): ")
        person.type("9")
        assert "'9' is no answer here" in person.read_until("Your answer (1-5): ")
        person.type("allow once")
        person.read_until(f"Answered the agent at demo-1: run {name}")
    assert "Allowed: make" in trial.beadwork("log", "demo-1", "--follow")


async def test_a_run_is_told_something(trial: Trial) -> None:
    """What is told reaches the agent in its turn, and stands in the log."""
    run = await begun(trial, "running", {"say": "I listen."}, {"hear": True}, *DONE)
    await said(trial, run, "I listen.")
    shown = trial.beadwork("tell", "demo-1", "Use sqlite.", "--follow")
    assert "you: Use sqlite." in shown
    assert "I listen." not in shown
    assert "completed" in shown


async def test_a_run_is_paused_and_goes_on(trial: Trial) -> None:
    """A follower ends with 4 and is told how to go on; `resume` goes on in the same log, to the end."""
    go = trial.folder / "go"
    run = await begun(trial, "running", {"say": "I wait."}, {"stall": True, "until": str(go)}, *DONE)
    await said(trial, run, "I wait.")
    paused = trial.beadwork("pause", "demo-1")
    assert paused == f"Run {run[:8]} of demo-1 is paused. Go on with: beadwork resume {run[:8]}\n"
    assert f"beadwork resume {run[:8]}" in trial.beadwork("log", "demo-1", "--follow", code=4)
    assert f"paused: beadwork resume {run[:8]}" in trial.beadwork("list")
    go.touch()
    shown = trial.beadwork("resume", "demo-1", "--follow")
    assert shown.index("goes on after a rest") < shown.index("completed")
    assert "I wait." not in shown.partition("goes on")[0]


async def test_what_rests_can_be_cancelled(trial: Trial) -> None:
    """A paused run is ended for good, and then tried again as a new one; each names the other."""
    waits: dict[str, object] = {"stall": True}
    run = await begun(trial, "running", {"say": "I wait."}, waits, waits)
    await said(trial, run, "I wait.")
    trial.beadwork("pause", "demo-1")
    assert "was cancelled" in trial.beadwork("cancel", "demo-1")
    again = trial.json("retry", "demo-1")["run"]
    assert (again["retryOf"], again["attempt"]) == (run, 2)
    assert f"retried by {again['id'][:8]}" in trial.beadwork("runs")
    assert "attempt 2" in trial.beadwork("queue")
    assert "was cancelled" in trial.beadwork("cancel", again["id"])


def test_a_walk_is_followed_to_its_end(trial: Trial) -> None:
    """Each change of its runs is a line; what becomes of all of them is the last, and the exit code."""
    play = trial.script(*DONE)
    shown = trial.beadwork("work", "--all-ready", "--limit", "2", "--follow", "--script", play)
    assert shown.startswith("Working on all that is ready, 2 runs at most: 2 runs queued.\n")
    assert re.search(r"demo-3  [0-9a-f]{8}  completed · ", shown)
    assert shown.endswith("The walk has ended: 2 of 2 beads completed.\n")
    assert "refused" in trial.json("work", "--all-ready", "--stop", code=3)


def test_a_log_is_exported(trial: Trial, tmp_path: Path) -> None:
    """The page is whole, and in a file of its own."""
    trial.beadwork("work", "demo-1", "--follow", "--script", trial.script({"say": "A <word>."}, *DONE))
    page = tmp_path / "page.html"
    trial.beadwork("log", "demo-1", "--export", str(page))
    assert "A &lt;word&gt;." in page.read_text("utf-8")
    assert trial.beadwork("log", "demo-1", "--export", "-") == page.read_text("utf-8")
