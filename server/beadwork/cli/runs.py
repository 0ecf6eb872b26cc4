"""`runs`, `log` and `cancel`: what agents did and are doing."""

import click

from beadwork.cli import failing, printing, refusing, wording, writing
from beadwork.cli.following import follow_run, tell_all
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.naming import run_called
from beadwork.cli.printing import Cell, Line
from beadwork.cli.tables import runs_table
from beadwork.cli.watching import RawLines, Watcher, watcher_for
from beadwork.workflows import Application, LogPage, Refused, RunView, as_json


@click.command("runs")
@click.option("--bead", metavar="ID", default="", help="Only runs of this bead.")
@click.option("--all", "everywhere", is_flag=True, help="Runs of all projects.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option
@click.pass_obj
def runs(invocation: Invocation, *, bead: str, everywhere: bool, limit: int, json: bool) -> None:
    """What agents did and are doing in this project, the newest first."""

    async def newest(application: Application) -> tuple[RunView, ...]:
        project = None if everywhere else await application.project_of(invocation.folder)
        return tuple(await application.runs(project, bead=bead, limit=limit))

    found = invocation.run(newest)
    if json:
        writing.write_json(as_json({"runs": found}))
    elif found:
        printing.show([runs_table(found, with_project=everywhere)])
    else:
        where = "on this machine" if everywhere else "in this project"
        what = f"of {bead} " if bead else ""
        printing.show([Line.of(Cell(f"No runs {what}{where} yet.", "dim"))])


@click.command("log")
@click.argument("run", metavar="RUN")
@click.option("-f", "--follow", is_flag=True, help="Stay, and show what happens until the run has ended.")
@click.option("--raw", is_flag=True, help="The events as the log has them, one JSON object a line.")
@json_option
@click.pass_obj
def log(invocation: Invocation, *, run: str, follow: bool, raw: bool, json: bool) -> None:
    """What happened in a run.

    RUN is the beginning of a run's id, or a bead's id, which means its newest run.
    """
    if raw and json:
        raise click.UsageError("--raw and --json are two formats; choose one.")

    async def tell(application: Application) -> int:
        view = await run_called(application, invocation.folder, run)
        if json and not follow:
            writing.write_json(as_json(await _whole_log(application, view)))
            return failing.SUCCESS
        watcher: Watcher = RawLines() if raw else watcher_for(json=json, live=follow)
        if follow:
            return await follow_run(application, view, watcher)
        await tell_all(application, view, watcher)
        return failing.SUCCESS

    click.get_current_context().exit(invocation.run(tell))


@click.command("cancel")
@click.argument("run", metavar="RUN")
@click.option("--no-wait", is_flag=True, help="Do not wait until everything of the run has ended.")
@json_option
@click.pass_obj
def cancel(invocation: Invocation, *, run: str, no_wait: bool, json: bool) -> None:
    """End a run, and everything it started.

    RUN is the beginning of a run's id, or a bead's id, which means its newest run.
    """

    async def end(application: Application) -> RunView | Refused:
        view = await run_called(application, invocation.folder, run)
        answer = await application.cancel(view.id)
        if isinstance(answer, Refused) or no_wait:
            return answer
        with printing.waiting(f"ending run {wording.short(answer)} of {answer.bead}", shown=not json):
            return await application.wait_for_end(answer.id)

    answer = invocation.run(end)
    if isinstance(answer, Refused):
        click.get_current_context().exit(refusing.refuse(answer, json=json))
    if json:
        writing.write_json(as_json({"run": answer}))
        return
    printing.show([Line.of(_ending_words(answer))])


async def _whole_log(application: Application, run: RunView) -> LogPage:
    page = await application.log(run.id)
    events = list(page.events)
    while page.more and page.events:
        page = await application.log(run.id, events[-1].seq)
        events += page.events
    return LogPage(page.run, tuple(events), more=False)


def _ending_words(run: RunView) -> str:
    name = f"Run {wording.short(run)} of {run.bead}"
    match run.state:
        case "cancelled":
            return f"{name} was cancelled; nothing of it is left running."
        case "queued" | "running":
            return f"{name} is being cancelled."
        case _:
            return f"{name} had already ended: {wording.state(run)}."
