"""The ground that faults are tried on: a whole user, somebody who tends, and one look at what is promised.

A fault is a test that begins a run here, does its harm, and calls `aftermath`. Nothing is played: git, the
worker, the agent's process, the tracker and the store are the real ones. This process takes in what the run
leaves behind (it is a child subreaper meanwhile), so what descends from a run is found without any mark.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import filelock

import trial
from beadwork.beads.file_lock import WorkspaceLock
from beadwork.cli.demo.editor import Editor
from beadwork.executions import Execution, Phase, Reason, State, Store, alive
from beadwork.executions.identity import identity_of
from beadwork.processes import Identity, become_subreaper, descendants, marked, send, table
from beadwork.processes import alive as running
from beadwork.runners import EXECUTION_MARK
from beadwork.state_folder import StateFolder
from beadwork.workflows import Application, Refused, WorkRequest
from beadwork.workflows.house import furnish
from eventually import eventually
from left_behind import PROGRAMS
from repositories import picture

Step = Mapping[str, object]

WORK: tuple[Step, ...] = (
    {"write": "new.txt", "text": "new\n"},
    {"commit": "From the agent"},
    {"done": "Worked."},
)
"""What an agent does that completes its work."""

GIT_WORD = {Phase.PREPARING: "read-tree", Phase.VERIFYING: "--stat-count=200"}
"""A word that git is called with in this phase and in no other."""

SLOW_GIT = """#!/bin/sh
for word; do
  if [ -f "{gates}/$word" ]; then
    : > "{gates}/$word.there"
    while [ -f "{gates}/$word" ]; do sleep 0.02; done
  fi
