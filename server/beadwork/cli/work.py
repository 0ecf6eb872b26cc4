"""`work`: let an agent work on a bead, or on all that are ready (`walking.py`)."""

import re
from pathlib import Path

import click

from beadwork.cli import walking
from beadwork.cli.by_whom import by_whom, by_whom_options
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.replying import reply
from beadwork.workflows import Application, RunView, WalkRequest, WorkRequest

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d{1,6})([smhd]?)")


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """Read a span of time (`90s`, `45m`, `2h`); 0 where none is given."""
    span = _SPAN.fullmatch(value.strip())
    if span is not None and int(span[1]):
        return float(int(span[1]) * _UNITS[span[2]])
    if not value:
        return 0.0
    raise click.BadParameter(f"{value!r} is no span of time such as 90s, 45m or 2h.", ctx, param)


@click.command("work")
@click.argument("bead", metavar="[ID]", required=False)
@click.option("--all-ready", is_flag=True, help="On all beads that are ready, and on those that become so.")
@click.option("--limit", type=click.IntRange(min=1), help="With --all-ready: at most so many runs.")
@click.option("--stop", is_flag=True, help="With --all-ready: stop; runs that have begun go on.")
@click.option("--force", is_flag=True, help="Also on a bead that is blocked, or claimed by somebody else.")
@click.option("-f", "--follow", is_flag=True, help="Show what happens until the run has ended.")
@click.option("--with-changes", is_flag=True, help="Take a copy of your uncommitted changes along.")
@click.option(
    "--wall-clock", metavar="90s|45m|2h", default="", callback=_seconds, help="What a run may take in all."
)
@by_whom_options
@json_option
@click.pass_obj
def work(
    invocation: Invocation,
    *,
    bead: str | None,
    all_ready: bool,
    limit: int | None,
    stop: bool,
    force: bool,
    follow: bool,
    with_changes: bool,
    wall_clock: float,
    agent: str | None,
    runner: str | None,
    script: Path | None,
    json: bool,
) -> None:
    """Let an agent work on a bead, in a checkout of its own.

    Answers at once with the id of the run, which goes on without this terminal. With `--follow` it stays and
    shows what happens; Ctrl+C then leaves the run alone and only stops showing it.

    With `--all-ready` agents work on all beads that are ready, the most urgent first, and on those that
    become ready by it, until nothing is left or too much has failed. ID is then left out.
    """
    who = by_whom(agent, runner, script)
    _check_usage(bead, all_ready=all_ready, of_walk=limit is not None or stop, of_one=force or with_changes)

    async def ask(application: Application) -> int:
        project = await application.project_of(invocation.folder)
        if stop:
            return await walking.end(application, project, json=json)
        if bead is None:
            walk = WalkRequest(limit or 0, who.agent, who.runner, who.script, wall_clock)
            return await walking.begin(application, project, walk, follow=follow, json=json)
        request = WorkRequest(
            bead=bead,
            force=force,
            with_changes=with_changes,
            agent=who.agent,
            runner=who.runner,
            script=who.script,
            wall_clock=wall_clock,
        )
        answer = await application.work(project, request)
        begun = isinstance(answer, RunView) and answer.state == "running"
        words = "Started work on" if begun else "Queued work on"
        return await reply(application, answer, words=words, json=json, follow=follow)

    click.get_current_context().exit(invocation.run(ask))


def _check_usage(bead: str | None, *, all_ready: bool, of_walk: bool, of_one: bool) -> None:
    if bead is None and not all_ready:
        raise click.UsageError("Name a bead to work on, or say --all-ready.")
    if bead is not None and all_ready:
        raise click.UsageError(f"--all-ready works on all beads that are ready; leave {bead} out.")
    if of_walk and not all_ready:
        raise click.UsageError("--limit and --stop are for --all-ready.")
    if of_one and all_ready:
        raise click.UsageError("--force and --with-changes are for one bead, not for --all-ready.")
