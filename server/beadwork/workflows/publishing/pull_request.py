"""What stands in a pull request: pure text of what is known of a bead and its branch.

Its text has marks around what is ours, so that what a person writes beside it stays. Words of agents, beads
and findings can neither name people, close issues, nor end our marks.
What it leaves out: gathering it, and opening the pull request (`requesting.py`).
"""

import re
from collections.abc import Sequence

import attrs

_BEGIN = "<!-- beadwork: kept up to date up to the next such mark; write above or below -->"
_END = "<!-- /beadwork -->"
_OURS = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
_LONGEST_TITLE = 200
_LONGEST = 60_000
"""Characters; GitHub takes 65,536."""
_SHOWN = 30
"""Lines of a list."""
_BREAK = "<!-- -->"
_CLOSING = re.compile(
    r"\b(?P<word>close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?P<gap>:?\s+)(?=https?://)", re.IGNORECASE
)


@attrs.frozen
class Known:
    """What is known of a bead and its branch."""

    bead: str
    title: str
    link: str
    """Where the bead can be read; empty where that is nowhere but here."""
    summary: str
    """What the last run of work said."""
    gates: Sequence[str]
    """A line for each gate that is known."""
    findings: Sequence[str]
    """A line for each finding that is open."""


def title_of(known: Known) -> str:
    """Give the title: the bead's id and title, in a line."""
    title = " ".join(f"{known.bead}: {known.title}".split())
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"


def body_of(known: Known, before: str = "") -> str:
    """Give the text, in which a person's own words of `before` stay.

    A person who took our marks out of it wants no text of ours: then it stays as it is.
    """
    ours = f"{_BEGIN}\n{_text(known)}\n{_END}"
    if not before.strip():
        return ours
    return _OURS.sub(lambda _found: ours, before, count=1)


def harmless(text: str) -> str:
    """Give text of others as Markdown that shows it, and does nothing beside."""
    text = re.sub(r"<(?=[A-Za-z!/?])", "&lt;", text)
    text = re.sub(r"@(?=\w)", f"@{_BREAK}", text)
    text = re.sub(r"#(?=\d)", f"#{_BREAK}", text)
    text = re.sub(r"\b(?P<word>GH)-(?=\d)", rf"\g<word>-{_BREAK}", text, flags=re.IGNORECASE)
    return _CLOSING.sub(rf"\g<word>\g<gap>{_BREAK}", text)


def _text(known: Known) -> str:
    bead = f"[{known.bead}]({known.link})" if known.link else f"`{known.bead}`"
    parts = [
        harmless(known.summary) or "No summary of the work is known.",
        _listed("Gates", known.gates),
        _listed("Open findings of the last review", known.findings),
        f"Bead: {bead}",
    ]
    text = "\n\n".join(part for part in parts if part)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _listed(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    shown = [f"- {harmless(' '.join(line.split()))}" for line in lines[:_SHOWN]]
    shown += [f"- and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "\n".join([f"### {heading}", "", *shown])
