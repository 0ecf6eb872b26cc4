"""The parts that tell of a project: guides, README, tree, commits, commands; what concerns the bead first.

What it leaves out: the bead (`bead_parts.py`).
"""

from collections.abc import Iterable, Iterator, Sequence

from beadwork.context import tree as trees
from beadwork.context.budget import first_bytes
from beadwork.context.fences import one_line, visible
from beadwork.context.interest import Interest
from beadwork.context.model import Change, Landscape, ToolCommand
from beadwork.context.parts import Forest, Part, Prose, Section, listed

_COMMANDS = 50
_FILES_OF_CHANGE = 5
_LONGEST_PATH = 300
_OTHER_FOLDERS = 12
_GUIDES = 12
GUIDE_NAMES = frozenset(
    {
        "claude.md",
        "agents.md",
        "copilot-instructions.md",
        "contributing",
        "contributing.md",
        "contributing.rst",
        "contributing.txt",
        "development.md",
        "hacking.md",
    }
)
"""Files that tell agents and contributors how to work here: pointed to, since an agent reads them itself."""
_PURPOSES = {"test_one": "test one file", "typecheck": "check types", "run_ci": "run by CI"}


def project_parts(landscape: Landscape, interest: Interest) -> Iterator[Part]:
    """Give the parts; some may be empty."""
    yield listed(
        Section.PROJECT, "guides to read where they concern you", 20, map(one_line, _guides(landscape))
    )
    if landscape.readme:
        readme = f"{one_line(landscape.readme_path)[:200]}:\n{visible(landscape.readme).strip()}"
        yield Prose(Section.PROJECT, "summary of the README", 15, readme)
    view = trees.View.of(landscape.files, landscape.links, landscape.modules, interest)
    named = [one_line(path)[:_LONGEST_PATH] for path in view.named()]
    yield listed(Section.PROJECT, "files that the bead names", 40, named)
    yield Forest(view, view.drawn(trees.MOST))
    yield listed(Section.PROJECT, "recent commits, the newest first", 15, map(_change, landscape.changes))
    yield listed(Section.COMMANDS, "commands", 30, _commands(landscape.commands, view.spoken_of))


def _guides(landscape: Landscape) -> list[str]:
    """Give the paths of files that tell agents and contributors how to work here, the outer ones first."""
    found = [path for path in landscape.files if path.rpartition("/")[2].lower() in GUIDE_NAMES]
    return sorted(found, key=lambda path: (path.count("/"), path))[:_GUIDES]


def _change(change: Change) -> str:
    names = list(change.files[:_FILES_OF_CHANGE])
    more = change.file_count - len(names)
    names += [f"and {more:,} more"] if more > 0 else []
    files = f" [{', '.join(names)}]" if names else ""
    return first_bytes(one_line(f"{change.sha[:10]} {change.date} {change.subject}{files}"), 900)


def _commands(commands: Sequence[ToolCommand], spoken_of: Iterable[str]) -> list[str]:
    """Give the commands of the root, then those of folders that the bead speaks of or that hold such.

    Of all other folders only the names are given.
    """
    near = {""}
    for folder in spoken_of:
        at = folder
        while at:
            near.add(at)
            at = at.rpartition("/")[0]
    concerned = [command for command in commands if command.folder in near]
    concerned.sort(key=lambda command: bool(command.folder))
    lines = list(dict.fromkeys(_once(concerned)))[:_COMMANDS]
    others = list(dict.fromkeys(command.folder for command in commands if command.folder not in near))
    if others:
        names = [one_line(folder)[:_LONGEST_PATH] for folder in others[:_OTHER_FOLDERS]]
        more = [f"and {len(others) - len(names):,} more"] if len(others) > len(names) else []
        lines.append(f"folders with commands of their own: {', '.join([*names, *more])}")
    return lines


def _once(commands: Iterable[ToolCommand]) -> Iterator[str]:
    """Give each command once, with the first place that it was read from."""
    seen: set[tuple[str, str, str]] = set()
    for command in commands:
        key = (command.folder, command.purpose, command.line)
        if key not in seen:
            seen.add(key)
            yield _command(command)


def _command(command: ToolCommand) -> str:
    folder = f"in {command.folder}: " if command.folder else ""
    purpose = _PURPOSES.get(command.purpose, command.purpose)
    words = f"{purpose}: {folder}{command.line}   (from {command.source})"
    return first_bytes(one_line(words), 600)
