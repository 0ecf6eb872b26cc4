"""docs/commands.md against the program: every command and option, every exit code, both ways."""

import re
from pathlib import Path

import click
import pytest

from beadwork.cli import failing, program

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def options_of(command: click.Command) -> set[str]:
    """Give the spellings of a command's options, without `--help`."""
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {spelling for option in options for spelling in option.opts if spelling != "--help"}


def options_in(section: str) -> set[str]:
    """Give the spellings in the first column of a section's table of options."""
    cells = re.findall(r"^\| (`-.*?) \|", SECTIONS[section], re.MULTILINE)
    return {spelling for cell in cells for spelling in re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", cell)}


def command(name: str) -> click.Command:
    """Give one command of the program."""
    found = program.get_command(click.Context(program), name)
    assert found is not None
    return found


SHOWN = [name for name in program.COMMANDS if name not in program.HIDDEN]


def test_every_command_has_its_section() -> None:
    """The page has a section for each command that a person may use, in the program's order, and no other."""
    named = [title for title in SECTIONS if title.startswith("`beadwork ")]
    assert named == [f"`beadwork {name}`" for name in SHOWN]


@pytest.mark.parametrize("name", SHOWN)
def test_options(name: str) -> None:
    """A command's section has exactly the options that the command has."""
    assert options_in(f"`beadwork {name}`") == options_of(command(name))


def test_options_for_all_commands() -> None:
    """So has the section of what all commands share."""
    assert options_in("For all commands") - {"-h", "--help"} == options_of(program)


@pytest.mark.parametrize("name", SHOWN)
def test_choices(name: str) -> None:
    """Every value that an option takes from a list is named in the command's section."""
    for parameter in command(name).params:
        if isinstance(parameter.type, click.Choice):
            for choice in parameter.type.choices:
                assert f"`{choice}`" in SECTIONS[f"`beadwork {name}`"]


def test_exit_codes() -> None:
    """The page, the help and the code have the same exit codes."""
    on_page = [int(code) for code in re.findall(r"^\| (\d+) \|", SECTIONS["Exit codes"], re.MULTILINE)]
    in_help = [int(code) for code in re.findall(r"^ *(\d+) ", failing.EXIT_CODES, re.MULTILINE)]
    constants = [
        failing.SUCCESS,
        failing.ERROR,
        failing.WRONG_USAGE,
        failing.REFUSED,
        failing.NOT_COMPLETED,
        failing.INTERRUPTED,
        failing.READER_GONE,
    ]
    assert on_page == in_help == constants


@pytest.mark.parametrize("name", [name for name in SHOWN if name not in {"demo", "serve"}])
def test_json_everywhere(name: str) -> None:
    """Every command that answers a question has `--json`."""
    assert "--json" in options_of(command(name))
