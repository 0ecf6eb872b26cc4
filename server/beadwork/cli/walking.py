"""`work --all-ready`: begin, end and follow a walk through the beads that are ready.

What it leaves out: the walk itself, which goes on without a terminal.
"""

import asyncio
from pathlib import Path

import attrs
import click

from beadwork.cli import failing, printing, refusing, wording, writing
from beadwork.cli.printing import Block, Cell, Line
from beadwork.cli.queueing import walk_words
from beadwork.workflows import Application, Refused, RunView, WalkRequest, WalkView, as_json

_LOOKS_EVERY = 0.2
"""Seconds between two looks at the store, which cost next to nothing."""
_TENDS_EVERY = 2.0
"""Seconds between looks for runs that lost their worker, and for what is to be started."""
_MOST = 1000
"""Runs of one walk that are followed."""


async def begin(
    application: Application, project: Path, request: WalkRequest, *, follow: bool, json: bool
) -> int:
    """Begin a walk, and with `follow` show it until it has ended; give the exit code.

    Where nothing else is asked for, one that goes on already is followed instead.
    """
    walk = await application.begin_walk(project, request)
    if isinstance(walk, Refused) and follow and request == WalkRequest():
        walk = await _going(application, project) or walk
    if isinstance(walk, Refused):
        return refusing.refuse(walk, json=json)
    if json:
        writing.write_json(as_json({"walk": walk}), line=follow)
    else:
        printing.show(_begun(walk, follow=follow))
    return await _follow(application, project, walk, json=json) if follow else failing.SUCCESS


async def end(application: Application, project: Path, *, json: bool) -> int:
    """End the walk of a project; give the exit code."""
    walk = await application.end_walk(project)
    if isinstance(walk, Refused):
        return refusing.refuse(walk, json=json)
    if json:
        writing.write_json(as_json({"walk": walk}))
    else:
        verb = "goes" if walk.running == 1 else "go"
        going = f" {wording.count(walk.running, 'run')} of it {verb} on." if walk.running else ""
        printing.show([Line.of(f"The walk has ended: {walk_words(walk)}.{going}")])
    return failing.SUCCESS


async def _going(application: Application, project: Path) -> WalkView | None:
    found = [walk for walk in (await application.queue()).walks if walk.folder == str(project)]
    return found[0] if found else None


async def _follow(application: Application, project: Path, walk: WalkView, *, json: bool) -> int:
    """Show a line for each change of the walk's runs, until it has ended and none of them goes on."""
    loop = asyncio.get_running_loop()
    seen: dict[str, tuple[object, ...]] = {}
    tended, signal, ours, goes_on = loop.time(), "", list[RunView](), True
    try:
        while goes_on:
            now = application.runs_signal()
            if now != signal:
                signal = now
                going = await _going(application, project) is not None
                ours = await _runs_of(application, project, walk)
                _show_changes(ours, seen, json=json)
                goes_on = going or any(run.state == "queued" or run.pausable for run in ours)
            if loop.time() - tended > _TENDS_EVERY:
                await application.tend()
                tended = loop.time()
            await asyncio.sleep(_LOOKS_EVERY if goes_on else 0)
    except asyncio.CancelledError:
        click.echo("\nNo longer following; the walk goes on.", err=True)
        click.echo("  look  beadwork queue\n  stop  beadwork work --all-ready --stop", err=True)
        raise
    last = [run for run in ours if not run.retried_by]
    completed = sum(run.state == "completed" for run in last)
    if not json:
        spent = sum(run.cost_usd or 0.0 for run in ours)
        cost = f" · {wording.dollars(spent)}" if spent else ""
        words = f"The walk has ended: {completed} of {wording.count(len(last), 'bead')} completed{cost}."
        printing.show([Line.of(""), Line.of(Cell(words, "bold"))])
    return failing.SUCCESS if completed == len(last) else failing.NOT_COMPLETED


async def _runs_of(application: Application, project: Path, walk: WalkView) -> list[RunView]:
    """Give the runs of a walk, the oldest first: a project has one walk at a time."""
    found = await application.runs(project, limit=_MOST)
    return [run for run in reversed(found) if run.walk and run.queued_at >= walk.begun_at]


def _show_changes(runs: list[RunView], seen: dict[str, tuple[object, ...]], *, json: bool) -> None:
    now = wording.present()
    for run in runs:
        present = (run.state, run.intent, run.not_before, run.ended_at, run.retried_by)
        if seen.get(run.id) == present:
            continue
        seen[run.id] = present
        if json:
            writing.write_json(as_json({"run": run}), line=True)
            continue
        without_phase = attrs.evolve(run, phase=None)
        more = [wording.wanted(run), wording.attempt(run)]
        if run.ended_at is not None:
            more += [wording.took(run, now), wording.cost(run), run.summary]
        words = " · ".join(filter(None, [wording.state(without_phase, now), *more]))
        clock = wording.time_of_day(now)
        style = wording.STATE_STYLES.get(run.state, "")
        cells = (Cell(f"{clock}  ", "dim"), Cell(f"{run.bead}  ", "bold"), Cell(wording.short(run), "dim"))
        printing.show([Line.of(*cells, "  ", Cell(words, style))])


def _begun(walk: WalkView, *, follow: bool) -> list[Block]:
    limit = f", {wording.count(walk.limit, 'run')} at most" if walk.limit else ""
    lines: list[Block] = [
        Line.of(
            f"Working on all that is ready{limit}: {wording.count(walk.queued + walk.running, 'run')} queued."
        )
    ]
    if not follow:
        lines += [
            Line.of(Cell("  look  ", "dim"), "beadwork queue"),
            Line.of(Cell("  stop  ", "dim"), "beadwork work --all-ready --stop"),
        ]
    return lines
