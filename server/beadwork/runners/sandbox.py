"""The runner with a box made by bubblewrap: the program may do all inside, and nothing outside.

A process name space of its own, so that killing its first process ends everything in it, whatever it did to
hide; a session of its own; no capabilities; the file system of `view.py`. The environment is handed over as
bubblewrap's own, not on its command line, which every user of the machine can read; bubblewrap sets PWD.

What it leaves out: the network, and limits on memory and processor.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.processes import (
    Child,
    Identity,
    ProgramMissing,
    ProgramTimeout,
    alive,
    descendants,
    end_found,
    identity,
    namespace_pid,
    program_name,
    run,
    send,
    start_child,
    table,
    wait_until_gone,
)
from beadwork.runners.port import EXECUTION_MARK, Box, Ending, Probe, RunnerError, RunnerName
from beadwork.runners.view import Layout, View, toolchain_variables, view_of
from beadwork.state_folder import StateFolder

_BUBBLEWRAP = "bwrap"
_PROBE_LIMIT = 5.0
_SETUP_LIMIT = 20.0
"""Seconds until a box that is not ready counts as failed."""
_GOES = 5.0
"""Seconds for the kernel to do away with a name space that was killed."""
_BY_ITSELF = 1.0
"""Seconds for bubblewrap to end when all in its box has."""
_LOOK = 0.002
_PROGRAM = 2
"""The program's process id inside; the first process is bubblewrap's own."""
_BOX = (
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
)


@attrs.frozen
class SandboxRunner:
    """Starts programs in a box of bubblewrap."""

    view: View
    """What is covered for this user."""
    name: RunnerName = attrs.field(default=RunnerName.SANDBOX, init=False)
    isolates: bool = attrs.field(default=True, init=False)

    @classmethod
    def of_user(cls) -> "SandboxRunner":
        """Give the runner that covers the homes and secrets of the user who calls, and Beadwork's state."""
        return cls(view_of(_homes(), StateFolder.of_user().root, os.environ))

    async def probe(self) -> Probe:
        """Run `true` in a real box; see Runner.probe."""
        program = shutil.which(_BUBBLEWRAP)
        if program is None:
            return Probe(works=False, reason="bubblewrap is not installed (apt install bubblewrap)")
        try:
            version = await run(
                [program, "--version"],
                cwd=Path("/"),
                environment={},
                timeout=_PROBE_LIMIT,
            )
            async with asyncio.timeout(_PROBE_LIMIT):
                code = await self._try()
        except TimeoutError:
            return Probe(works=False, reason=f"bubblewrap did not make a box within {_PROBE_LIMIT:g} s")
        except (RunnerError, ProgramMissing, ProgramTimeout) as error:
            return Probe(works=False, reason=_why(error.detail.strip() or error.message))
        if code != 0:
            return Probe(works=False, reason=f"a box of bubblewrap was made, but `true` gave {code} in it")
        named = version.stdout.decode("utf-8", "replace").strip()
        return Probe(works=True, reason=f"sandbox ({named}): the agent may change only its checkout")

    async def _try(self) -> int:
        with tempfile.TemporaryDirectory(prefix="beadwork-probe-") as folder:
            checkout = Path(folder) / "checkout"
            checkout.mkdir()
            process = await self.start(
                Box(execution="probe", checkout=checkout, home=Path(folder) / "home"),
                ["true"],
                {"PATH": os.defpath},
            )
            try:
                process.stdin.close()
                return await process.wait()
            finally:
                await process.end(grace=0)

    async def start(self, box: Box, argv: Sequence[str], environment: Mapping[str, str]) -> "SandboxProcess":
        """Start `argv` in the checkout; see Runner.start."""
        program = shutil.which(_BUBBLEWRAP)
        if program is None:
            raise RunnerError("bubblewrap is not installed (apt install bubblewrap), so there is no sandbox.")
        temporary = _make_folders(box)
        layout = Layout(self.view, box, temporary)
        _require_program(argv[0], layout, box, environment)
        inside = {
            **toolchain_variables(self.view),
            **environment,
            EXECUTION_MARK: box.execution,
            "HOME": str(box.home),
            "TMPDIR": "/tmp",  # noqa: S108  (private inside)
        }
        hearing, telling = os.pipe()
        try:
            status = await _reader(hearing)
            child = await start_child(
                [
                    program,
                    *layout.arguments,
                    *_BOX,
                    *(("--cap-drop", "ALL") if os.geteuid() == 0 else ()),
                    "--json-status-fd",
                    str(telling),
                    "--chdir",
                    str(box.checkout),
                    "--",
                    *argv,
                ],
                cwd=Path("/"),
                environment=inside,
                inherited=(telling,),
            )
        except OSError as error:
            raise RunnerError(f"bubblewrap cannot be started: {error.strerror}.") from error
        finally:
            os.close(telling)
        process = SandboxProcess(child, asyncio.create_task(status.read()))
        try:
            await process.ready(argv[0])
        except BaseException:
            await asyncio.shield(process.end(grace=0))
            raise
        return process


