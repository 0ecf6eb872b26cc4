"""`land` and `resolve`: a bead's branch into its base, or, where they conflict, the base into the branch.

What it leaves out: what landing does (`workflows/landing/`).
"""

import sys
from pathlib import Path

import attrs
import click

from beadwork.checkouts import How
from beadwork.cli import errands, printing
from beadwork.cli.by_whom import by_whom, by_whom_options
from beadwork.cli.finishing import Asking, attempt, waiting_options
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.mending import Asked, overruled_by
from beadwork.cli.replying import reply
from beadwork.cli.writing import cleaned
from beadwork.workflows import Application, LandRequest, Refused, RunView, WorkRequest

_BRING_TREE = ("--update-tree",)


@click.command("land")
@click.argument("bead", metavar="ID")
@click.option("--how", type=click.Choice([how.value for how in How]), help="Another way than usual.")
@click.option(
    "--update-tree", is_flag=True, help="Bring your working tree along, where the base is checked out."
)
@click.option("--push", is_flag=True, help="Then push the base.")
@click.option("--force", is_flag=True, help="Also over gates that fail.")
@waiting_options
@click.pass_obj
def land(
    invocation: Invocation,
    *,
    bead: str,
    how: str | None,
    update_tree: bool,
    push: bool,
    force: bool,
    detach: bool,
    json: bool,
) -> None:
    """Bring a bead's branch into its base, when the gates pass on both together.

    Where a pull request is open it is merged, else the base moves here. Files of yours change only where the
    base is checked out, nothing in it is uncommitted, and you agree.
    """
    request = LandRequest(bead, how or "", update_tree, push, force)
    outcome = attempt(invocation, _landing(request), detach=detach, json=json)
    if not json and _agrees(outcome.refused):
        request = attrs.evolve(request, update_tree=True)
        outcome = attempt(invocation, _landing(request), detach=detach, json=json)
    click.get_current_context().exit(errands.tell(outcome, _asked(request), json=json))


@click.command("resolve")
@click.argument("bead", metavar="ID")
@click.option("--force", is_flag=True, help="Also on a bead that is blocked, or claimed by somebody else.")
@click.option("-f", "--follow", is_flag=True, help="Show what happens until the run has ended.")
@by_whom_options
@json_option
@click.pass_obj
def resolve(
    invocation: Invocation,
    *,
    bead: str,
    force: bool,
    follow: bool,
    agent: str | None,
    runner: str | None,
    script: Path | None,
    json: bool,
) -> None:
    """Let an agent bring the base into a bead's branch, where the two conflict.

    It is work on that bead: the agent merges, keeps what both sides meant, and the gates have to pass.
    """
    who = by_whom(agent, runner, script)
    request = WorkRequest(bead, force=force, agent=who.agent, runner=who.runner, script=who.script)

    async def order(application: Application) -> int:
        project = await application.project_of(invocation.folder)
        answer = await application.resolve(project, request)
        begun = isinstance(answer, RunView) and answer.state == "running"
        words = f"{'Started' if begun else 'Queued'} work on"
        return await reply(application, answer, words=words, json=json, follow=follow)

    click.get_current_context().exit(invocation.run(order))


def _landing(request: LandRequest) -> Asking:
    return lambda application, project: application.land(project, request)


def _agrees(refused: Refused | None) -> bool:
    """Ask whether a working tree may be brought along, if that is all that stands in the way.

    Only at a keyboard; outside of any event loop, so that Ctrl+C is heard.
    """
    if refused is None or tuple(overruled_by(refused)) != _BRING_TREE:
        return False
    if not sys.stdin.isatty() or not printing.on_terminal():
        return False
    return click.confirm(f"{cleaned(refused.message)} Bring it along?", default=False)


def _asked(request: LandRequest) -> Asked:
    options = (
        *(("--how", request.how) if request.how else ()),
        *(("--update-tree",) if request.update_tree else ()),
        *(("--push",) if request.push else ()),
        *(("--force",) if request.force else ()),
    )
    return Asked("land", request.bead, options)
