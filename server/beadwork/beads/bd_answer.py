"""Reads what bd answered: its JSON in every wrapping, and its errors from both streams.

bd says that something went wrong on stdout or on stderr, as JSON or as text, by version and by command. What
it leaves out: running bd (`bd_call.py`), and what a record means (`record.py`).
"""

import json
import re
from collections.abc import Mapping

import attrs

from beadwork.beads.port import (
    BeadBlocked,
    BeadNotFound,
    BeadTaken,
    TrackerError,
    TrackerGarbled,
    TrackerLocked,
    TrackerMissing,
    TrackerReadOnly,
)
from beadwork.processes import Finished

_WRAPPINGS = ("data", "items", "issues", "closed", "reopened")
_SHOWN = 2000
"""Characters of bd's own words that an error carries."""

_MISSING_BEAD = re.compile(
    r"no issues? found matching|^issue \S+ not found|: issue \S+ not found|issue not found:|"
    r"no issues found matching the provided",
    re.IGNORECASE,
)
_TAKEN = re.compile(r"already claimed by|not claimable", re.IGNORECASE)
_BLOCKED = re.compile(r"cannot close .*(blocked by|open child)|--force to override", re.IGNORECASE)
_LOCKED = re.compile(
    r"exclusive lock|database is locked|locked by another|failed to acquire.*lock", re.IGNORECASE
)
_NO_BEADS = re.compile(
    r"no beads database|no_beads_directory|no active beads workspace|no database", re.IGNORECASE
)
_READ_ONLY = re.compile(r"read-?only mode|database is read[- ]only", re.IGNORECASE)
_NO_REMOTE = re.compile(r"no remote is configured", re.IGNORECASE)
_SYNCED = frozenset({"ok", "no-remote", "disabled"})
"""What `bd sync` says where there is nothing wrong, though with two of them nothing was sent."""
_UNKNOWN_FLAG = re.compile(r"unknown flag: (--[a-z-]+)")


@attrs.frozen
class Answer:
    """What bd said to one command."""

    command: str
    """Such as `bd update`, for sentences."""
    finished: Finished

    @property
    def unknown_flag(self) -> str:
        """The flag that this bd does not know, if that is why it failed."""
        match = _UNKNOWN_FLAG.search(self._stderr)
        return match.group(1) if match and self.finished.code else ""

    def json(self) -> object:
        """Give the JSON of stdout, unwrapped.

        Raises the TrackerError that bd's words mean, also where it said an error and exit code 0;
        TrackerGarbled when there is no JSON.
        """
        value = self._parsed()
        if self.finished.code or (isinstance(value, Mapping) and isinstance(value.get("error"), str)):
            raise self.failure()
        if value is None:
            raise TrackerGarbled(
                f"The answer of `{self.command}` was not understood; see if the command works in a terminal.",
                detail=self.words,
            )
        return unwrapped(value)

    def objects(self) -> list[Mapping[str, object]]:
        """Give the records of an answer that is a list, or a single one. Raises as `json` does."""
        value = self.json()
        items: list[object] = value if isinstance(value, list) else [value]
        records = [item for item in items if isinstance(item, Mapping)]
        if len(records) < len(items):
            raise TrackerGarbled(
                f"`{self.command}` answered with something that is no record.", detail=self.words
            )
        return records

    def check(self) -> None:
        """Raise what bd's words mean if it failed; whatever it printed otherwise is not looked at."""
        value = self._parsed()
        if self.finished.code or (isinstance(value, Mapping) and isinstance(value.get("error"), str)):
            raise self.failure()

    def synced(self) -> str:
        """Give in a few words what came of a sync; raises as `check` does, and for a status of failure."""
        self.check()
        value = unwrapped(self._parsed())
        status = value.get("status") if isinstance(value, Mapping) else None
        if isinstance(status, str) and status not in _SYNCED:
            raise TrackerError(f"`{self.command}` came to nothing: {status}.", detail=self.words)
        if isinstance(status, str):
            return status
        lines = [line.strip() for line in self._stdout.splitlines() if line.strip()]
        unconfigured = next((line for line in lines if _NO_REMOTE.search(line)), "")
        return (unconfigured or (lines[-1] if lines else "done")).rstrip(".")

    def failure(self) -> TrackerError:
        """Give the error that bd's words mean."""
        words = self._error_text()
        kind = TrackerError
        for pattern, meaning in (
            (_MISSING_BEAD, BeadNotFound),
            (_TAKEN, BeadTaken),
            (_BLOCKED, BeadBlocked),
            (_LOCKED, TrackerLocked),
            (_NO_BEADS, TrackerMissing),
            (_READ_ONLY, TrackerReadOnly),
        ):
            if pattern.search(words):
                kind = meaning
                break
        first = words.splitlines()[0] if words else f"exit code {self.finished.code} without a word"
        return kind(f"`{self.command}` failed: {first.rstrip('.')}.", detail=self.words)

    @property
    def words(self) -> str:
        """All that bd said, shortened, for a second line or a log."""
        return "\n".join(part.strip()[:_SHOWN] for part in (self._stderr, self._stdout) if part.strip())

    def _error_text(self) -> str:
        """Give bd's sentence: from JSON on either stream, else from stderr without warnings and hints."""
        for stream in (self._stdout, self._stderr):
            value = _json(stream)
            if isinstance(value, Mapping) and value.get("error"):
                error = value["error"]
                code = error.get("message") if isinstance(error, Mapping) else error
                message = value.get("message")
                return f"{message} ({code})" if isinstance(message, str) and message else str(code)
        lines = [line.strip() for line in (self._stderr or self._stdout).splitlines()]
        telling = [line for line in lines if line and not line.startswith(("Warning:", "Hint:", "hint:"))]
        return "\n".join(line.removeprefix("Error: ") for line in telling or lines)

    def _parsed(self) -> object:
        return _json(self._stdout)

    @property
    def _stdout(self) -> str:
        return self.finished.stdout.decode("utf-8", "replace")

    @property
    def _stderr(self) -> str:
        return self.finished.stderr.decode("utf-8", "replace")


def unwrapped(value: object) -> object:
    """Give the answer inside an envelope: `{"schema_version":…,"data":…}` and its older forms."""
    if not isinstance(value, Mapping) or "id" in value:
        return value
    for key in _WRAPPINGS:
        if isinstance(value.get(key), list | dict):
            return value[key]
    return value


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
