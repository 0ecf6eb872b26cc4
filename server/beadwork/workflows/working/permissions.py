"""Standing answers: what a person has said once and for all to requests for permission.

They live in `permissions.toml` beside the user's settings, ours to add to and theirs to edit; what was said
for one run lives as long as that run. What it leaves out: asking (`conversation.py`).
"""

import glob
import json
import os
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import attrs
import filelock

from beadwork.executions import Ask, Permit
from beadwork.settings import SettingsError, user_file

_WAIT = 10.0
"""Seconds to wait for another process that adds an answer."""
_ANSWERS = {"allow": True, "never": False}
_FOR_THE_RUN = {Permit.RUN: True, Permit.PROJECT: True, Permit.NEVER: False}


@attrs.frozen
class StandingAnswer:
    """One entry of the file."""

    tool: str
    title: str
    """What the call's line has to be; `*` stands for anything."""
    project: str
    """Absolute folder."""
    allow: bool

    def fits(self, project: str, ask: Ask) -> bool:
        """Whether it answers `ask` in `project`."""
        return (self.project, self.tool) == (project, ask.tool) and fnmatchcase(ask.title, self.title)


def permissions_file() -> Path:
    """Give the path of the user's file, whether it is there or not."""
    return user_file().parent / "permissions.toml"


def permit_of(text: str) -> Permit | None:
    """Give the choice that `text` names; None for a person's own words, which are no leave."""
    return next((permit for permit in Permit if permit.value.casefold() == text.strip().casefold()), None)


def allows(permit: Permit | None) -> bool:
    """Whether an answer lets the agent go on."""
    return permit in {Permit.ONCE, Permit.RUN, Permit.PROJECT}


def read_answers(file: Path) -> Sequence[StandingAnswer]:
    """Give the answers in `file`, none where there is none. Raises SettingsError, which names the entry."""
    text = _text_of(file)
    entries = _parsed(file, text).get("permission", [])
    if not isinstance(entries, list):
        raise SettingsError(f"{file}: `permission` must be a list of tables, `[[permission]]`.")
    return [_answer_of(file, number, entry) for number, entry in enumerate(entries, 1)]


def add_answer(file: Path, answer: StandingAnswer, lock: Path) -> None:
    """Add `answer` at the end of `file`, which is replaced as a whole; what is in it stays as it is.

    `lock` is the path of the lock file for those who add. Raises SettingsError, and nothing has changed then.
    """
    try:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with filelock.FileLock(lock, timeout=_WAIT, mode=0o600):
            if answer in read_answers(file):
                return
            before = _text_of(file)
            gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
            after = before + gap + _entry(answer)
            _parsed(file, after)
            _replace(file.resolve(), after)
    except filelock.Timeout as error:
        raise SettingsError(f"{file} is being written by another process; try again.") from error
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror or error}.") from error


class Leave:
    """What an agent may do without asking: what was said for its run, and the standing answers."""

    def __init__(
        self, project: str, file: Path, lock: Path, said: Iterable[tuple[Ask, Permit | None]] = ()
    ) -> None:
        """Begin with what was `said` in this run before."""
        self._project, self._file, self._lock = project, file, lock
        self._said: dict[tuple[str, str], bool] = {}
        for ask, permit in said:
            self._hold_for_the_run(ask, permit)

    def standing(self, ask: Ask) -> bool | None:
        """Give the answer that stands for `ask`, a refusal before leave; None when a person has to say.

        Raises SettingsError when the file cannot be read.
        """
        said = self._said.get((ask.tool, ask.title))
        if said is not None:
            return said
        fitting = {each.allow for each in read_answers(self._file) if each.fits(self._project, ask)}
        return min(fitting) if fitting else None

    def take(self, ask: Ask, permit: Permit | None) -> None:
        """Take note of a person's answer. Raises SettingsError when it can count for this run only."""
        self._hold_for_the_run(ask, permit)
        if permit in {Permit.PROJECT, Permit.NEVER}:
            answer = StandingAnswer(
                ask.tool, glob.escape(ask.title), self._project, allow=permit is Permit.PROJECT
            )
            add_answer(self._file, answer, self._lock)

    def allow_for_the_run(self, ask: Ask) -> None:
        """Let the agent do it when it tries again: its request was answered while it rested."""
        self._said[ask.tool, ask.title] = True

    def _hold_for_the_run(self, ask: Ask, permit: Permit | None) -> None:
        if permit in _FOR_THE_RUN:
            self._said[ask.tool, ask.title] = _FOR_THE_RUN[permit]


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error


def _parsed(file: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}. Mend it, then answer again.") from error


def _answer_of(file: Path, number: int, entry: object) -> StandingAnswer:
    values = entry if isinstance(entry, dict) else {}
    tool, title, project = (values.get(key) for key in ("tool", "title", "project"))
    allow = _ANSWERS.get(str(values.get("answer")))
    if not (isinstance(tool, str) and isinstance(title, str) and isinstance(project, str)) or allow is None:
        raise SettingsError(
            f'{file}: entry {number} of `permission` needs `tool`, `title` and `project`, and "allow" or '
            '"never" as `answer`.'
        )
    return StandingAnswer(tool, title, project, allow)


def _entry(answer: StandingAnswer) -> str:
    values = {"tool": answer.tool, "title": answer.title, "project": answer.project}
    values["answer"] = "allow" if answer.allow else "never"
    return "".join(["[[permission]]\n", *(f"{key} = {_quoted(value)}\n" for key, value in values.items())])


def _quoted(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
