"""`queue` and `costs`: what runs, what waits and for what, and what agents cost.

What it leaves out: queueing work (`work.py`), and single runs (`runs.py`).
"""

import datetime

import attrs
import click

from beadwork.cli import printing, refusing, wording, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.naming import run_called
from beadwork.cli.printing import Block, Cell, Heading, Line, Table
from beadwork.executions import Verb
from beadwork.workflows import (
    Application,
    CostLine,
    CostsView,
    QueueView,
    Refused,
    RunView,
    WalkView,
    as_json,
)


@click.command("queue")
@click.option("--first", metavar="RUN", help="Move this queued run to the front.")
@json_option
@click.pass_obj
def queue(invocation: Invocation, *, first: str | None, json: bool) -> None:
    """What runs now, and what waits for what, over all projects."""

    async def look(application: Application) -> QueueView | Refused:
        if first is not None:
            moved = await application.move_first((await run_called(application, invocation.folder, first)).id)
            if isinstance(moved, Refused):
                return moved
        return await application.queue()

    found = invocation.run(look)
    if isinstance(found, Refused):
        click.get_current_context().exit(refusing.refuse(found, json=json))
    if json:
        writing.write_json(as_json({"queue": found}))
        return
    printing.show(queue_blocks(found))


@click.command("costs")
@click.option("--all", "everywhere", is_flag=True, help="Of all projects.")
@click.option("--days", type=click.IntRange(min=1), default=30, show_default=True, help="Of so many days.")
@json_option
@click.pass_obj
def costs(invocation: Invocation, *, everywhere: bool, days: int, json: bool) -> None:
    """What agents cost in this project, by day and by bead."""

    async def look(application: Application) -> CostsView:
        project = None if everywhere else await application.project_of(invocation.folder)
        return await application.costs(project, days)

    found = invocation.run(look)
    if json:
        writing.write_json(as_json({"costs": found}))
        return
    printing.show(costs_blocks(found, days))


def queue_blocks(view: QueueView) -> list[Block]:
    """Set out the queue."""
    now = wording.present()
    used = f"{len(_at_work(view))} of {wording.count(view.slots, 'slot')} in use"
    blocks: list[Block] = [Line.of(Cell(used, "bold"))]
    if view.held:
        blocks.append(Line.of(Cell(view.held, "yellow")))
    if view.running:
        rows = tuple(_running_row(run, now) for run in view.running)
        blocks += [Heading(f"Running ({len(view.running)})", "bold cyan"), Table(rows, flexible=8)]
    if view.queued:
        queued = tuple(_queued_row(place, run, view, now) for place, run in enumerate(view.queued, 1))
        blocks += [Heading(f"Queued ({len(view.queued)})", "bold"), Table(queued, flexible=6)]
    if view.walks:
        walks = tuple((Cell(walk.folder, "bold"), Cell(walk_words(walk))) for walk in view.walks)
        blocks += [Heading("Walks through all that is ready", "bold"), Table(walks, flexible=1, wrapped=True)]
    if not view.running and not view.queued:
        blocks.append(Line.of(Cell("Nothing runs, and nothing waits.", "dim")))
    return blocks


def walk_words(walk: WalkView) -> str:
    """Say how a walk stands: `2 queued, 1 running, 3 completed · $1.20 of $5.00`."""
    numbers = [
        (walk.queued, "queued"),
        (walk.running, "running"),
        (walk.completed, "completed"),
        (walk.failed, f"failed (it stops at {walk.failures})"),
    ]
    parts = [", ".join(f"{number} {word}" for number, word in numbers if number) or "nothing yet"]
    if walk.cost_usd or walk.budget_usd:
        budget = f" of {wording.dollars(walk.budget_usd)}" if walk.budget_usd else ""
        parts.append(wording.dollars(walk.cost_usd) + budget)
    if walk.limit:
        parts.append(f"{wording.count(walk.limit, 'run')} at most")
    return " · ".join(parts)


def _running_row(run: RunView, now: datetime.datetime) -> tuple[Cell, ...]:
    return (
        Cell(wording.short(run), "bold"),
        Cell(wording.verb(run)),
        Cell(wording.subject(run.bead)),
        Cell(wording.state(run, now), wording.STATE_STYLES.get(run.state, "")),
        Cell(wording.took(run, now), "dim"),
        Cell(wording.dollars(run.cost_usd) if run.cost_usd is not None else "", "dim"),
        Cell(wording.attempt(run), "dim"),
        Cell(wording.wanted(run), "bold yellow"),
        Cell(wording.title(run)),
    )


def _queued_row(place: int, run: RunView, view: QueueView, now: datetime.datetime) -> tuple[Cell, ...]:
    return (
        Cell(f"{place}.", "dim"),
        Cell(wording.short(run), "bold"),
        Cell(wording.verb(run)),
        Cell(wording.subject(run.bead)),
        Cell(_why(run, view, now), "cyan"),
        Cell(wording.attempt(run), "dim"),
        Cell(wording.title(run)),
    )


def _why(run: RunView, view: QueueView, now: datetime.datetime) -> str:
    """Say what a queued run waits for."""
    due = wording.due(run, now)
    if due:
        return f"waits until {due}"
    if not wording.by_agent(run):
        return _why_errand(run, view)
    if len(_at_work(view)) >= view.slots:
        return "waits for a slot"
    return "waits for the budget" if view.held else "about to begin"


def _why_errand(run: RunView, view: QueueView) -> str:
    """Say what a queued run waits for that needs no agent: of landings a project has one at a time."""
    others = [each for each in view.running if not wording.by_agent(each)]
    if run.verb == Verb.LAND:
        before = [each for each in others if each.verb == Verb.LAND and each.folder == run.folder]
        if before:
            return f"waits until {before[0].bead} has landed"
    return "waits until another has ended" if others else "about to begin"


def _at_work(view: QueueView) -> list[RunView]:
    """Give the running runs that have a slot: those of agents."""
    return [run for run in view.running if wording.by_agent(run)]


def costs_blocks(view: CostsView, days: int) -> list[Block]:
    """Set out costs."""
    budget = f" of {wording.dollars(view.day_budget_usd)} a day" if view.day_budget_usd else ""
    today = f"Today, over all projects: {wording.dollars(view.today_usd)}{budget}"
    blocks: list[Block] = [Line.of(Cell(today, "bold"))]
    if not view.total.runs:
        return [*blocks, Line.of(Cell(f"No runs in the last {wording.count(days, 'day')}.", "dim"))]
    for title, lines in (("By day", view.by_day), ("By bead", view.by_bead)):
        blocks += [Heading(title), Table(tuple(map(_cost_row, lines)), flexible=0)]
    total = attrs.evolve(view.total, name=f"in {wording.count(days, 'day')}")
    return [*blocks, Heading("In all"), Table((_cost_row(total),), flexible=0)]


def _cost_row(line: CostLine) -> tuple[Cell, ...]:
    tokens = line.input_tokens + line.output_tokens
    return (
        Cell(wording.subject(line.name), "bold"),
        Cell(f"{wording.dollars(line.cost_usd):>10}"),
        Cell(wording.count(line.runs, "run"), "dim"),
        Cell(f"{tokens:,} tokens" if tokens else "", "dim"),
    )