done
exec {git} "$@"
"""

OPEN = ("open", "", ())
DONE = ("in_progress", "Ada", ("work-done",))
CLAIMED = ("in_progress", "Ada", ())
"""What becomes of a bead: its status, assignee and labels."""

DEADLINE = 60.0
"""Seconds within which whatever is awaited must come, on a busy machine too."""
_PR_SET_CHILD_SUBREAPER = 36


@attrs.define
class Ground:
    """One user with a project, and an Application over it as a server or a command holds one."""

    made: trial.Trial
    application: Application
    store: Store
    gates: Path
    before: Mapping[str, str]
    usual: frozenset[Identity]
    """The processes below this one that were there before."""
    locks: list[filelock.BaseFileLock] = attrs.field(factory=list)
    chosen: Mapping[str, Any] = attrs.field(factory=dict)
    """The settings that a test has chosen."""
    words: set[str] = attrs.field(factory=set)
    """The words that git is held at."""
    may_change: tuple[str, ...] = ()
    """What of the repository the run is to change: how the paths begin."""

    @property
    def state(self) -> StateFolder:
        """The state folder."""
        return StateFolder(self.made.state)

    def look_again(self) -> None:
        """Take the repository as it is now for what it should be: the test has changed it as its user."""
        self.before = _picture(self.made)

    def come_back(self) -> None:
        """Be somebody who comes later: another process with the store opened anew."""
        self.application = Application(furnish(self.state))
        self.store = trial.open_store(self.made)

    def settings(self, **values: object) -> None:
        """Write the user's settings over those of this ground."""
        self.chosen = values
        self.made.settings(**{**SETTINGS, **values})

    # Beginning

    async def work(self, *steps: Step, bead: str = "demo-1", **more: Any) -> str:
        """Ask for work by an agent that does `steps`, as a server would; give the run's id."""
        view = await self.application.work(self.made.project, self.request(bead, *steps, **more))
        assert not isinstance(view, Refused), view
        return view.id

    def request(self, bead: str, *steps: Step, **more: Any) -> WorkRequest:
        """Give a request for work on a bead, by an agent that does `steps`, or the usual ones."""
        return WorkRequest(bead, script=self.made.script(*(steps or WORK)), **more)

    async def held(self, phase: Phase, *steps: Step, editor: Editor | None = None) -> str:
        """Begin work on demo-1 that completes, and hold it in `phase`; give the run's id.

        `steps` come before those of the work; with `editor` it is that one which asks for it.
        """
        if phase is Phase.GATES:
            self.settings(**{**self.chosen, "gates.commands": [self.stalling_gate()]})
        stalling = self.stalling() if phase in _BY_STALL else ()
        script = (*steps, *stalling, *WORK)
        if phase in GIT_WORD:
            self.hold_git(GIT_WORD[phase])
        if editor is None:
            run = await self.work(*script)
        else:
            asked = await editor.command("work", id="demo-1", script=self.made.script(*script))
            run = str(asked["run"]["id"])
        await self._stands(run, phase)
        return run

    def stalling(self) -> Sequence[Step]:
        """Give steps of an agent that says where it is, and waits to be let go."""
        there, go = self.gates / "agent.there", self.gates / "agent.go"
        return {"run": f"touch '{there}'"}, {"stall": True, "until": str(go)}

    def stalling_gate(self) -> str:
        """Give a gate that says where it is, waits to be let go, and passes."""
        there, go = self.gates / "gate.there", self.gates / "agent.go"
        return f"touch '{there}'; until test -e '{go}'; do sleep 0.02; done"

    async def _stands(self, run: str, phase: Phase) -> None:
        """Wait until a run is held in `phase`."""
        if phase in GIT_WORD:
            await self.there(f"{GIT_WORD[phase]}.there", run)
            return
        if phase is Phase.GATES:
            await self.there("gate.there", run)
            return
        await self.there("agent.there", run)
        if phase is Phase.RECORDING:
            self.hold_tracker()
            (self.gates / "agent.go").touch()
            await self.until(run, lambda now: now.phase is Phase.RECORDING)

    async def there(self, name: str, run: str = "") -> None:
        """Wait until somebody has left a file of this name at the gates."""
        await eventually(f"{name}: {self.report(run)}", (self.gates / name).exists, within=DEADLINE)

    async def until(self, run: str, holds: Callable[[Execution], object]) -> Execution:
        """Wait until something is true of a run, without tending it."""
        try:
            await eventually("what was awaited", lambda: holds(self.get(run)), within=DEADLINE)
        except AssertionError:
            raise AssertionError(f"never came about: {self.report(run)}") from None
        return self.get(run)

    def hold_git(self, word: str) -> None:
        """Keep every git that is called with `word` from starting until `let_go`."""
        gate = self.gates / word
        gate.parent.mkdir(exist_ok=True)
        gate.touch()
        self.words.add(word)

    def hold_tracker(self) -> None:
        """Keep everybody from writing beads until `let_go`."""
        lock = WorkspaceLock.of(self.state.locks, self.made.project / ".beads" / "issues.jsonl", 0)
        held = filelock.FileLock(lock.path, mode=0o600)
        held.acquire(timeout=DEADLINE)
        self.locks.append(held)

    def let_go(self) -> None:
        """Open all gates."""
        (self.gates / "agent.go").touch()
        for word in self.words:
            (self.gates / word).unlink(missing_ok=True)
        self.words.clear()
        for lock in self.locks:
            lock.release()
        self.locks.clear()

    # Harm

    def worker(self, run: str) -> Identity:
        """Give the process of a run's worker."""
        worker = self.get(run).worker
        assert worker is not None
        return identity_of(worker)

    def agent(self, run: str) -> Identity:
        """Give the process of a run's agent: the first that its warden started."""
        (warden,) = [each for each in descendants(self.worker(run).pid) if _is_warden(each.pid)]
        return descendants(warden.pid)[0]

    async def kill(self, *processes: Identity) -> None:
        """Kill processes, and wait until they are gone."""
        for each in processes:
            send(each, signal.SIGKILL)  # one may be gone with the one before it
        await eventually("their death", lambda: not any(map(running, processes)))

    # Looking

    def get(self, run: str) -> Execution:
        """Give a run as the store has it."""
        return self.store.get(run)

    def bead(self, bead: str = "demo-1") -> dict[str, Any] | None:
        """Give a bead as its file has it, or None when it is not there."""
        lines = (self.made.project / ".beads" / "issues.jsonl").read_text("utf-8").splitlines()
        return next((dict(each) for each in map(json.loads, lines) if each["id"] == bead), None)

    def comments(self, run: str) -> int:
        """Give how many comments of a run its bead has."""
        bead = self.bead(self.get(run).order.bead) or {}
        return [run[:8] in str(each["text"]) for each in bead.get("comments", [])].count(True)

    def shown(self, bead: str = "demo-1") -> tuple[str, str, tuple[str, ...]]:
        """Give status, assignee and labels of a bead."""
        found = self.bead(bead)
        assert found is not None
        return found["status"], found.get("assignee", ""), tuple(found.get("labels", ()))

    def events(self, run: str) -> list[dict[str, Any]]:
        """Give the lines of a run's log; each is whole."""
        log = self.get(run).log
        return [json.loads(line) for line in Path(log).read_text("utf-8").splitlines()] if log else []

    def said(self, run: str) -> str:
        """Give all that a run's log says, in one text."""
        return "\n".join(json.dumps(event, ensure_ascii=False) for event in self.events(run))

    async def ended(self, run: str) -> Execution:
        """Wait until nobody works on a run any more, tending it where its worker is gone; give it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DEADLINE
        while (now := self.get(run)).active:
            assert loop.time() < deadline, f"it never ended: {self.report(run)}"
            if now.worker is not None and not alive(now.worker):
                await self.application.tend()
            await asyncio.sleep(0.02)
        return now

    async def aftermath(
        self,
        run: str,
        state: State,
        reason: Reason | None,
        *,
        bead: tuple[str, str, Sequence[str]] | None = OPEN,
        says: str = "",
        log: bool = True,
        told: int = 1,
        printed: bool = False,
    ) -> Execution:
        """Wait for the end of a run, and check all that is promised; give the run.

        `bead` is what becomes of it, None where it is gone; `told` how many comments it has of this run;
        `log` whether its log is whole; `printed` whether its worker may have complained on its output.
        """
        done = await self.ended(run)
        assert (done.state, done.reason) == (state, reason), self.report(run)
        assert says in done.summary, self.report(run)
        self._nothing_is_left_of(done)
        await self._is_told(done)
        if log:
            self.log_is_whole(run)
        self._bead_is(done, bead, told)
        self.is_untouched()
        await self.nothing_is_left()
        assert printed or not self.output(), self.output()
        return self.get(run)

    def is_untouched(self) -> None:
        """Check that the user's repository is as it was: tree, index, configuration, refs of theirs."""
        now, before = _picture(self.made), self.before
        changed = {path for path in {*now, *before} if now.get(path) != before.get(path)}
        theirs = {path for path in changed if not path.startswith(self.may_change)}
        assert not theirs, f"the user's repository was touched: {theirs}"

    async def nothing_is_left(self) -> None:
        """Check that no process of any run is there any more, no lock is held, and no place is taken up."""
        await eventually("the end of every process", lambda: not self.left(), within=10.0)
        for path in self.state.locks.glob("*.lock"):
            lock = filelock.FileLock(path)
            lock.acquire(timeout=5)
            lock.release()
        assert not list(self.state.locks.glob("tell-*")), "a lock was left"
        assert not list(self.made.state.rglob("*.reserve")), "the reserve of a log was left"

    def left(self) -> list[str]:
        """Give the command lines of the processes that runs left below this one."""
        return [_command(each.pid) for each in descendants(os.getpid()) if each not in self.usual]

    def output(self) -> str:
        """Give what workers printed beside their logs."""
        path = self.state.worker_output
        return path.read_text("utf-8") if path.exists() else ""

    def report(self, run: str) -> str:
        """Give all that is known of a run, for a person to read when its test fails."""
        if not run:
            return self.output()
        now = self.get(run)
        log = Path(now.log) if now.log else None
        text = log.read_text("utf-8", "replace")[-4000:] if log and log.exists() else "no log"
        return f"{now.state} {now.phase} {now.reason} {now.summary}\n{text}\n{self.output()}"

    def _nothing_is_left_of(self, done: Execution) -> None:
        """A final state is written when all processes of the run but its worker are gone."""
        worker = identity_of(done.worker) if done.worker else None
        left = [each for each in marked(EXECUTION_MARK, done.id) if each != worker]
        assert not [_command(each.pid) for each in left], "left when the state was written"

    async def _is_told(self, done: Execution) -> None:
        if done.state is State.PAUSED or done.started_at is None:
            return
        said: list[str] = []
        async with asyncio.timeout(trial.DEADLINE):
            # A worker that has done its run may be telling the bead just now.
            while not self.get(done.id).told:
                said += await self.application.tend()
                assert not said, said
                await asyncio.sleep(0.02)

    def log_is_whole(self, run: str) -> None:
        """Check that the log of a run has no gap, and says last how it ended."""
        done, events = self.get(run), self.events(run)
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        last = events[-1]
        assert (last["kind"], last["state"], last["reason"]) == ("state", done.state, done.reason), last
        closing = [event for event in events if event.get("reason") and event["kind"] == "state"]
        assert closing[-1] is last
        assert Path(done.log).with_suffix(".log").read_text("utf-8").strip()

    def _bead_is(self, done: Execution, bead: tuple[str, str, Sequence[str]] | None, told: int) -> None:
        found = self.bead(done.order.bead)
        if bead is None or found is None:
            assert bead is None, f"{done.order.bead} is gone"
            assert found is None, found
            return
        shown = self.shown(done.order.bead)
        assert shown == (bead[0], bead[1], tuple(bead[2])), f"{shown}\n{self.report(done.id)}"
        assert self.comments(done.id) == told, found.get("comments")


