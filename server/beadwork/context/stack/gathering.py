"""Gathering a part's commands in order, each once, within bounds.

What it leaves out: which commands there are.
"""

from beadwork.context.stack.model import Command, Part, Purpose
from beadwork.context.stack.repository import Folder

MAX_COMMANDS = 40
MAX_ALIKE = 10
"""Commands of one purpose."""
MAX_LINE = 400
MAX_NAME = 100


class Gathering:
    """The commands of one folder for one ecosystem, as they are found."""

    def __init__(self, folder: Folder, ecosystem: str, *, sources_from_root: bool = False) -> None:
        self.folder = folder
        self._place = (lambda source: source) if sources_from_root else folder.place
        self._ecosystem = ecosystem
        self._commands: dict[tuple[Purpose, str], Command] = {}

    def add(self, purpose: Purpose, line: str, source: str) -> None:
        """Take a command, read in `source`, whose path starts in the folder.

        It is left out when it is there already, is empty, or could not be typed in one line.
        """
        line = line.strip()
        if not line or len(line) > MAX_LINE or not line.isprintable():
            return
        alike = sum(known is purpose for known, _ in self._commands)
        if alike < MAX_ALIKE and len(self._commands) < MAX_COMMANDS:
            self._commands.setdefault((purpose, line), Command(purpose, line, _shown(self._place(source))))

    def has(self, purpose: Purpose) -> bool:
        """Tell whether there is a command for `purpose`."""
        return any(known is purpose for known, _ in self._commands)

    def part(self, name: str) -> list[Part]:
        """Give the part with what was gathered, or none when that is nothing.

        Lines of which less is known, or with expressions of a CI system, stand last.
        """
        if not self._commands:
            return []
        shown = _shown(name or self.folder.title)[:MAX_NAME]
        commands = sorted(self._commands.values(), key=_rank)
        return [Part(self.folder.path, self._ecosystem, shown, tuple(commands))]


def _rank(command: Command) -> tuple[bool, bool]:
    return "${{" in command.argv_line, command.purpose is Purpose.RUN_CI


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
