"""What needs no agent, while a person waits for it: what became of gates, and one sentence at the end.

What it leaves out: the commands (`finishing.py`, `landing.py`), and all that happened, which `log` shows.
"""

from collections.abc import Mapping

import attrs

from beadwork.cli import failing, printing, wording, writing
from beadwork.cli.following import follow_run
from beadwork.cli.mending import Asked
from beadwork.cli.printing import Block, Cell, Line, Prose
from beadwork.cli.refusing import last_lines, refuse, way_lines
from beadwork.cli.replying import what_now
from beadwork.cli.showing_gates import Ended, ended_by, gate_blocks, output_blocks, results_in
from beadwork.cli.watching import Words, person
from beadwork.cli.watching_quietly import Silent
from beadwork.executions import Event, EventKind, Reason, Verb
from beadwork.workflows import Application, Refused, RunView, as_json, refused_in

_COMMIT = 10
_NOUNS = {"publish": "publishing", "land": "landing", "close": "closing"}


@attrs.frozen
class Outcome:
    """What became of an errand, so far as somebody waited for it."""

    run: RunView | None
    """None when it was not begun."""
    refused: Refused | None = None
    """Why it was not begun, or came to nothing."""
    trouble: str = ""
    """What a program said that did not do its part."""


async def outcome_of(
    application: Application, answer: RunView | Refused, *, json: bool, detach: bool
) -> Outcome:
    """Show an errand until it has ended, unless nobody waits for it."""
    if isinstance(answer, Refused):
        return Outcome(None, answer)
    if detach:
        return Outcome(answer)
    calm = _Calm()
    words = Words(blocks=calm.blocks, summary=lambda _: [])
    await follow_run(application, answer, Silent() if json else person(words))
    last = await application.run(answer.id)
    return Outcome(last, refused_in(last), calm.trouble)


def tell(outcome: Outcome, asked: Asked, *, json: bool) -> int:
    """Say in a sentence how an errand ended, or what can be done with it; give the exit code."""
    run, refused = outcome.run, outcome.refused
    if refused is not None:
        if run is None or json or run.verb != Verb.GATES or run.reason != Reason.GATES_FAILED:
            return refuse(refused, json=json, asked=asked, run=run)
        # They were asked for, and ran: nothing was refused in the sense of the word.
        printing.show([*_badly(run, ""), *way_lines(refused, asked)])
        return failing.REFUSED
    if run is None:
        raise ValueError("An errand that was not begun was refused.")
    if json:
        writing.write_json(as_json({"run": run}))
    elif run.ended_at is None:
        begun = "Queued" if run.state == "queued" else "Started"
        printing.show(what_now(run, f"{begun} the {_NOUNS.get(run.verb, run.verb)} of"))
    elif run.state == "completed":
        printing.show(_well(run))
    else:
        log = Line.of(Cell("  log  ", "dim"), run.readable_log, whole=True)
        printing.show([*_badly(run, outcome.trouble), *([log] if run.readable_log else [])])
    return failing.SUCCESS if run.state == "completed" or run.ended_at is None else failing.NOT_COMPLETED


class _Calm:
    """Shows what became of each gate, and keeps the rest for the end, where it is said in a sentence."""

    def __init__(self) -> None:
        self.trouble = ""

    def blocks(self, event: Event) -> list[Block]:
        """Set out one event."""
        if event.kind == EventKind.ERROR:
            self.trouble = str(event.data.get("detail") or "")
        gate = ended_by(event) if event.kind == EventKind.GATE else None
        return gate_blocks(gate, with_output=False) if gate is not None else []


def _well(run: RunView) -> list[Block]:
    style = "yellow" if run.reason == Reason.NO_GATES else "green"
    where = f" ({run.branch} at {run.head[:_COMMIT]})" if run.verb == Verb.GATES and run.head else ""
    links = [link for link in _strings(run, "publish", "links") if link not in run.summary]
    return [
        Line.of(Cell(run.summary, style), Cell(where, "dim")),
        *(Line.of(Cell("  link  ", "dim"), link, whole=True) for link in links),
    ]


def _badly(run: RunView, trouble: str) -> list[Block]:
    failed = [gate for gate in results_in(run.results.get("gates")) if gate.failed]
    said = "\n".join(last_lines(trouble))
    return [
        Line.of(Cell(f"{wording.state(run)}: ", wording.STATE_STYLES.get(run.state, "")), run.summary),
        *(block for gate in failed for block in _said(gate, run, alone=len(failed) == 1)),
        *([Prose(said, "dim")] if said and said not in run.summary else []),
    ]


def _said(gate: Ended, run: RunView, *, alone: bool) -> list[Block]:
    """Set out what a gate said that failed, with its name unless it is the one that the summary names."""
    return output_blocks(gate, run.summary) if alone else gate_blocks(gate)


def _strings(run: RunView, result: str, name: str) -> list[str]:
    held = run.results.get(result)
    given = held.get(name) if isinstance(held, Mapping) else None
    return [each for each in given if isinstance(each, str)] if isinstance(given, list | tuple) else []
