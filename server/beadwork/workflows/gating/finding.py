"""Which commands are the gates of a project: those of the user's settings, else those its files name.

Of each folder and purpose it takes the first line, which is what the project itself says where it says
anything. What it leaves out: reading the files (`context/`), and running anything.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from beadwork.checkouts import Checkout
from beadwork.context import ToolCommand
from beadwork.gates import Gate
from beadwork.workflows.working.telling_agent import Desk, landscape_of

MOST_GATES = 20
MOST_SETUP = 10
_ORDER = ("build", "lint", "typecheck", "test")
_SETTINGS = "your settings"
_TASK_FILES = ("make", "just", "task")
_PACKAGED = frozenset({"python", "docker"})
"""Ecosystems in which a build only makes what is shipped: a change is held to that only where the project's
CI or a task file does so."""
_OF_SYSTEM = re.compile(r"(^|[;&|]\s*)(sudo|apt|apt-get|apk|brew|choco|dnf|yum|pacman|zypper)\s")
"""Lines that install something for the whole machine."""
_PIP = re.compile(r"(^|[;&|]\s*)(python3? -m )?pip3? install\b")
"""Lines that install into whichever Python is first on the PATH: the user's own, without a box."""
_OWN_PYTHON = Gate(
    "setup",
    '"$VIRTUAL_ENV/bin/python" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear "$VIRTUAL_ENV"',
    source="Beadwork, so that pip changes no Python of yours",
)
_NEWER_PIP = Gate("setup", 'pip install "pip>=25.1"', source="Beadwork, for pip's option --group")
_ABOUT_COMMANDS = "Looking for commands: "


@attrs.frozen
class Found:
    """The gates of a project."""

    setup: tuple[Gate, ...] = ()
    """What makes a checkout ready, in its order."""
    gates: tuple[Gate, ...] = ()
    """In the order in which they run."""
    notes: tuple[str, ...] = ()
    """Sentences: what could not be read, and what was left out."""

    @property
    def own_python(self) -> bool:
        """Whether they need a virtual environment of their own."""
        return _OWN_PYTHON in self.setup


async def gates_for(desk: Desk, checkout: Checkout) -> Found:
    """Give the gates of what a checkout has as its base commit, or as files where that is the user's tree.

    The checkout may be one that is only imagined. Raises CheckoutError.
    """
    settings = desk.settings
    folder = _workspace_folder(desk.workspace, checkout)
    own = _of_settings("gate", settings.gates_commands, folder)
    setup = _of_settings("setup", settings.gates_setup, folder)
    if own and setup:
        return Found(setup, own)
    landscape, _ = await landscape_of(desk, checkout)
    found = gates_in(landscape.commands, own)
    unread = [note for note in landscape.notes if note.startswith(_ABOUT_COMMANDS)]
    return attrs.evolve(found, setup=setup or found.setup, notes=(*unread, *found.notes))


def gates_in(commands: Sequence[ToolCommand], own: tuple[Gate, ...] = ()) -> Found:
    """Give the gates among the commands of a project, as a landscape lists them: outer folders first.

    The user's `own` are instead of them; a checkout is made ready for both, since one can be a line for the
    other's folder.
    """
    typed = [each for each in commands if each.as_it_stands and each.folder.isprintable()]
    usable = [each for each in typed if not _OF_SYSTEM.search(each.line)]
    checks = _checks(usable)
    gates = tuple(_gate(each.purpose, each) for each in sorted(checks[:MOST_GATES], key=_place_in_order))
    installs = [each for each in usable if each.purpose == "install"]
    setup = _once(_setup(installs, {gate.folder for gate in (*gates, *own)}))
    of_system = [each for each in typed if each not in usable]
    odd = sorted({ascii(each.folder) for each in commands if not each.folder.isprintable()})
    return Found(
        (*_before(setup), *(_gate("setup", each) for each in setup[:MOST_SETUP])),
        own or gates,
        (
            *(
                f"Not run, since it changes the whole machine: {each.line} ({each.source})."
                for each in of_system
            ),
            *(f"The commands of {folder} are not run, since its name cannot be shown." for folder in odd),
            *_too_many([] if own else checks, MOST_GATES),
            *_too_many(setup, MOST_SETUP),
        ),
    )


