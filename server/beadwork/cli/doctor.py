"""`doctor`: what works on this machine. What it leaves out: how each thing is tried (`checks.py`)."""

import asyncio
import os

import click

from beadwork.cli import failing, printing, writing
from beadwork.cli.checks import Check, CheckState, Surroundings, all_checks
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Block, Cell, Table
from beadwork.state_folder import StateFolder
from beadwork.workflows import as_json


@click.command("doctor")
@json_option
@click.pass_obj
def doctor(invocation: Invocation, *, json: bool) -> None:
    """Check what works on this machine, and what does not.

    Everything is tried for real, at once, each with a time limit. The exit code is 1 when something is broken
    that Beadwork cannot do without: Python, git, the state folder.
    """
    surroundings = Surroundings.of(invocation.folder, StateFolder.of_user(), dict(os.environ))
    checks = asyncio.run(all_checks(surroundings))
    well = not any(check.required and check.state is CheckState.BROKEN for check in checks)
    if json:
        writing.write_json(as_json({"ok": well, "checks": checks}))
    else:
        printing.show(blocks(checks))
    click.get_current_context().exit(failing.SUCCESS if well else failing.ERROR)


def blocks(checks: tuple[Check, ...]) -> list[Block]:
    """Set out what was found; what does not work is followed by what works without it."""
    rows: list[tuple[Cell, Cell, Cell]] = []
    for check in checks:
        first, *more = writing.cleaned(check.found).split("\n")
        rows.append((Cell(check.state.value, _style(check)), Cell(check.name, "bold"), Cell(first)))
        rows += [(Cell(""), Cell(""), Cell(line)) for line in more]
        if check.state is not CheckState.OK and check.without:
            words = f"works without it: {check.without[0].lower()}{check.without[1:]}"
            rows.append((Cell(""), Cell(""), Cell(words, "dim")))
    return [Table(tuple(rows), flexible=2, wrapped=True)]


def _style(check: Check) -> str:
    if check.state is CheckState.OK:
        return "green"
    return "red" if check.required and check.state is CheckState.BROKEN else "yellow"
