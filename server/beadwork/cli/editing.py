"""`create`, `edit`, `comment` and `depend`: beads made and changed, at once.

What it leaves out: closing and reopening, which look at what stands in the way (`finishing.py`).
"""

import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from beadwork.beads import Change
from beadwork.cli import printing, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Cell, Line
from beadwork.workflows import Application, CreateRequest, Place, as_json

PRIORITY = click.IntRange(0, 4)
_TEXTS = ("description", "design", "acceptance", "notes")
_AT = re.compile(r"(.+?)(?::(\d{1,9}))?", re.DOTALL)

Deed = Callable[[Application, Path], Awaitable[tuple[str, Line]]]
"""Does something in a project; gives the bead that it was done to, and what a person is told."""


@click.command("create")
@click.argument("title", metavar="TITLE")
@click.option("-d", "--description", metavar="TEXT", default="", help="What it is about; `-` reads it.")
@click.option(
    "-t", "--type", "kind", metavar="TYPE", default="task", help="bug, feature, epic, …", show_default=True
)
@click.option("-p", "--priority", type=PRIORITY, default=2, help="0 is the most urgent.", show_default=True)
@click.option("-l", "--label", "labels", metavar="LABEL", multiple=True, help="May be given several times.")
@click.option("--parent", metavar="ID", default="", help="The bead that it is a part of.")
@click.option(
    "--depends-on", metavar="ID", multiple=True, help="A bead that is in its way; may be given several times."
)
@click.option(
    "--at", "place", metavar="FILE[:LINE]", default="", help="The place in a file that it is about."
)
@json_option
@click.pass_obj
def create(
    invocation: Invocation,
    *,
    title: str,
    description: str,
    kind: str,
    priority: int,
    labels: tuple[str, ...],
    parent: str,
    depends_on: tuple[str, ...],
    place: str,
    json: bool,
) -> None:
    """Create a bead."""
    request = CreateRequest(
        title,
        _text(description),
        kind,
        priority,
        labels,
        parent,
        depends_on,
        _place(invocation.folder, place) if place else None,
        within=invocation.folder,
    )

    async def made(application: Application, project: Path) -> tuple[str, Line]:
        bead = await application.editing.create(project, request)
        return bead, Line.of("Made ", Cell(bead, "bold cyan"), f" {request.title.strip()}")

    _do(invocation, made, json=json)


@click.command("edit")
@click.argument("bead", metavar="ID")
@click.option("--title", metavar="TEXT")
@click.option(
    "-d", "--description", metavar="TEXT", help="`-` reads it from standard input, as the next three."
)
@click.option("--design", metavar="TEXT", help="How it is to be done.")
@click.option("--acceptance", metavar="TEXT", help="What has to hold when it is done.")
@click.option("--notes", metavar="TEXT")
@click.option("-s", "--status", metavar="STATUS", help="Any but closed, which is `beadwork close`.")
@click.option("-t", "--type", metavar="TYPE", help="bug, feature, epic, …")
@click.option("-p", "--priority", type=PRIORITY, help="0 is the most urgent.")
@click.option("-a", "--assignee", metavar="NAME", help="An empty one makes it nobody's.")
@click.option("--add-label", "add_labels", metavar="LABEL", multiple=True, help="May be given several times.")
@click.option("--remove-label", "remove_labels", metavar="LABEL", multiple=True, help="So may this.")
@json_option
@click.pass_obj
def edit(invocation: Invocation, /, *, bead: str, json: bool, **fields: Any) -> None:  # noqa: ANN401  (as click has it)
    """Change fields of a bead: those that are named; an empty text empties one."""
    given = {name: value for name, value in fields.items() if value is not None and value != ()}
    if not given:
        raise click.UsageError("Say what to change: --title TEXT, --priority N, …; --help has them all.")
    if [given.get(name) for name in _TEXTS].count("-") > 1:
        raise click.UsageError("Only one text can come on standard input; give `-` once.")
    given |= {name: _text(value) for name in _TEXTS if isinstance(value := given.get(name), str)}
    wanted = Change(**given)

    async def changed(application: Application, project: Path) -> tuple[str, Line]:
        differed = await application.editing.change(project, bead, wanted)
        return bead, Line.of(Cell(bead, "bold cyan"), " is changed." if differed else " is so already.")

    _do(invocation, changed, json=json)


@click.command("comment")
@click.argument("bead", metavar="ID")
@click.argument("text", metavar="TEXT")
@json_option
@click.pass_obj
def comment(invocation: Invocation, *, bead: str, text: str, json: bool) -> None:
    """Add a comment to a bead, in your name; with `-` for TEXT it is read from standard input."""
    said = _text(text)

    async def commented(application: Application, project: Path) -> tuple[str, Line]:
        await application.editing.comment(project, bead, said)
        return bead, Line.of("Commented on ", Cell(bead, "bold cyan"), ".")

    _do(invocation, commented, json=json)


@click.command("depend")
@click.argument("bead", metavar="ID")
@click.argument("on", metavar="ON")
@click.option(
    "--kind", metavar="KIND", default="blocks", help="Such as parent-child or related.", show_default=True
)
@click.option("--remove", is_flag=True, help="It depends on ON no more.")
@json_option
@click.pass_obj
def depend(invocation: Invocation, *, bead: str, on: str, kind: str, remove: bool, json: bool) -> None:
    """Make a bead depend on another, or no more.

    ON is in the way of ID. With `--kind parent-child`, ID is a part of ON.
    """

    async def connected(application: Application, project: Path) -> tuple[str, Line]:
        editing = application.editing
        await (editing.undepend if remove else editing.depend)(project, bead, on, kind)
        end = " no more." if remove else f" ({kind})."
        return bead, Line.of(Cell(bead, "bold cyan"), " depends on ", Cell(on, "bold"), end)

    _do(invocation, connected, json=json)


def _do(invocation: Invocation, deed: Deed, *, json: bool) -> None:
    """Do it in the project of the folder, and tell: a sentence, or the bead's page."""

    async def told(application: Application) -> None:
        project = await application.project_of(invocation.folder)
        bead, line = await deed(application, project)
        if json:
            writing.write_json(as_json({"page": await application.page(project, bead)}))
        else:
            printing.show([line])

    invocation.run(told)


def _text(given: str) -> str:
    """Give a text of the command line; for `-`, what standard input has. Raises UsageError."""
    if given != "-":
        return given
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError("What came on standard input is no text in UTF-8.") from error
    if not text.strip():  # of a program that failed, most likely
        raise click.UsageError("Nothing came on standard input; to empty a field, give an empty text.")
    return text


def _place(folder: Path, given: str) -> Place:
    found = _AT.fullmatch(given)
    name, line = found.groups() if found else (given, None)
    file = folder / os.path.expanduser(name)  # noqa: PTH111  (Path's own fails for a user who is not there)
    if not os.path.isfile(file):  # noqa: PTH113  (Path's own fails for a name that is too long)
        raise click.UsageError(f"There is no file {file}; --at takes FILE or FILE:LINE.")
    return Place(file, int(line or 0))
