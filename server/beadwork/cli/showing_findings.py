"""Findings and reviews as a person reads them, the gravest first; in a pipe with the place in front.

What it leaves out: which ones (`findings.py`).
"""

import os
from collections.abc import Sequence
from pathlib import Path

from beadwork.cli import wording, writing
from beadwork.cli.printing import Block, Cell, Heading, Line, Prose, Table
from beadwork.workflows import FindingsView, FindingView, ReviewView

_PRIORITY_STYLES = {0: "bold red", 1: "red", 2: "yellow", 3: "cyan"}
_SHA = 10


def ranked(findings: Sequence[FindingView]) -> list[FindingView]:
    """Give findings with the gravest first, then by their places."""
    return sorted(findings, key=lambda each: (each.priority, each.path, each.line or 0, each.id))


def place(finding: FindingView) -> str:
    """Give where a finding is, `src/a.py:12-14`; empty when it is about no file."""
    if finding.line is None:
        return finding.path
    more = f"-{finding.end_line}" if finding.end_line not in {None, finding.line} else ""
    return f"{finding.path}:{finding.line}{more}"


def located_lines(findings: Sequence[FindingView], folder: Path) -> list[Block]:
    """Set out findings as editors and grep do, `path:line: text`; `folder` has the repository or is in it.

    A path is relative to where the person is, so that a jump arrives.
    """
    top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
    return [Line.of(_located(finding, top), whole=True) for finding in ranked(findings)]


def findings_table(findings: Sequence[FindingView]) -> Table:
    """Set out findings, a line each."""
    rows = tuple(
        (
            Cell(place(finding), "bold"),
            Cell(f"P{finding.priority} {finding.type}", _PRIORITY_STYLES.get(finding.priority, "dim")),
            Cell(finding.title),
            Cell(remark(finding), "magenta"),
            Cell(finding.id, "dim"),
        )
        for finding in ranked(findings)
    )
    return Table(rows, flexible=2)


def listing_blocks(view: FindingsView, none: str) -> list[Block]:
    """Set out the newest review of each subject with its findings; `none` stands where it has none."""
    blocks: list[Block] = []
    for review in view.reviews:
        blocks.append(Heading(wording.subject(review.subject)))
        found = [finding for finding in view.findings if finding.run == review.run]
        blocks += _review_blocks(review, found, none)
    return blocks


def review_blocks(view: FindingsView) -> list[Block]:
    """Set out the newest review of one bead, with what of it is open."""
    return [
        block
        for review in view.reviews
        for block in _review_blocks(review, view.findings, "no open findings")
    ]


def _review_blocks(review: ReviewView, findings: Sequence[FindingView], none: str) -> list[Block]:
    when = wording.ago(review.at, wording.present())
    style = "green" if review.pr_ready else "yellow"
    what = f" · {review.branch} at {review.head[:_SHA]} · {when}"
    blocks: list[Block] = [Line.of("  ", Cell(verdict(review), style), Cell(what, "dim"))]
    if review.summary.strip():
        blocks.append(Prose(review.summary))
    blocks += [Prose(f"note: {note}", "yellow") for note in review.notes]
    return [*blocks, findings_table(findings) if findings else Line.of(Cell(f"  {none}", "dim"))]


def outcome_blocks(review: ReviewView, findings: Sequence[FindingView]) -> list[Block]:
    """Say what a review found that was followed: its findings, then its summary and its verdict."""
    blocks: list[Block] = [Heading("Findings")]
    blocks.append(findings_table(findings) if findings else Line.of(Cell("  none", "dim")))
    if review.summary.strip():
        blocks += [Heading("Summary"), Prose(review.summary)]
    style = "green" if review.pr_ready else "yellow"
    return [*blocks, Line.of(""), Line.of("Verdict: ", Cell(verdict(review), f"bold {style}"))]


def full_blocks(finding: FindingView) -> list[Block]:
    """Set out one finding with all that was said of it, and what can be done about it."""
    facts = [
        ("place", place(finding)),
        ("what", ", ".join(filter(None, [f"P{finding.priority} {finding.type}", finding.category]))),
        ("review", f"of {wording.subject(finding.subject)}, run {finding.run[: wording.SHORT]}"),
        ("state", finding.state + (f": {finding.reason}" if finding.reason else "")),
        ("bead", finding.bead),
    ]
    rows = tuple((Cell(name, "dim"), Cell(value)) for name, value in facts if value)
    blocks: list[Block] = [
        Line.of(Cell(finding.id, "bold cyan"), "  ", Cell(finding.title, "bold")),
        Table(rows, flexible=1, wrapped=True),
    ]
    for title, text in (("Description", finding.description), ("It fails when", finding.failure_scenario)):
        if text.strip():
            blocks += [Heading(title), Prose(text)]
    if finding.also:
        blocks += [Heading("See also"), *(Line.of(f"  {each}", whole=True) for each in finding.also)]
    return blocks + _ways(finding)


def verdict(review: ReviewView) -> str:
    """Say whether the work can be merged as it is."""
    return "ready" if review.pr_ready else "not ready"


def remark(finding: FindingView) -> str:
    """Say what became of a finding: its bead, and why it is not open."""
    state = (
        "" if finding.state == "open" else finding.state + (f": {finding.reason}" if finding.reason else "")
    )
    return "; ".join(filter(None, [f"bead {finding.bead}" if finding.bead else "", state]))


def _located(finding: FindingView, top: Path) -> str:
    where = ""
    if finding.path:
        path = os.path.relpath(top / finding.path)
        # A finding of the file as a whole leads to its first line.
        where = f"{path}:{finding.line or 1}: "
    more = "; ".join(filter(None, [f"{finding.id} of {finding.subject}", remark(finding)]))
    return f"{where}P{finding.priority} {finding.type}: {writing.one_line(finding.title)} [{more}]"


def _ways(finding: FindingView) -> list[Block]:
    """Give the commands for a finding that is open, or that was dismissed."""
    match finding.state:
        case "open" if finding.subject.startswith("@"):
            ways = {"bead": "finding {} --create-bead", "dismiss": 'finding {} --dismiss "why"'}
        case "open":
            ways = {
                "fix": "fix {} --follow",
                "bead": "finding {} --create-bead",
                "dismiss": 'finding {} --dismiss "why"',
            }
        case "dismissed":
            ways = {"back": "finding {} --back"}
        case _:
            ways = {}
    if finding.bead:
        ways.pop("bead", None)
    lines: list[Block] = [
        Line.of(Cell(f"  {name:<7}  ", "dim"), f"beadwork {way.format(finding.id)}", whole=True)
        for name, way in ways.items()
    ]
    return [Line.of(""), *lines] if lines else []
