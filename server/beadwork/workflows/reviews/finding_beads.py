"""Beads made from findings: one a finding, found again by its reference, all in one call of the tracker.

What it leaves out: which findings (a person says so, or the order of a review does).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.beads import Bead, Draft, Edge, Tracker, TrackerLocked
from beadwork.findings import FindingStore, KeptFinding
from beadwork.state_folder import StateFolder
from beadwork.workflows.locking import alone

LABEL = "review-finding"
_PATIENCE = 60.0
"""Seconds to wait for another process that does the same in this project."""


@attrs.frozen
class Made:
    """The bead of a finding."""

    finding: str
    """The finding's id."""
    bead: str
    new: bool
    """Whether it was made now; else it was there."""


async def make_beads(
    tracker: Tracker,
    findings: FindingStore,
    kept: Sequence[KeptFinding],
    project: Path,
    state: StateFolder,
    *,
    reopen: bool = False,
) -> Sequence[Made]:
    """Make a bead of each finding that has none, and link them; give all of them. Raises TrackerError.

    With `reopen`, those that were closed are opened again: a later review says that it still holds.

    Safe to be done again, and by several processes: a bead with the finding's reference is taken as it is.
    """
    async with alone(state, f"finding-beads-{state.project(project)}", _PATIENCE) as mine:
        if not mine:
            raise TrackerLocked("Another process makes beads of findings in this project: try again.")
        made = await beads_from(tracker, kept, reopen=reopen)
    for each in made:
        findings.link(each.finding, each.bead)
    return made


async def beads_from(
    tracker: Tracker, kept: Sequence[KeptFinding], *, reopen: bool = False
) -> Sequence[Made]:
    """Make the beads that are not there yet. Raises TrackerError."""
    beads = (await tracker.list()).beads
    there = {bead.external_ref: bead.id for bead in beads if bead.external_ref}
    known = {bead.id: bead for bead in beads}
    found = {each.id: _bead_of(each, there, known) for each in kept}
    for bead in dict.fromkeys(found.values()) if reopen else ():
        if bead and known[bead].closed:
            await tracker.reopen(bead)
    lacking = {reference_of(each): each for each in kept if not found[each.id]}
    drafts = [draft_of(each, known) for each in lacking.values()]
    new = dict(zip(lacking, await tracker.create(drafts), strict=True)) if drafts else {}
    return [Made(each.id, found[each.id] or new[reference_of(each)], not found[each.id]) for each in kept]


def reference_of(kept: KeptFinding) -> str:
    """Give the reference that the bead of a finding is known by."""
    return f"review:{kept.finding.key}"


def draft_of(kept: KeptFinding, known: Mapping[str, Bead]) -> Draft:
    """Give the bead to be made of a finding: its place first, then what is wrong and when it fails."""
    finding = kept.finding
    parts = [
        str(finding.place) if finding.place is not None else "",
        finding.description,
        f"It fails when: {finding.failure_scenario}" if finding.failure_scenario else "",
        "\n".join(f"See also {place}" for place in finding.also),
        f"Found by the review of {kept.subject.removeprefix('@')} (run {kept.run[:8]}, finding {kept.id}).",
    ]
    return Draft(
        title=finding.title,
        description="\n\n".join(part for part in parts if part),
        type=finding.type.value,
        priority=finding.priority,
        labels=(LABEL,),
        edges=(Edge(kept.subject, "discovered-from"),) if kept.subject in known else (),
        external_ref=reference_of(kept),
        metadata=_metadata(kept),
    )


def _bead_of(kept: KeptFinding, there: Mapping[str, str], known: Mapping[str, Bead]) -> str:
    if kept.bead in known:
        return kept.bead
    return there.get(reference_of(kept), "")


def _metadata(kept: KeptFinding) -> dict[str, object]:
    place = kept.finding.place
    data: dict[str, object] = {
        "review_finding": kept.id,
        "review_run": kept.run,
        "review_commit": kept.commit,
    }
    if place is not None:
        data["review_path"] = place.path
    if place is not None and place.line is not None:
        data |= {"review_line": place.line, "review_end": place.end or place.line}
    return data
