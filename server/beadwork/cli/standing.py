"""How it stands with the work on a bead, from what its newest runs gave: branch, gates, published, landed.

What it leaves out: asking git or a remote. It says of which commit it speaks, and when that was seen.
"""

from collections.abc import Mapping, Sequence

from beadwork.cli import wording
from beadwork.cli.printing import Block, Cell, Line, Table
from beadwork.cli.showing_gates import Ended, how_it_ended, output_blocks, results_in
from beadwork.workflows import RunView

_COMMIT = 10
_WENT_ON = ", before the branch went on"


def standing_blocks(runs: Sequence[RunView]) -> list[Block]:
    """Set out how it stands; nothing for a bead that has no branch. `runs` has the newest first."""
    newest = next((run for run in runs if run.branch), None)
    if newest is None:
        return []
    head = next((run.head for run in runs if run.branch and run.head), "")
    rows = [("branch", f"{newest.branch} at {head[:_COMMIT]}" if head else newest.branch, "")]
    rows += [_gates(run, held, head) for run, held in _newest_with("gates", runs)]
    rows += [_published(run, held, head) for run, held in _newest_with("publish", runs)]
    rows += [_landed(run, held, head) for run, held in _newest_with("land", runs)]
    table = Table(
        tuple((Cell(name, "dim"), Cell(words, style)) for name, words, style in rows),
        flexible=1,
        wrapped=True,
    )
    failed = [gate for _, held in _newest_with("gates", runs) for gate in results_in(held) if gate.failed]
    return [table, *(block for gate in failed for block in _said(gate))]


def _said(gate: Ended) -> list[Block]:
    return [Line.of("    ", Cell(gate.name, "red"), Cell(how_it_ended(gate), "dim")), *output_blocks(gate)]


def _newest_with(result: str, runs: Sequence[RunView]) -> list[tuple[RunView, Mapping[str, object]]]:
    """Give the newest run that has a certain result, with it; none when none has."""
    for run in runs:
        held = run.results.get(result)
        if isinstance(held, Mapping):
            return [(run, held)]
    return []


def _gates(run: RunView, held: Mapping[str, object], head: str) -> tuple[str, str, str]:
    commit = str(held.get("commit") or "")
    match held.get("standing"):
        case "passed":
            words, style = "passed", "green"
        case "failed":
            words, style = "failed", "red"
        case _:
            words, style = "none was found", "yellow"
    if run.verb == "land" and commit not in {"", run.head}:  # they ran on what it became with its base
        where = f" at {commit[:_COMMIT]}, merged{_went_on(run.head, head)}"
    else:
        where = _at(commit, head) or " in your working tree"
    return "gates", f"{words}{where}{_seen(run)}", style


def _published(run: RunView, held: Mapping[str, object], head: str) -> tuple[str, str, str]:
    opened = held.get("pullRequest")
    url = str(opened.get("url") or "") if isinstance(opened, Mapping) else ""
    draft = " (a draft)" if isinstance(opened, Mapping) and opened.get("draft") is True else ""
    where = f" · {url}{draft}" if url else ""
    commit = str(held.get("commit") or "")
    return "published", f"to {held.get('remote')}{_at(commit, head)}{_seen(run)}{where}", ""


def _landed(run: RunView, held: Mapping[str, object], head: str) -> tuple[str, str, str]:
    commit = str(held.get("commit") or "")[:_COMMIT]
    url = f" · {held.get('pullRequest')}" if held.get("pullRequest") else ""
    pushed = ", pushed" if held.get("pushed") is True else ""
    before = _went_on(run.head, head)
    words = f"in {held.get('base')} as {commit} ({held.get('how')}{pushed}){before}{_seen(run)}{url}"
    return "landed", words, "" if before else "green"


def _at(commit: str, head: str) -> str:
    """Say of which commit it is, and that the branch went on since."""
    if not commit:
        return ""
    return f" at {commit[:_COMMIT]}{_went_on(commit, head)}"


def _went_on(commit: str, head: str) -> str:
    return _WENT_ON if head and commit and commit != head else ""


def _seen(run: RunView) -> str:
    when = wording.ago(run.ended_at or run.queued_at, wording.present())
    return f", {when} (run {wording.short(run)})"
