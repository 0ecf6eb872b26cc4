"""What a call of a tool of Claude Code is called for a person: the command, the file, the pattern.

What it leaves out: what the call is for, and whether it may be made.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePath

import attrs

_KEYS = (
    "command",
    "file_path",
    "notebook_path",
    "pattern",
    "path",
    "url",
    "query",
    "description",
    "prompt",
)
_LENGTH = 160
_WHOLE_LENGTH = 4000
_DIGEST = 12
_LINE_BREAK = "⏎"


@attrs.frozen
class Titles:
    """Titles of the calls in `checkout`, below which file names are short."""

    checkout: Path

    def short(self, tool: str, data: Mapping[str, object]) -> str:
        """Give one line that can be read at a glance."""
        line = " ".join(self._value(tool, data).split())
        return line if len(line) <= _LENGTH else line[: _LENGTH - 1] + "…"

    def whole(self, tool: str, data: Mapping[str, object]) -> str:
        """Give one line that no other call has: leave given for it is given for nothing else.

        Line breaks are seen, blanks are kept, and what is too long to be read carries a digest of all of it.
        """
        value = self._value(tool, data).strip()
        line = value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", _LINE_BREAK)
        if len(line) <= _WHOLE_LENGTH:
            return line
        return f"{line[:_WHOLE_LENGTH]}… ({hashlib.sha256(value.encode()).hexdigest()[:_DIGEST]})"

    def _value(self, tool: str, data: Mapping[str, object]) -> str:
        for key in _KEYS:
            value = data.get(key)
            if isinstance(value, str) and value.strip():
                return self._inside(value) if key.endswith("path") else value
        return tool

    def _inside(self, path: str) -> str:
        try:
            return str(PurePath(path).relative_to(self.checkout))
        except ValueError:
            return path
