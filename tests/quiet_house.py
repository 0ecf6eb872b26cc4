"""A user whose workers do nothing, so that a test can be the worker of each run, step by step.

The application, its store and its beads are real; only what a worker would do is said by the test.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

import trial
from bead_places import write_jsonl
from beadwork.executions import Execution, Queue, Reason, State, Store, Worker, this_worker
from beadwork.processes import identity
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, Refused, WalkRequest, WalkView, WorkRequest
from beadwork.workflows.house import furnish

LISTENER = """
import pathlib, signal, sys
heard = pathlib.Path(sys.argv[1])
signal.signal(signal.SIGHUP, lambda *_: heard.open("a").write("hup\\n"))
print("ready", flush=True)
sys.stdin.read()
"""
"""A worker that only notes that it was nudged."""

_REASONS = {
    State.COMPLETED: Reason.VERIFIED,
    State.CANCELLED: Reason.CANCELLED,
    State.TIMEOUT: Reason.TIMEOUT,
}


@attrs.frozen
class Quiet:
    """The user, and the application that a front end of theirs would hold."""

    made: trial.Trial
    application: Application
    store: Store
    """The application's own."""

    @property
    def project(self) -> Path:
        """The workspace folder."""
        return self.made.project

    def beads(self, *beads: Mapping[str, object]) -> None:
        """Write all beads anew, as somebody else would."""
        write_jsonl(self.project, beads)

    async def queued(self, bead: str, **request: object) -> Execution:
        """Ask for work on a bead; it must be queued."""
        asked = WorkRequest(bead, script=self.made.script({"done": "Never played."}), **request)  # type: ignore[arg-type]
        run = await self.application.work(self.project, asked)
        assert not isinstance(run, Refused), run
        return self.store.get(run.id)

    async def begun(self, bead: str, **noted: Any) -> Execution:
        """Ask for work on a bead, and be its worker; with what it has `noted` since."""
        run = await self.queued(bead)
        self.application._house.store.move_first(run.id)
        return self.claim(**noted)

    def claim(self, worker: Worker | None = None, **noted: Any) -> Execution:
        """Be the worker (or let `worker` be it) of the run that is next in the queue."""
        run = self.store.claim(worker or this_worker(), Queue(slots=1000))
        assert run is not None, "nothing is queued"
        return self.store.note(run.id, **noted) if noted else run

    def end(self, run: str, state: State, *, reason: Reason | None = None, **fields: Any) -> Execution:
        """End a run as its worker would; its bead knows."""
        why = reason or _REASONS.get(state, Reason.AGENT_FAILED)
        return self.store.finish(run, state, reason=why, summary="Played.", told=True, **fields)

    async def walk(self, **request: object) -> WalkView:
        """Begin a walk; it must begin."""
        begun = await self.application.begin_walk(self.project, WalkRequest(**request))  # type: ignore[arg-type]
        assert isinstance(begun, WalkView), begun
        return begun

    def waiting(self) -> list[str]:
        """Give the beads of the queue, in the order in which they would begin."""
        return [run.order.bead for run in self.store.queue()]


def quiet(made: trial.Trial) -> Quiet:
    """Make the application of `made`, in whose environment this process has to be."""
    house = attrs.evolve(furnish(StateFolder(made.state)), worker_argv=(sys.executable, "-c", ""))
    return Quiet(made, Application(house), house.store)


Maker = Callable[..., Quiet]
"""Makes a user of beads, and of settings by name."""


def quiet_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Give a factory of users whose workers do nothing, for a fixture; what they opened is closed after."""
    made: list[Quiet] = []

    def maker(*beads: Mapping[str, object], **settings: object) -> Quiet:
        user = trial.with_file(tmp_path, *beads)
        script = user.script({"done": "Never played."})
        user.settings(**{"agent": "scripted", "script": script, "actor": "Ada", **settings})
        for name, value in user.environment.items():
            monkeypatch.setenv(name, value)
        made.append(new := quiet(user))
        return new

    yield maker
    for each in made:
        each.application.close()


@attrs.frozen
class Listener:
    """A process that stands for a worker, and notes that it was nudged."""

    process: subprocess.Popen[str]
    worker: Worker
    heard: Path

    def nudges(self) -> int:
        """Give how often it was nudged."""
        return len(self.heard.read_text("utf-8").splitlines()) if self.heard.exists() else 0

    def end(self) -> None:
        """Let it end, and wait until it has."""
        self.process.communicate(timeout=trial.DEADLINE)


def listener(folder: Path) -> Listener:
    """Start a process that can be nudged; whoever starts it ends it."""
    heard = folder / "heard"
    process = subprocess.Popen(
        [sys.executable, "-c", LISTENER, str(heard)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    known = identity(process.pid)
    assert known is not None
    return Listener(process, Worker(known.pid, known.started, known.boot), heard)