def _checks(usable: Sequence[ToolCommand]) -> list[ToolCommand]:
    """Give the commands that a change is held to, outer folders first.

    What lies beside the project, such as examples, counts only where CI runs it, or where nothing else tests.
    """
    found = _checks_of([each for each in usable if not each.beside or each.ecosystem == "ci"])
    return found if any(each.purpose == "test" for each in found) else _checks_of(usable)


def _checks_of(usable: Sequence[ToolCommand]) -> list[ToolCommand]:
    taken = _first_of_each([each for each in usable if each.purpose in _ORDER and not _is_packaging(each)])
    if not any(each.purpose == "test" for each in taken):
        # Nothing else tests, so the lines of CI jobs that do are taken for it, though nobody knows each.
        taken += [attrs.evolve(each, purpose="test") for each in usable if each.purpose == "run_ci"]
    folders = [each.folder for each in taken]
    return sorted(_once(sorted(taken, key=_place_in_order)), key=lambda each: folders.index(each.folder))


def _place_in_order(command: ToolCommand) -> int:
    return _ORDER.index(command.purpose)


def _before(setup: Sequence[ToolCommand]) -> list[Gate]:
    """Give what has to be there before the setup."""
    with_pip = [each.line for each in setup if _PIP.search(each.line)]
    newer = any("--group" in line for line in with_pip)
    return [_OWN_PYTHON] * bool(with_pip) + [_NEWER_PIP] * newer


def _first_of_each(commands: Sequence[ToolCommand]) -> list[ToolCommand]:
    """Give the first command of each folder and purpose."""
    first: dict[tuple[str, str], ToolCommand] = {}
    for each in commands:
        first.setdefault((each.folder, each.purpose), each)
    return list(first.values())


def _setup(commands: Sequence[ToolCommand], folders: set[str]) -> list[ToolCommand]:
    """Give what makes the folders of gates ready, and those above them."""
    wanted = {"", *folders, *(str(above) for folder in folders for above in Path(folder).parents)}
    found: list[ToolCommand] = []
    for folder in dict.fromkeys(each.folder for each in commands if each.folder in wanted):
        there = [each for each in commands if each.folder == folder]
        in_ci = [each for each in there if each.ecosystem == "ci"]
        tasks = [each for each in there if each.ecosystem in _TASK_FILES]
        # A task for it does all that is needed; of conventions each language has its own.
        found += in_ci or tasks[:1] or there
    return found


def _is_packaging(command: ToolCommand) -> bool:
    return command.purpose == "build" and command.ecosystem in _PACKAGED


def _once(commands: Sequence[ToolCommand]) -> list[ToolCommand]:
    """Give each line of a folder once."""
    return list({(each.folder, each.line): each for each in reversed(commands)}.values())[::-1]


def _too_many(commands: Sequence[ToolCommand], most: int) -> list[str]:
    left = len(commands) - most
    return [f"{left} more commands were left out, such as {commands[most].line}."] if left > 0 else []


def _gate(purpose: str, command: ToolCommand) -> Gate:
    return Gate(purpose, command.line, command.folder, command.source)


def _of_settings(purpose: str, lines: Sequence[str], folder: str) -> tuple[Gate, ...]:
    return tuple(Gate(purpose, line, folder, _SETTINGS) for line in dict.fromkeys(lines) if line.strip())


def _workspace_folder(workspace: Path, checkout: Checkout) -> str:
    """Give where the workspace lies in its repository: there the user's own commands run."""
    inside = os.path.relpath(os.path.realpath(workspace), os.path.realpath(checkout.repository))
    return "" if inside == os.curdir or inside.startswith(os.pardir) else Path(inside).as_posix()
