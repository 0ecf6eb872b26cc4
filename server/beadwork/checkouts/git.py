"""One call of git: whose settings it sees, what it may run, and how its failure is told.

There are three kinds of calls. Those for the *user's* repository see the user's own settings
(`safe.directory`, ignore rules, filters), take no optional lock and run no hook. Those for git folders of
*ours* see no settings but our own, so that nothing outside them names a program. Those that speak to a remote
are *as the user* makes them: their environment, their helpers, their hooks. What is left out: what any call
is for.
"""

import errno
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.checkouts.model import CheckoutError, GitFailed
from beadwork.processes import Finished, ProgramFlood, ProgramMissing, ProgramTimeout, run

QUICK = 60.0
"""Seconds for a call that reads a little."""
LONG = 900.0
"""Seconds for a call that may read or write every file."""
MOST = 256 * 1024 * 1024
"""Bytes that a call may say."""

_KEPT = ("PATH", "TMPDIR", "SYSTEMROOT")
_KEPT_OF_USER = (
    *_KEPT,
    "HOME",
    "XDG_CONFIG_HOME",
    "USER",
    "LOGNAME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_EXEC_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
)
_PLAIN = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ATTR_NOSYSTEM": "1",
}
_OPTIONS = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.splitIndex=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "submodule.recurse=false",
    "-c",
    "fetch.writeCommitGraph=false",
    "-c",
    "protocol.file.allow=always",
    "-c",
    "advice.addEmbeddedRepo=false",
)

_ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_INTERNAL_SUPER_PREFIX",
)
"""What git sets for what it starts, a hook or an alias: it would point to another repository."""

_NO_ROOM = 1024 * 1024
"""Bytes that are left on a disk on which git found no room: it removes what it could not complete."""
_TOLD_TO_END = frozenset({-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Exit codes of a git that somebody else than us ended in a polite way."""


class GitMissing(CheckoutError):  # noqa: N818
    """There is no git on the PATH."""

    code = "program-missing"


class GitTimeout(GitFailed):
    """Git did not end in time."""


class GitFlood(GitFailed):
    """Git said more than was to be read."""


@attrs.frozen
class Git:
    """Git, for one folder and with one environment."""

    folder: Path
    """Where it is started."""
    environment: Mapping[str, str]
    """Exactly what it sees."""
    options: Sequence[str] = _OPTIONS
    """What stands before every command."""

    @classmethod
    def of_user(cls, folder: Path) -> "Git":
        """Give git as the user has set it up, for reading their repository without a trace.

        Every other `GIT_*` variable of the caller is dropped: `GIT_DIR` or `GIT_INDEX_FILE`, set by a hook or
        an editor, would point somewhere else.
        """
        kept = {name: os.environ[name] for name in _KEPT_OF_USER if name in os.environ}
        return cls(folder, {**kept, **_PLAIN, "GIT_OPTIONAL_LOCKS": "0"})

    @classmethod
    def as_user(cls, folder: Path, environment: Mapping[str, str]) -> "Git":
        """Give git as the user would start it there in `environment`: with their helpers and their hooks.

        Only for speaking to a remote of theirs. It never asks at a terminal.
        """
        return cls(folder, {**in_no_repository(environment), "GIT_TERMINAL_PROMPT": "0"}, options=())

    @classmethod
    def own(cls, git_dir: Path, work_tree: Path | None = None) -> "Git":
        """Give git for a git folder of ours, with no settings but those in it.

        Settings of the user are left out since they may name programs (filters, a monitor) that would then
        read what an agent wrote.
        """
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        own = {
            **kept,
            **_PLAIN,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_DEFAULT_REF_FORMAT": "files",
            "GIT_DIR": str(git_dir),
        }
        if work_tree is None:
            return cls(git_dir.parent, own)
        return cls(work_tree, {**own, "GIT_WORK_TREE": str(work_tree)})

    def having(self, **variables: str) -> "Git":
        """Give the same with more variables in its environment."""
        return attrs.evolve(self, environment={**self.environment, **variables})

    async def ask(
        self, *words: str, stdin: bytes = b"", limit: float = QUICK, most: int = MOST
    ) -> tuple[int, bytes, str]:
        """Run git and give its exit code, output and complaints; `limit` is in seconds, `most` in bytes.

        Raises GitTimeout when it does not end in time, GitFlood when it says more than `most`, GitMissing
        when there is no git.
        """
        try:
            done = await self._run(words, stdin, limit, most)
            if done.code in _TOLD_TO_END:
                # As at a log-out, when all of a session is. Whether a run ends is said by its worker.
                done = await self._run(words, stdin, limit, most)
        except ProgramMissing as error:
            if not self.folder.is_dir():
                raise CheckoutError(f"There is no folder {self.folder} to run git in.") from error
            raise GitMissing("There is no git on your PATH: install it, then try again.") from error
        except ProgramTimeout as error:
            raise GitTimeout(
                f"`git {words[0]}` did not end within {limit:g} s in {self.folder}, and was ended; "
                "see whether something else holds the repository or its disk.",
            ) from error
        except ProgramFlood as error:
            raise GitFlood(f"`git {words[0]}` said more than {most:,} bytes in {self.folder}.") from error
        return done.code, done.stdout, done.stderr.decode("utf-8", "backslashreplace").strip()

    async def _run(self, words: Sequence[str], stdin: bytes, limit: float, most: int) -> Finished:
        return await run(
            ("git", *self.options, *words),
            cwd=self.folder,
            environment=self.environment,
            stdin=stdin,
            timeout=limit,
            limit=most,
        )

    async def bytes_of(
        self, *words: str, stdin: bytes = b"", limit: float = QUICK, most: int = MOST
    ) -> bytes:
        """Run git and give its output. Raises GitFailed when it ends with an error; see `ask`."""
        code, output, complaints = await self.ask(*words, stdin=stdin, limit=limit, most=most)
        if code != 0:
            raise failure(words[0], self.folder, complaints)
        return output

    async def line(self, *words: str, stdin: bytes = b"", limit: float = QUICK) -> str:
        """Run git and give its output as text, without the last line end. Raises GitFailed."""
        return as_text(await self.bytes_of(*words, stdin=stdin, limit=limit)).rstrip("\n")


def in_no_repository(environment: Mapping[str, str]) -> dict[str, str]:
    """Give a user's environment without what points to a repository, or traces what git does.

    Who starts us may be a hook or an alias of git's; a trace may hold passwords.
    """
    return {
        name: value
        for name, value in environment.items()
        if name not in _ELSEWHERE and not name.startswith(("GIT_TRACE", "GIT_CURL_VERBOSE"))
    }


def as_text(raw: bytes) -> str:
    """Read what git wrote; bytes that are no UTF-8 become `\\xNN`, so that the text can be stored."""
    return raw.decode("utf-8", "backslashreplace")


def failure(command: str, folder: Path, complaints: str) -> GitFailed:
    """Give the error for a git command that failed; the last of its complaints is in the sentence."""
    fatal = [line for line in complaints.splitlines() if line.startswith(("fatal:", "error:"))]
    last = (fatal or complaints.splitlines() or ["it said nothing"])[-1]
    words = last.removeprefix("fatal: ").removeprefix("error: ").strip()
    error = GitFailed(f"`git {command}` failed in {folder}: {words.rstrip('.')}.", detail=complaints)
    if _is_full(folder):
        # Git itself names the file that it could not write, and not always why.
        words = f"{error.message} The disk is full: free some space and try again."
        error = GitFailed(words, detail=complaints)
        error.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    return error


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _NO_ROOM
    except OSError:
        return False
