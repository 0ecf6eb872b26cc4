"""The parts that tell of a bead: its texts, its connections, what was tried, where its branch stands.

What it leaves out: the project (`project_parts.py`).
"""

from collections.abc import Iterator

from beadwork.context.budget import cut
from beadwork.context.changes import change_parts
from beadwork.context.fences import one_line, visible
from beadwork.context.interest import Interest
from beadwork.context.model import Knowledge, Relative
from beadwork.context.parts import Items, Part, Prose, Section, listed
from beadwork.context.project_parts import project_parts

_WORTH = {"title": 300, "description": 100, "acceptance criteria": 90, "design": 60, "notes": 40}
FINDINGS = "open findings"
"""The name of the part that tells of findings."""
_DESCRIPTION = 1500
_DELIVERED = 1200
"""Bytes of what another bead is about, and of each thing that it left."""


def parts_of(knowledge: Knowledge) -> list[Part]:
    """Give all parts that have something to say, in the order in which they stand."""
    parts = [*_bead_parts(knowledge), *_past_parts(knowledge), *change_parts(knowledge.changes)]
    if knowledge.landscape is not None:
        parts += project_parts(knowledge.landscape, interest_of(knowledge))
    notes = [*knowledge.notes, *(knowledge.landscape.notes if knowledge.landscape else ())]
    parts.append(listed(Section.NOTES, "the checkout", 40, [f"- {one_line(note)}" for note in notes]))
    return [part for part in parts if part.whole() > 0]


def interest_of(knowledge: Knowledge) -> Interest:
    """Give what the bead speaks of."""
    return Interest.of([*(text for _, text in knowledge.fields), *knowledge.comments, *knowledge.findings])


def _bead_parts(knowledge: Knowledge) -> Iterator[Part]:
    for name, text in knowledge.fields:
        yield Prose(Section.BEAD, name, _WORTH.get(name, 40), visible(text).strip())
    comments = [_item(comment) for comment in reversed(knowledge.comments)]
    yield Items(Section.BEAD, "comments", 40, comments, backwards=True, gap="\n\n")
    parents = [relative for relative in knowledge.relatives if relative.relation == "parent"]
    others = [relative for relative in knowledge.relatives if relative.relation != "parent"]
    yield listed(Section.BEAD, "parent beads", 30, map(_relative, parents), gap="\n\n")
    yield listed(
        Section.BEAD, "connected beads, and what they delivered", 30, map(_relative, others), gap="\n\n"
    )


def _past_parts(knowledge: Knowledge) -> Iterator[Part]:
    attempts = [
        _item(f"{attempt.when}: {attempt.state} ({attempt.reason or 'no reason'}). {attempt.summary}")
        for attempt in knowledge.attempts
    ]
    yield listed(Section.HISTORY, "earlier runs on this bead, the newest first", 25, attempts, gap="\n\n")
    findings = [_item(finding) for finding in knowledge.findings]
    yield listed(Section.FINDINGS, FINDINGS, 60, findings, gap="\n\n")


def _item(text: str) -> str:
    return visible(text).strip()


def _relative(relative: Relative) -> str:
    head = f"{relative.relation}: {relative.id} ({relative.status}) {relative.title}"
    if not relative.title:
        head = f"{relative.relation}: {relative.id} (not among the beads here)"
    lines = [one_line(head)]
    if relative.description.strip():
        lines.append(cut(visible(relative.description).strip(), _DESCRIPTION))
    lines += [f"- {cut(visible(text).strip(), _DELIVERED)}" for text in relative.delivered if text.strip()]
    return "\n".join(lines)
