"""What a person is shown of reviews and findings, as data; see docs/protocol.md. Pure."""

from collections.abc import Callable, Mapping, Sequence

import attrs

from beadwork.beads import Bead
from beadwork.findings import KeptFinding, Place, ReviewRecord
from beadwork.workflows.settling import settled_by
from beadwork.workflows.views import moment


@attrs.frozen
class FindingView:
    """A finding."""

    id: str
    subject: str
    run: str
    title: str
    description: str
    priority: int
    type: str
    category: str
    failure_scenario: str
    path: str
    """Relative to the repository; empty for a finding that is about no file."""
    line: int | None
    """1-based line of the reviewed commit."""
    end_line: int | None
    also: tuple[Place, ...]
    state: str
    """`open`, `dismissed`, or `closed` when its bead is."""
    reason: str
    """Why it was dismissed, or how its bead was closed."""
    bead: str


@attrs.frozen
class ReviewView:
    """A review."""

    run: str
    subject: str
    branch: str
    base: str
    head: str
    at: str
    summary: str
    pr_ready: bool
    notes: tuple[str, ...]


@attrs.frozen
class FindingsView:
    """The newest review of each subject, and what it found."""

    folder: str
    reviews: tuple[ReviewView, ...]
    findings: tuple[FindingView, ...]


def findings_view(
    project: str, reviews: Sequence[ReviewRecord], kept: Sequence[KeptFinding], beads: Mapping[str, Bead]
) -> FindingsView:
    """Show findings with what became of them; `beads` are those of the project, by id."""
    at = {review.run: review.at for review in reviews}
    return FindingsView(
        folder=project,
        reviews=tuple(_review(review) for review in reviews),
        findings=tuple(finding_view(each, beads, at.get(each.run, 0.0)) for each in kept),
    )


def finding_view(kept: KeptFinding, beads: Mapping[str, Bead], reviewed_at: float) -> FindingView:
    """Show a finding; `reviewed_at` is when the newest review that says it ended, in seconds."""
    finding, place = kept.finding, kept.finding.place
    settled = settled_by(kept, beads, reviewed_at)
    return FindingView(
        id=kept.id,
        subject=kept.subject,
        run=kept.run,
        title=finding.title,
        description=finding.description,
        priority=finding.priority,
        type=finding.type.value,
        category=finding.category,
        failure_scenario=finding.failure_scenario,
        path=place.path if place else "",
        line=place.line if place else None,
        end_line=place.end if place else None,
        also=finding.also,
        state="closed" if settled else kept.state.value,
        reason=settled.close_reason if settled else kept.reason,
        bead=kept.bead,
    )


def once(kept: Sequence[KeptFinding], counts: Callable[[KeptFinding], bool]) -> list[KeptFinding]:
    """Give each finding once: of several subjects that share it, that where it counts, else the newest."""
    found: dict[str, KeptFinding] = {}
    for each in kept:
        if each.id not in found or counts(each) or not counts(found[each.id]):
            found[each.id] = each
    return list(found.values())


def _review(record: ReviewRecord) -> ReviewView:
    return ReviewView(
        run=record.run,
        subject=record.subject,
        branch=record.branch,
        base=record.base,
        head=record.head,
        at=moment(record.at),
        summary=record.summary,
        pr_ready=record.pr_ready,
        notes=record.notes,
    )
