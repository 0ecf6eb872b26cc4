"""`gates`, `publish`, `close` and `reopen`: what is done with work that an agent has ended.

What it leaves out: bringing a branch into its base (`landing.py`), and how these are shown (`errands.py`).
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from beadwork.cli import errands, failing, printing, refusing, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.mending import Asked
from beadwork.cli.printing import Line
from beadwork.runners import RunnerName
from beadwork.workflows import (
    Application,
    CloseRequest,
    GatesRequest,
    PublishRequest,
    Refused,
    RunView,
    as_json,
)

C = TypeVar("C", bound=Callable[..., Any])

Asking = Callable[[Application, Path], Awaitable[RunView | Refused]]
"""Asks for an errand in a project."""


def waiting_options(command: C) -> C:
    """Give a command that is waited for the options `--detach` and `--json`."""
    detach = click.option("--detach", is_flag=True, help="Answer at once; it goes on by itself.")
    return detach(json_option(command))


@click.command("gates")
@click.argument("bead", metavar="[ID]", required=False)
@click.option("--here", is_flag=True, help="In your own working tree, as it is.")
@click.option("--anew", is_flag=True, help="Run also those whose result on this commit is known.")
@click.option(
    "--runner", type=click.Choice([name.value for name in RunnerName]), help="Another box than usual."
)
@waiting_options
@click.pass_obj
def gates(
    invocation: Invocation,
    *,
    bead: str | None,
    here: bool,
    anew: bool,
    runner: str | None,
    detach: bool,
    json: bool,
) -> None:
    """Run the gates of a bead's branch: build, lint, tests.

    They are the commands of your settings, else those that the project itself names. They run in a checkout
    of the branch's head, and what is known of a commit is not run again; with `--here` they run where your
    own files are.
    """
    if bead is None and not here:
        raise click.UsageError("Name a bead, or say --here for your own working tree.")
    request = GatesRequest(bead or "", here, anew, runner or "")
    options = ("--here",) * here + ("--anew",) * anew
    wait_for(
        invocation,
        lambda application, project: application.gates(project, request),
        Asked("gates", bead or "", options),
        detach=detach,
        json=json,
    )


@click.command("publish")
@click.argument("bead", metavar="ID")
@click.option("--draft", is_flag=True, help="The pull request is a draft.")
@click.option("--ready", is_flag=True, help="The pull request is ready to be read, whatever a review said.")
@click.option(
    "--force", is_flag=True, help="Also replace what you pushed before, where it was rewritten since."
)
@waiting_options
@click.pass_obj
def publish(
    invocation: Invocation, *, bead: str, draft: bool, ready: bool, force: bool, detach: bool, json: bool
) -> None:
    """Push a bead's branch, and open its pull request or bring it up to date.

    Your own git pushes, with your hooks. The remote is asked afterwards whether it has the branch. Pull
    requests need gh; without it the branch is pushed, and the reason is said.
    """
    if draft and ready:
        raise click.UsageError("--draft and --ready exclude each other; choose one.")
    request = PublishRequest(bead, draft if draft or ready else None, force)
    options = ("--draft",) * draft + ("--ready",) * ready
    wait_for(
        invocation,
        lambda application, project: application.publish(project, request),
        Asked("publish", bead, options),
        detach=detach,
        json=json,
    )


@click.command("close")
@click.argument("bead", metavar="ID")
@click.option("--reason", metavar="TEXT", default="", help="What is written on the bead; else what was done.")
@click.option("--skip-gates", is_flag=True, help="Do not ask the gates; the bead will say so.")
@click.option("--force", is_flag=True, help="Close over all that stands in the way; the bead will say so.")
@waiting_options
@click.pass_obj
def close(
    invocation: Invocation,
    *,
    bead: str,
    reason: str,
    skip_gates: bool,
    force: bool,
    detach: bool,
    json: bool,
) -> None:
    """Close a bead, when nothing stands in the way.

    In the way are gates that fail, open blockers and children, grave findings, and commits that are nowhere
    but on its branch. All of them are said at once. A bead without a branch closes too.
    """
    request = CloseRequest(bead, reason, skip_gates, force)
    options = (("--reason", reason) if reason else ()) + ("--skip-gates",) * skip_gates
    wait_for(
        invocation,
        lambda application, project: application.close_bead(project, request),
        Asked("close", bead, options),
        detach=detach,
        json=json,
    )


@click.command("reopen")
@click.argument("bead", metavar="ID")
@json_option
@click.pass_obj
def reopen(invocation: Invocation, *, bead: str, json: bool) -> None:
    """Open a closed bead again."""

    async def open_again(application: Application) -> int:
        project = await application.project_of(invocation.folder)
        refused = await application.finishing.reopen(project, bead)
        if refused is not None:
            return refusing.refuse(refused, json=json, asked=Asked("reopen", bead))
        if json:
            writing.write_json(as_json({"page": await application.page(project, bead)}))
        else:
            printing.show([Line.of(f"{bead} is open again.")])
        return failing.SUCCESS

    click.get_current_context().exit(invocation.run(open_again))


def wait_for(invocation: Invocation, asking: Asking, asked: Asked, *, detach: bool, json: bool) -> None:
    """Ask for an errand, wait for its end, say how it ended, and exit."""
    outcome = attempt(invocation, asking, detach=detach, json=json)
    click.get_current_context().exit(errands.tell(outcome, asked, json=json))


def attempt(invocation: Invocation, asking: Asking, *, detach: bool, json: bool) -> errands.Outcome:
    """Ask for an errand, and wait for its end."""

    async def through(application: Application) -> errands.Outcome:
        answer = await asking(application, await application.project_of(invocation.folder))
        return await errands.outcome_of(application, answer, json=json, detach=detach)

    return invocation.run(through)