class SandboxProcess:
    """A program in its box: below bubblewrap the name space's first process, and below that the program."""

    def __init__(self, child: Child, status: asyncio.Task[bytes]) -> None:
        self._child = child
        self._outer = identity(child.pid)
        self._first: Identity | None = None
        self._status = status
        self._ending: asyncio.Task[Ending] | None = None

    @property
    def pid(self) -> int:
        """The process id of bubblewrap, outside the box."""
        return self._child.pid

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """The program's standard input."""
        return self._child.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        """The program's standard output."""
        return self._child.stdout

    @property
    def stderr(self) -> asyncio.StreamReader:
        """The program's standard error."""
        return self._child.stderr

    async def ready(self, program: str) -> None:
        """Wait until the program runs, or has run. Raises RunnerError when its box could not be made."""
        try:
            async with asyncio.timeout(_SETUP_LIMIT):
                while not self._status.done() and not self._program_runs():
                    await asyncio.wait([self._status], timeout=_LOOK)
        except TimeoutError as error:
            raise RunnerError(
                f"The sandbox for {program} was not ready within {_SETUP_LIMIT:g} s."
            ) from error
        if self._status.done() and not _has_run(self._status.result()):
            said = (await self._child.stderr.read()).decode("utf-8", "replace").strip()
            raise RunnerError(
                f"{program} cannot be started in the sandbox: {said or 'no reason given'}.", detail=said
            )

    async def wait(self) -> int:
        """Wait for the program; with it ends all it left behind. A signal shows as 128 and its number."""
        return await self._child.wait()

    async def end(self, *, grace: float) -> Ending:
        """End everything in the box; see BoxedProcess.end."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(grace))
        return await asyncio.shield(self._ending)

    async def _end(self, grace: float) -> Ending:
        ended = await end_found(self._inside, interrupt=self._front, grace=grace, kill_grace=0.0)
        self._child.stdin.close()
        if not self._inside():  # then bubblewrap ends by itself, and tells the program's own exit code
            await self._exit_within(_BY_ITSELF)
        first = self._first_process()
        if first is not None:
            send(first, signal.SIGKILL)
            # It is the last to go: the kernel ends and reaps all others of its name space before.
            await wait_until_gone(lambda: [first] if alive(first) else [], _GOES)
        if not await self._exit_within(_BY_ITSELF) and self._outer is not None:
            send(self._outer, signal.SIGKILL)
            await self._exit_within(_GOES)
        left = [process for process in (first, *self._inside()) if process is not None and alive(process)]
        return Ending(ended.steps, tuple(process.pid for process in left))

    async def _exit_within(self, limit: float) -> bool:
        try:
            async with asyncio.timeout(limit):
                await self._child.wait()
        except TimeoutError:
            return False
        return True

    def _first_process(self) -> Identity | None:
        """Give the first process of the name space; it outlives bubblewrap by a moment."""
        if self._first is None and self._child.code is None:
            self._first = next(iter(descendants(self._child.pid)), None)
        if self._first is None and self._status.done():
            self._first = _reported_child(self._status.result())
        return self._first if self._first is not None and alive(self._first) else None

    def _inside(self) -> Sequence[Identity]:
        """Give what runs in the box, without its first process, which hears nothing but a kill."""
        first = self._first_process()
        return () if first is None else descendants(first.pid)

    def _program(self) -> Identity | None:
        """Give the program itself: the second process of the name space."""
        first = self._first_process()
        if first is None:
            return None
        rows = table()
        below = [process for process in descendants(first.pid, rows) if rows[process.pid].parent == first.pid]
        return next((process for process in below if namespace_pid(process.pid) == _PROGRAM), None)

    def _program_runs(self) -> bool:
        program = self._program()
        return program is not None and program_name(program.pid) not in ("", _BUBBLEWRAP)

    def _front(self) -> Sequence[Identity]:
        """Give the program and those in its process group: whom an interrupt from a terminal would reach."""
        program = self._program()
        if program is None:
            return ()
        rows = table()
        group = rows[program.pid].group if program.pid in rows else 0
        return [p for p in self._inside() if p.pid in rows and rows[p.pid].group == group]


def _homes() -> tuple[Path, ...]:
    import pwd  # noqa: PLC0415  (not on every system this is imported on)

    named = [Path.home()]
    with contextlib.suppress(KeyError):
        named.append(Path(pwd.getpwuid(os.getuid()).pw_dir))
    return tuple(dict.fromkeys(home for home in named if home.is_absolute()))


def _make_folders(box: Box) -> Path:
    """Make the private home and the folder that is /tmp inside; give the latter."""
    temporary = box.home / "tmp"
    try:
        box.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise RunnerError(f"The agent's folder {temporary} cannot be made: {error.strerror}.") from error
    if not box.checkout.is_dir():
        raise RunnerError(f"There is no checkout at {box.checkout}: nothing can be started in it.")
    return temporary


def _require_program(program: str, layout: Layout, box: Box, environment: Mapping[str, str]) -> None:
    """Raise RunnerError when the program is not there, or not to be seen from inside."""
    if "/" in program:
        found = [box.checkout / program]
    else:
        found = [
            Path(folder) / program for folder in environment.get("PATH", os.defpath).split(":") if folder
        ]
    there = [path for path in found if os.access(path, os.X_OK)]
    if not there:
        raise RunnerError(f"{program} cannot be started: it is not there. Is it installed, and on the PATH?")
    if not any(layout.shows(path) for path in there):
        raise RunnerError(
            f"{program} cannot be started: {there[0]} is not visible in the sandbox. Install it elsewhere.",
        )


async def _reader(descriptor: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader


def _has_run(status: bytes) -> bool:
    """Say whether bubblewrap's report has an exit code: it has none when the program never started."""
    return any("exit-code" in json.loads(line) for line in status.splitlines() if line.strip())


def _reported_child(status: bytes) -> Identity | None:
    """Give the first process of the name space as bubblewrap reported it, if it is still there."""
    reports = [json.loads(line) for line in status.splitlines() if line.strip()]
    pids = [report["child-pid"] for report in reports if "child-pid" in report]
    return identity(pids[0]) if pids else None


def _why(words: str) -> str:
    """Say in plain words why bubblewrap could not make a box."""
    forbidden = (
        "uid map",
        "Creating new namespace failed",
        "No permissions to create",
        "Operation not permitted",
    )
    if any(sign in words for sign in forbidden):
        return f"this system does not let you make user namespaces, which bubblewrap needs ({words})"
    return f"bubblewrap cannot make a box here: {words}"