SETTINGS = {
    "agent": "scripted",
    "runner": "plain",
    "actor": "Ada",
    "cancel_grace": 0.3,
    "result_grace": 0.3,
    "retries": 0,
}
_BY_STALL = frozenset({Phase.AGENT, Phase.RECORDING})


@contextlib.contextmanager
def ground_in(folder: Path, *beads: Mapping[str, object], worker: str = "", **more: str) -> Iterator[Ground]:
    """Make a ground in `folder`, with `beads` or the usual ones; end what still runs at its end.

    `worker` is what is different about the workers, see `tests/programs/odd_worker.py`; `more` are further
    variables of the user's environment.
    """
    gates = _slow_git(folder)
    path = os.pathsep.join((str(gates / "bin"), str(trial.PYTHON), "/usr/local/bin:/usr/bin:/bin"))
    made = trial.with_file(folder, *beads, PATH=path, **more)
    made.settings(**SETTINGS)
    with _taking_in_orphans(), _as_user(made):
        house = furnish(StateFolder(made.state))
        if worker:
            argv = [sys.executable, str(PROGRAMS / "odd_worker.py"), worker, str(gates)]
            house = attrs.evolve(house, worker_argv=argv)
        ground = Ground(
            made,
            Application(house),
            trial.open_store(made),
            gates,
            _picture(made),
            frozenset(descendants(os.getpid())),
        )
        try:
            yield ground
        finally:
            ground.let_go()
            ground.application.close()
            ground.store.close()
            for each in descendants(os.getpid()):
                if each not in ground.usual:
                    send(each, signal.SIGKILL)


@contextlib.contextmanager
def _as_user(made: trial.Trial) -> Iterator[None]:
    """Live in the user's environment: an Application starts workers with that of its own process."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(made.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _taking_in_orphans() -> Iterator[None]:
    assert become_subreaper()
    try:
        yield
    finally:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        for row in table().values():
            if row.parent == os.getpid() and row.gone:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(row.pid, os.WNOHANG)


def _slow_git(folder: Path) -> Path:
    """Make a git that stops at gates; give the folder of the gates, where it is in `bin`."""
    gates = folder / "gates"
    slow = gates / "bin" / "git"
    slow.parent.mkdir(parents=True)
    slow.write_text(SLOW_GIT.format(gates=gates, git=shutil.which("git")), "utf-8")
    slow.chmod(0o755)
    return gates


def _picture(made: trial.Trial) -> Mapping[str, str]:
    """Give all of the user's repository but the objects, the branches of beads, and the beads themselves."""
    whole = picture(made.project, without_objects=True)
    return {name: shown for name, shown in whole.items() if not name.startswith(".beads")}


def _is_warden(pid: int) -> bool:
    return "warden.py" in _command(pid)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
