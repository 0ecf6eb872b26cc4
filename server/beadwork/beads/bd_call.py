"""Runs one bd command at a time for a workspace, in an environment that makes its answers readable.

What it leaves out: which commands there are (`bd.py`), and what the answers mean (`bd_answer.py`).
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import attrs

from beadwork.beads.bd_answer import Answer
from beadwork.beads.file_lock import WorkspaceLock
from beadwork.beads.port import BdMissing, TrackerError, TrackerTimeout
from beadwork.processes import ProgramMissing, ProgramTimeout, run

_DROPPED = frozenset({"CLAUDE_CODE", "CLAUDECODE", "BD_AGENT_MODE", "BD_BACKEND", "BEADS_DB", "BD_DB"})
"""Variables that change bd's limits or its choice of a database."""
_PINNED = {
    "NO_COLOR": "1",
    "BD_JSON_ENVELOPE": "0",
    "BD_NON_INTERACTIVE": "1",
    "BD_DISABLE_METRICS": "1",  # calls that a program makes are not the user's use
    "BD_EXPORT_GIT_ADD": "false",  # some configurations stage bd's export; the user's index is not ours
}


@attrs.frozen
class BdCalls:
    """The bd program over one workspace."""

    program: str
    """A name on the PATH, or a path."""
    workspace: Path
    beads_dir: Path | None
    """What BEADS_DIR names, if the workspace was found by it; otherwise bd looks for itself."""
    environment: Mapping[str, str]
    timeout: float
    """Seconds that one call may take."""
    lock: WorkspaceLock

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator["BdSession"]:
        """Hold the workspace's lock for calls that belong together. Raises TrackerLocked."""
        async with self.lock.held():
            yield BdSession(self)

    async def unlocked(self, *words: str, stdin: str = "", actor: str = "") -> Answer:
        """Run a command that opens no database, or for somebody who holds the lock.

        Raises BdMissing without a bd, TrackerTimeout when it does not end in time (with its process
        group), TrackerError for words that no program can be given.
        """
        command = f"bd {words[0]}"
        try:
            data = stdin.encode("utf-8")
            [word.encode("utf-8") for word in words]
        except UnicodeEncodeError as error:
            raise TrackerError(f"`{command}` was not run: its text is not valid Unicode.") from error
        if any("\0" in word for word in words):
            raise TrackerError(f"`{command}` was not run: its text has a NUL character; remove it.")
        try:
            finished = await run(
                [self.program, *words],
                cwd=self.workspace,
                environment=self._environment(actor),
                stdin=data,
                timeout=self.timeout,
            )
        except ProgramMissing as error:
            sentence = (
                f"There is no bd that starts as `{self.program}`: install it, or name it in the setting `bd`."
            )
            raise BdMissing(sentence, detail=error.message) from error
        except ProgramTimeout as error:
            raise TrackerTimeout(
                f"`{command}` did not answer within {self.timeout:g} s and was ended; "
                "see if it works in a terminal, or raise the setting bd_timeout.",
            ) from error
        except OSError as error:
            raise TrackerError(f"`{command}` cannot be run: {error.strerror}.") from error
        return Answer(command, finished)

    def _environment(self, actor: str) -> Mapping[str, str]:
        kept = {key: value for key, value in self.environment.items() if key not in _DROPPED}
        kept.pop("BEADS_DIR", None)
        if self.beads_dir:
            kept["BEADS_DIR"] = str(self.beads_dir)
        if actor:
            kept["BEADS_ACTOR"] = actor
        return {**kept, **_PINNED}


@attrs.frozen
class BdSession:
    """The right to call bd while the lock is held."""

    calls: BdCalls

    async def call(self, *words: str, stdin: str = "", actor: str = "") -> Answer:
        """Run one command as `actor` and give what it said. Raises as `BdCalls.unlocked` does."""
        return await self.calls.unlocked(*words, stdin=stdin, actor=actor)
