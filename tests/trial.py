"""A user with a home, a project with beads and settings of their own, for tests of the whole of Beadwork.

Everything is real: the server, the worker, git, the tracker. Nothing of this machine's user is in it.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import attrs
import psutil

from bead_places import BdPlace, record, write_jsonl
from beadwork.cli.demo.editor import Editor, opened
from beadwork.executions import Store, alive
from beadwork.state_folder import StateFolder
from eventually import eventually
from repositories import Sample, repository

PYTHON = Path(sys.executable).parent
DEADLINE = 90.0
MARK = "BEADWORK_EXECUTION"


@attrs.frozen
class Trial:
    """The user's folder and what they have there."""

    folder: Path
    repository: Sample
    environment: Mapping[str, str]

    @property
    def project(self) -> Path:
        """The workspace folder."""
        return self.repository.top

    @property
    def state(self) -> Path:
        """Where Beadwork keeps what it knows."""
        return self.folder / "state"

    def settings(self, **values: object) -> None:
        """Write the user's settings file."""
        file = self.folder / "config" / "beadwork" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()), "utf-8")

    def script(self, *steps: Mapping[str, object]) -> str:
        """Write a script for the scripted agent, and give its path."""
        path = self.folder / f"script-{len(list(self.folder.glob('script-*')))}.json"
        path.write_text(json.dumps({"steps": steps}), "utf-8")
        return str(path)

    def beadwork(self, *words: str, code: int | None = 0) -> str:
        """Run the command line in the project, expect an exit code, and give its stdout."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "beadwork", *words],
            cwd=self.project,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE,
        )
        assert code is None or done.returncode == code, (
            f"{words}: {done.returncode} {done.stdout} {done.stderr}"
        )
        return done.stdout

    def json(self, *words: str, code: int | None = 0) -> Any:
        """Run the command line with `--json`, and give what it says."""
        return json.loads(self.beadwork(*words, "--json", code=code))

    def editor(self) -> AbstractAsyncContextManager[Editor]:
        """Open the project in an editor with a server of its own."""
        return opened(self.project, self.environment)

    def run(self, run: str) -> dict[str, Any]:
        """Give a run as the command line shows it."""
        found = [each for each in self.json("runs")["runs"] if each["id"] == run]
        assert found, f"no run {run}"
        return dict(found[0])

    async def ended(self, run: str) -> dict[str, Any]:
        """Wait until a run has ended, without tending it, and give it."""
        shown: dict[str, Any] = {}

        def has_ended() -> bool:
            shown.update(self.run(run))
            return shown["state"] not in {"queued", "running"}

        await eventually(f"the end of {run}", has_ended, within=DEADLINE)
        return shown

    def events(self, run: str) -> Sequence[Mapping[str, Any]]:
        """Give a run's event log, read as what it is: lines of JSON."""
        log = Path(self.run(run)["log"])
        if not log.is_file():  # its worker has not begun yet
            return []
        return [json.loads(line) for line in log.read_text("utf-8").splitlines()]

    def worker(self, run: str) -> int:
        """Give the process id that the store has for the worker of a run."""
        store = open_store(self)
        worker = store.get(run).worker
        store.close()
        assert worker is not None
        return worker.pid

    def end_all(self) -> None:
        """End the workers of all runs that go on, and with them everything of theirs."""
        store = open_store(self)
        for run in store.live():
            if run.worker is not None and alive(run.worker):
                worker = psutil.Process(run.worker.pid)
                worker.terminate()
                psutil.wait_procs([worker], timeout=DEADLINE)
        store.close()

    def processes(self, run: str) -> list[psutil.Process]:
        """Give the processes that belong to a run: by its mark, or because they are in its checkout."""
        return [process for process in psutil.process_iter() if self._belongs(process, run)]

    def _belongs(self, process: psutil.Process, run: str) -> bool:
        try:
            if process.environ().get(MARK) == run:
                return True
            return process.cwd().startswith(str(self.state / "checkouts"))
        except (psutil.Error, OSError):
            return False


def open_store(made: Trial) -> Store:
    """Open the store of a trial, beside whoever else has it open."""
    return Store(StateFolder(made.state).database)


def environment(folder: Path, *programs: Path, **more: str) -> dict[str, str]:
    """Give the environment of a user who lives in `folder` and has `programs` (folders) on the PATH."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(
        str(each) for each in (*programs, PYTHON, *map(Path, ("/usr/local/bin", "/usr/bin", "/bin")))
    )
    return {
        "PATH": path,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "BEADWORK_STATE": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        **more,
    }


def with_file(folder: Path, *beads: Mapping[str, object], **more: str) -> Trial:
    """Make a trial whose beads are in issues.jsonl: by default demo-1, demo-2 behind it, and demo-3."""
    project = repository(folder / "Ada's prøject")
    edge = {
        "issue_id": "demo-2",
        "depends_on_id": "demo-1",
        "type": "blocks",
        "created_at": "2026-01-01T00:00:00Z",
    }
    usual = (record("demo-1"), record("demo-2", dependencies=[edge]), record("demo-3"))
    write_jsonl(project.top, beads or usual)
    trial = Trial(folder, project, environment(folder, **more))
    trial.settings(agent="scripted")
    return trial


def with_bd(folder: Path, bd: Path, *programs: Path, **more: str) -> tuple[Trial, BdPlace]:
    """Make a trial whose beads are in a real bd database: demo beads with the titles One, Two and Three."""
    project = repository(folder / "Ada's prøject")
    made = Trial(folder, project, environment(folder, bd.parent, *programs, **more))
    return made, BdPlace(bd, project.top, folder / "home")


async def output_until(
    editor: Editor, run: str, holds: Callable[[Mapping[str, Any]], bool]
) -> list[Mapping[str, Any]]:
    """Follow a run's output until an event for which `holds`, or its end; give the events so far."""
    await editor.command("output", run=run)
    seen: list[Mapping[str, Any]] = []
    async with asyncio.timeout(DEADLINE):
        while True:
            method, params = await editor.told.get()
            assert method != "exit", "the server has gone"
            if method != "beadwork/output" or params["run"] != run:
                continue
            seen += params["events"]
            if any(holds(event) for event in params["events"]) or params["ended"]:
                return seen
