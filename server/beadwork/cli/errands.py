"""What needs no agent, while a person waits for it: what became of gates, and one sentence at the end.

What it leaves out: the commands (`finishing.py`, `landing.py`), and all that happened, which `log` shows.
"""

import attrs

from beadwork.cli import failing, happenings, printing, wording, writing
from beadwork.cli.following import follow_run
from beadwork.cli.mending import Asked
from beadwork.cli.printing import Block, Cell, Line
from beadwork.cli.refusing import refuse
from beadwork.cli.replying import what_now
from beadwork.cli.showing_gates import ended_by, gate_blocks, output_blocks, results_in
from beadwork.cli.watching import Words, person
from beadwork.cli.watching_quietly import Silent
from beadwork.executions import Event, EventKind
from beadwork.workflows import Application, Refused, RunView, as_json, refused_in

_SAID = frozenset({EventKind.GIT, EventKind.NOTE, EventKind.ERROR})


@attrs.frozen
class Outcome:
    """What became of an errand, so far as somebody waited for it."""

    run: RunView | None
    """None when it was not begun."""
    refused: Refused | None = None
    """Why it was not begun, or came to nothing."""


async def outcome_of(
    application: Application, answer: RunView | Refused, *, json: bool, detach: bool
) -> Outcome:
    """Show an errand until it has ended, unless nobody waits for it."""
    if isinstance(answer, Refused):
        return Outcome(None, answer)
    if detach:
        return Outcome(answer)
    await follow_run(application, answer, Silent() if json else person(_CALM))
    last = await application.run(answer.id)
    return Outcome(last, refused_in(last))


def tell(outcome: Outcome, asked: Asked, *, json: bool) -> int:
    """Say in a sentence how an errand ended, or what can be done with it; give the exit code."""
    run = outcome.run
    if outcome.refused is not None:
        return refuse(outcome.refused, json=json, asked=asked, run=run)
    assert run is not None, "what is not refused is a run"  # noqa: S101  (an Outcome has one of the two)
    well = run.state == "completed" or run.ended_at is None
    if json:
        writing.write_json(as_json({"run": run}))
    elif run.ended_at is None:
        printing.show(
            what_now(run, f"{'Queued' if run.state == 'queued' else 'Started'}: {wording.deed(run)}")
        )
    else:
        printing.show(_ending(run))
    return failing.SUCCESS if well else failing.NOT_COMPLETED


def _blocks(event: Event) -> list[Block]:
    """Set out one event, calmly: what a gate said stands at the end, where a person looks for it."""
    match event.kind:
        case EventKind.STATE:
            words = event.data.get("text") if event.data.get("phase") else None
            return [Line.of(f"{words}:")] if isinstance(words, str) and words else []
        case EventKind.GATE:
            return gate_blocks(gate, with_output=False) if (gate := ended_by(event)) is not None else []
        case kind if kind in _SAID:
            return happenings.blocks(event)
        case _:
            return []


def _ending(run: RunView) -> list[Block]:
    if run.state == "completed":
        return [Line.of(Cell(run.summary, "green" if run.reason != "no-gates" else "yellow"))]
    failed = [gate for gate in results_in(run.results.get("gates")) if gate.failed]
    return [
        Line.of(Cell(f"{wording.state(run)}: ", wording.STATE_STYLES.get(run.state, "")), run.summary),
        *(block for gate in failed for block in output_blocks(gate, run.summary)),
        *([Line.of(Cell("  log  ", "dim"), run.readable_log, whole=True)] if run.readable_log else []),
    ]


_CALM = Words(blocks=_blocks, summary=lambda _: [])
