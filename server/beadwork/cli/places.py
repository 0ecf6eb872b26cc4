"""`attach` and `projects`: where things are."""

import os
from pathlib import Path

import attrs
import click

from beadwork.cli import failing, printing, wording, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Cell, Line, Table
from beadwork.errors import BeadworkError
from beadwork.workflows import Application, BeadPage, RunView, as_json


class NoCheckout(BeadworkError):  # noqa: N818
    """A bead has no checkout (any more)."""

    code = "no-checkout"


class NoShell(BeadworkError):  # noqa: N818
    """The shell cannot be started."""

    code = "no-shell"


@attrs.frozen
class ProjectPlace:
    """A project that has runs."""

    folder: str
    exists: bool
    run: RunView | None
    """Its newest run."""


@click.command("attach")
@click.argument("bead", metavar="ID")
@json_option
@click.pass_obj
def attach(invocation: Invocation, *, bead: str, json: bool) -> None:
    """Open a shell in a bead's checkout.

    It is your own shell ($SHELL), not the agent's box. The checkout's .git was the agent's to change,
    so git's hooks and file system monitor are switched off in it; with `--json` only the path is printed.
    """

    async def page_of(application: Application) -> BeadPage:
        return await application.page(await application.project_of(invocation.folder), bead)

    checkout = _checkout_of(invocation.run(page_of))
    if json:
        writing.write_json({"checkout": str(checkout)})
        return
    failing.warn(
        "the agent could write this checkout's .git; git hooks are off in this shell, filters are not."
    )
    shell = os.environ.get("SHELL") or "/bin/sh"
    try:
        os.chdir(checkout)
        os.execvpe(shell, [shell], {**os.environ, **_safer_git(os.environ.get("GIT_CONFIG_COUNT", ""))})  # noqa: S606  (exec is the point)
    except OSError as error:
        raise NoShell(
            f"The shell {shell} cannot be started in {checkout}: {error.strerror}. Set SHELL."
        ) from error


@click.command("projects")
@json_option
@click.pass_obj
def projects(invocation: Invocation, *, json: bool) -> None:
    """The projects that have runs, and the newest run of each."""

    async def places(application: Application) -> list[tuple[str, RunView | None]]:
        found: list[tuple[str, RunView | None]] = []
        for folder in await application.projects():
            newest = await application.runs(Path(folder), limit=1)
            found.append((folder, newest[0] if newest else None))
        return found

    found = [ProjectPlace(folder, Path(folder).is_dir(), run) for folder, run in invocation.run(places)]
    if json:
        writing.write_json(as_json({"folders": found}))
    elif found:
        printing.show([Table(tuple(map(_row, found)), flexible=3)])
    else:
        printing.show([Line.of(Cell("No project has runs yet.", "dim"))])


def _checkout_of(page: BeadPage) -> Path:
    bead = page.bead.id
    for run in page.runs:
        if Path(run.checkout).is_dir():
            return Path(run.checkout)
    if page.runs:
        raise NoCheckout(f"The checkout of {bead} is gone; `beadwork work {bead}` makes it again.")
    raise NoCheckout(f"{bead} has no checkout yet; `beadwork work {bead}` makes one.")


def _safer_git(count: str) -> dict[str, str]:
    """Give the variables that keep git from running by itself what the agent may have planted."""
    first = int(count) if count.isdecimal() else 0
    overruled = {"core.hooksPath": os.devnull, "core.fsmonitor": "false"}
    variables = {"GIT_CONFIG_COUNT": str(first + len(overruled))}
    for index, (key, value) in enumerate(overruled.items(), first):
        variables |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return variables


def _row(place: ProjectPlace) -> tuple[Cell, ...]:
    run = place.run
    folder = Cell(place.folder, "bold" if place.exists else "dim strike")
    gone = Cell("" if place.exists else "(gone)", "yellow")
    if run is None:
        return (folder, gone, Cell(""), Cell(""))
    newest = (
        f"{wording.subject(run.bead)} {wording.state(run)}, {wording.ago(run.queued_at, wording.present())}"
    )
    return (
        folder,
        gone,
        Cell(wording.short(run), "cyan"),
        Cell(newest, wording.STATE_STYLES.get(run.state, "")),
    )
