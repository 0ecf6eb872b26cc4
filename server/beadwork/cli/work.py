"""`work`: let an agent work on a bead."""

from pathlib import Path

import click

from beadwork.agents import AgentName
from beadwork.cli import failing, printing, refusing, wording, writing
from beadwork.cli.following import follow_run
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Cell, Line
from beadwork.cli.watching import watcher_for
from beadwork.runners import RunnerName
from beadwork.workflows import Application, Refused, RunView, WorkRequest, as_json


@click.command("work")
@click.argument("bead", metavar="ID")
@click.option("--force", is_flag=True, help="Also on a bead that is blocked, or claimed by somebody else.")
@click.option("-f", "--follow", is_flag=True, help="Show what happens until the run has ended.")
@click.option("--with-changes", is_flag=True, help="Take a copy of your uncommitted changes along.")
@click.option(
    "--agent", type=click.Choice([name.value for name in AgentName]), help="Another agent than usual."
)
@click.option(
    "--runner", type=click.Choice([name.value for name in RunnerName]), help="Another box than usual."
)
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    help="What the scripted agent plays; implies `--agent scripted`.",
)
@json_option
@click.pass_obj
def work(
    invocation: Invocation,
    *,
    bead: str,
    force: bool,
    follow: bool,
    with_changes: bool,
    agent: str | None,
    runner: str | None,
    script: Path | None,
    json: bool,
) -> None:
    """Let an agent work on a bead, in a checkout of its own.

    Answers at once with the id of the run, which goes on without this terminal. With `--follow` it stays and
    shows what happens; Ctrl+C then leaves the run alone and only stops showing it.
    """
    if script is not None and agent not in {None, AgentName.SCRIPTED}:
        raise click.UsageError(f"--script is for the scripted agent, not for {agent}.")
    request = WorkRequest(
        bead=bead,
        force=force,
        with_changes=with_changes,
        agent=AgentName.SCRIPTED if script else agent or "",
        runner=runner or "",
        script=str(script or ""),
    )

    async def ask(application: Application) -> int:
        answer = await application.work(await application.project_of(invocation.folder), request)
        if isinstance(answer, Refused):
            return refusing.refuse(answer, json=json)
        if follow:
            return await follow_run(application, answer, watcher_for(json=json))
        if json:
            writing.write_json(as_json({"run": answer}))
        else:
            _tell_queued(answer)
        return failing.SUCCESS

    click.get_current_context().exit(invocation.run(ask))


def _tell_queued(run: RunView) -> None:
    name = wording.short(run)
    begun = "Started" if run.state == "running" else "Queued"
    printing.show(
        [
            Line.of(f"{begun} work on ", Cell(run.bead, "bold"), ": run ", Cell(name, "bold cyan")),
            Line.of(Cell("  follow  ", "dim"), f"beadwork log {name} --follow"),
            Line.of(Cell("  cancel  ", "dim"), f"beadwork cancel {name}"),
        ],
    )
