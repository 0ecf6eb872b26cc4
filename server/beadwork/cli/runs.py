"""`runs` and `log`: what agents did and are doing. What it leaves out: stepping in (`steering.py`)."""

import datetime
import re
from pathlib import Path

import click

from beadwork.cli import failing, printing, writing
from beadwork.cli.following import follow_run, tell_all
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.naming import run_called
from beadwork.cli.printing import Cell, Line
from beadwork.cli.tables import runs_table
from beadwork.cli.watching import Watcher, watcher_for
from beadwork.cli.watching_quietly import RawLines
from beadwork.errors import BeadworkError
from beadwork.executions import State
from beadwork.workflows import Application, LogPage, RunView, as_json

STATE_NAMES = {state.value.replace("_", "-"): state for state in State}
"""What is typed after `--state`."""

_SPAN = re.compile(r"(\d+)([mhdw])")
_SPANS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_STANDARD_OUTPUT = "-"


class NotWritten(BeadworkError):  # noqa: N818
    """A file that was asked for cannot be written."""

    code = "not-written"


def _moment(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """Read a span of time before now (`2d`, `12h`), or a day; give seconds since the epoch."""
    text = value.strip()
    try:
        if span := _SPAN.fullmatch(text):
            before = datetime.timedelta(**{_SPANS[span[2]]: int(span[1])})
            return (datetime.datetime.now(datetime.UTC) - before).timestamp()
        return datetime.datetime.fromisoformat(text).astimezone().timestamp() if text else 0.0
    except (ValueError, OverflowError, OSError) as error:
        words = f"{text!r} is neither a span such as 30m, 12h, 2d, 1w, nor a day such as 2026-01-31."
        raise click.BadParameter(words, ctx, param) from error


@click.command("runs")
@click.option("--bead", metavar="ID", default="", help="Only runs of this bead.")
@click.option("--all", "everywhere", is_flag=True, help="Runs of all projects.")
@click.option(
    "--state",
    "states",
    type=click.Choice(list(STATE_NAMES), case_sensitive=False),
    multiple=True,
    help="Only runs in this state; may be given several times.",
)
@click.option(
    "--since", metavar="2d|12h|DATE", default="", callback=_moment, help="Only runs queued since then."
)
@click.option(
    "--search", metavar="TEXT", default="", help="Only runs with TEXT in bead, title, summary, agent or id."
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@json_option
@click.pass_obj
def runs(
    invocation: Invocation,
    *,
    bead: str,
    everywhere: bool,
    states: tuple[str, ...],
    since: float,
    search: str,
    limit: int,
    json: bool,
) -> None:
    """What agents did and are doing in this project, the newest first.

    A run that waits for you says with which command it goes on.
    """
    wanted = frozenset(STATE_NAMES[name] for name in states) or None

    async def newest(application: Application) -> tuple[RunView, ...]:
        project = None if everywhere else await application.project_of(invocation.folder)
        found = await application.runs(
            project, bead=bead, limit=limit, states=wanted, since=since, text=search
        )
        return tuple(found)

    found = invocation.run(newest)
    if json:
        writing.write_json(as_json({"runs": found}))
    elif found:
        printing.show([runs_table(found, with_project=everywhere)])
    elif wanted or since or search:
        printing.show([Line.of(Cell("No run is among these.", "dim"))])
    else:
        where = "on this machine" if everywhere else "in this project"
        what = f"of {bead} " if bead else ""
        printing.show([Line.of(Cell(f"No runs {what}{where} yet.", "dim"))])


@click.command("log")
@click.argument("run", metavar="RUN")
@click.option("-f", "--follow", is_flag=True, help="Stay, and show what happens until the run has ended.")
@click.option("--raw", is_flag=True, help="The events as the log has them, one JSON object a line.")
@click.option(
    "--export", metavar="FILE", help="Write all of it as one HTML page; - writes to standard output."
)
@json_option
@click.pass_obj
def log(invocation: Invocation, *, run: str, follow: bool, raw: bool, export: str | None, json: bool) -> None:
    """What happened in a run.

    RUN is the beginning of a run's id, or a bead's id, which means its newest run.
    """
    if raw and json:
        raise click.UsageError("--raw and --json are two formats; choose one.")
    if export is not None and (raw or json or follow):
        raise click.UsageError(
            "--export writes what there is as a page; leave --follow, --raw and --json out."
        )

    async def tell(application: Application) -> int:
        view = await run_called(application, invocation.folder, run)
        if export is not None:
            _write_page(await application.export(view.id), export)
            return failing.SUCCESS
        if json and not follow:
            writing.write_json(as_json(await _whole_log(application, view)))
            return failing.SUCCESS
        watcher: Watcher = RawLines() if raw else watcher_for(json=json, live=follow)
        if follow:
            return await follow_run(application, view, watcher)
        await tell_all(application, view, watcher)
        return failing.SUCCESS

    click.get_current_context().exit(invocation.run(tell))


async def _whole_log(application: Application, run: RunView) -> LogPage:
    page = await application.log(run.id)
    events = list(page.events)
    while page.more and page.events:
        page = await application.log(run.id, events[-1].seq)
        events += page.events
    return LogPage(page.run, tuple(events), more=False)


def _write_page(page: str, place: str) -> None:
    """Write an exported log where it was asked for. Raises NotWritten."""
    data = page.encode("utf-8", "replace")
    if place == _STANDARD_OUTPUT:
        click.echo(data, nl=False)
        return
    path = Path(place).expanduser().absolute()
    try:
        path.write_bytes(data)
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    printing.show([Line.of(f"Written: {path}", whole=True)])
