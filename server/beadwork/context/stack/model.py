"""What is known of a project's tools: parts, their commands, and where each was read.

What it leaves out: finding any of it (`detecting.py`).
"""

import enum
import posixpath
import re
import shlex

import attrs


class Purpose(enum.StrEnum):
    """What a command is for."""

    INSTALL = "install"
    BUILD = "build"
    TEST_ONE = "test_one"
    """Tests of one file; the line has a placeholder, see `Command`."""
    TEST = "test"
    LINT = "lint"
    """Looks and changes nothing; `ruff format --check` is one, too."""
    FORMAT = "format"
    TYPECHECK = "typecheck"
    RUN_CI = "run_ci"
    """A line of a CI job that tests, of which it is not known what it does."""


@attrs.frozen
class Command:
    """One command, as a person would type it.

    A line may have placeholders: `{file}` is the path of a file relative to the part's folder,
    `{file.stem}` its name without folder and last extension, `{file.folder}` its folder (`.` for the part's
    own). `for_file` fills them.
    """

    purpose: Purpose
    argv_line: str
    """One line for a shell in the part's folder, without control characters."""
    source: str
    """Where it was read: a path in the repository, and what in it: `pyproject.toml [tool.mypy]`."""

    @property
    def as_it_stands(self) -> bool:
        """Whether the line can be typed as it is: it has neither placeholders nor expressions of a CI
        system."""
        return stands_as_it_is(self.argv_line)

    def for_file(self, path: str) -> str:
        """Give the line for the file at `path`, relative to the part's folder, quoted for a shell."""
        folder, name = posixpath.split(path)
        values = (path, posixpath.splitext(name)[0], folder or ".")
        filled = dict(zip(PLACEHOLDERS, map(shlex.quote, values), strict=True))
        return re.sub(
            "|".join(map(re.escape, PLACEHOLDERS)), lambda match: filled[match.group()], self.argv_line
        )


PLACEHOLDERS = ("{file}", "{file.stem}", "{file.folder}")


def stands_as_it_is(line: str) -> bool:
    """Whether a command's line has neither placeholders nor expressions of a CI system."""
    return "${{" not in line and not any(mark in line for mark in PLACEHOLDERS)


@attrs.frozen
class Part:
    """One folder as one tool sees it; a folder with a Makefile and a package.json has two."""

    folder: str
    """Relative to the repository, POSIX; empty for its root. As git names it, so with any character."""
    ecosystem: str
    """`ci`, `make`, `just`, `task`, `pre-commit`, or a language or tool such as `python`, `java`,
    `terraform`."""
    name: str
    """What the manifest calls the project; else the folder's or the file's name."""
    commands: tuple[Command, ...]
    """What the project itself says first, then what its ecosystem does by convention."""


@attrs.frozen
class Stack:
    """All parts of a repository: outer folders first, and in a folder CI, then task files, then
    ecosystems."""

    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences: which files could not be read and why, and what was left out."""

    def commands(self, purpose: Purpose, folder: str = "") -> tuple[Command, ...]:
        """Give the commands of exactly `folder` for `purpose`, the most telling first."""
        return tuple(
            command
            for part in self.parts
            if part.folder == folder
            for command in part.commands
            if command.purpose is purpose
        )
