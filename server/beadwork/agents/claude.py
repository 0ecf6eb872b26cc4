"""Claude Code as an agent: finds it, starts it in a box, and hands its stream to `BoxedRun`.

It is talked to in JSON lines both ways; its input stays open until its result, so that it can be told things.
The user's login is lent to it for the run (`claude_loan.py`). What it leaves out: judging evidence.
"""

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from beadwork.agents.boxed_run import BoxedRun
from beadwork.agents.claude_command import BOXED_MODE, OPEN_MODE, arguments, environment_of
from beadwork.agents.claude_limits import limits_of
from beadwork.agents.claude_loan import configuration_in, lend, session_kept, take_back
from beadwork.agents.claude_program import AgentMissing, find, folders_of
from beadwork.agents.claude_reading import ClaudeDialect
from beadwork.agents.port import AgentName, AgentRun, AgentTask, Capabilities
from beadwork.errors import BeadworkError
from beadwork.processes import run
from beadwork.runners import Box, Probe, Runner

_PROBE_TIMEOUT = 20.0
"""Seconds for `--version`; the first start after an installation reads some 250 MB."""


class ClaudeAgent:
    """Claude Code.

    `program` is a name on the PATH or a path; `allow` are further tools for use without a box, in Claude
    Code's own spelling; `environment` is the user's, of which only named variables are taken.
    """

    def __init__(self, program: str, allow: Sequence[str], environment: Mapping[str, str]) -> None:
        self._program = program
        self._allow = tuple(allow)
        self._environment = dict(environment)
        self._version = ""

    @property
    def name(self) -> AgentName:
        """Claude."""
        return AgentName.CLAUDE

    @property
    def label(self) -> str:
        """The product, and its version once it was probed."""
        return f"Claude Code {self._version}".strip()

    @property
    def capabilities(self) -> Capabilities:
        """Everything that the port knows."""
        return Capabilities(
            resume=True, schema=True, cost=True, chosen_session=True, tell=True, ask=True, budget=True
        )

    def readable(self) -> tuple[Path, ...]:
        """Give the program's real place; nothing when it is missing (`start` says so)."""
        try:
            return folders_of(find(self._program, self._environment), self._environment)
        except (AgentMissing, OSError):
            return ()

    async def probe(self) -> Probe:
        """Ask it for its version."""
        try:
            real = find(self._program, self._environment)
            with tempfile.TemporaryDirectory(prefix="beadwork-probe-") as folder:
                bare = {
                    "PATH": self._environment.get("PATH", ""),
                    "HOME": folder,
                    "CLAUDE_CONFIG_DIR": folder,
                }
                argv = [str(real), "--version"]
                finished = await run(argv, cwd=Path(folder), environment=bare, timeout=_PROBE_TIMEOUT)
        except (BeadworkError, OSError) as error:
            return Probe(works=False, reason=str(error))
        words = (finished.stdout.decode("utf-8", "replace").split() or [""])[0]
        if finished.code != 0 or not words[:1].isdigit():
            said = (finished.stderr or finished.stdout).decode("utf-8", "replace").strip()[:200]
            reason = f"{real} is no Claude Code that works: `--version` gave {finished.code}: {said}"
            return Probe(works=False, reason=reason)
        self._version = words
        return Probe(works=True, reason=f"{self.label} at {real}.")

    def check(self) -> None:
        """Look for the program. Raises AgentMissing."""
        find(self._program, self._environment)

    def resumable(self, session: str, home: Path) -> bool:
        """Whether the session's file is in the configuration folder under `home`."""
        return session_kept(configuration_in(home), session)

    async def start(self, task: AgentTask, runner: Runner, box: Box) -> AgentRun:
        """Start it with all permissions in a box that isolates, else with the list of commands.

        Raises AgentMissing, AgentError when its folder cannot be made ready, and RunnerError.
        """
        real = find(self._program, self._environment)
        configuration = configuration_in(box.home)
        argv = arguments(str(real), task, boxed=runner.isolates, allow=self._allow)
        environment = environment_of(self._environment, configuration, boxed=runner.isolates)
        lend(self._environment, configuration)
        try:
            process = await runner.start(box, argv, environment)
        except BaseException:
            take_back(configuration)
            raise
        dialect = ClaudeDialect(
            box.checkout,
            BOXED_MODE if runner.isolates else OPEN_MODE,
            session=task.resume,
            limits=limits_of(environment),
            own_schema=task.schema is not None,
        )
        return BoxedRun(
            process, dialect, first=dialect.message(task.prompt), release=partial(take_back, configuration)
        )
