"""Several beads in one call of bd: what goes into `bd import -`, and whether all of it arrived.

It is the only way that carries references, metadata, labels and edges together. Records go without an id, so
that bd gives each one of its own kind. What it leaves out: calling bd (`bd.py`).
"""

import json
from collections.abc import Collection, Mapping, Sequence

from beadwork.beads.bd_answer import Answer
from beadwork.beads.model import Bead, Draft, Listing
from beadwork.beads.port import TrackerError, TrackerGarbled


def import_lines(drafts: Sequence[Draft]) -> str:
    """Give the JSON lines of beads that are to be made."""
    return "".join(json.dumps(_record(draft)) + "\n" for draft in drafts)


def imported_ids(answer: Answer, count: int) -> tuple[str, ...]:
    """Give the ids that bd made, in the order of the lines. Raises TrackerError when it did not make all."""
    reply = answer.json()
    ids = reply.get("ids") if isinstance(reply, Mapping) else None
    if (
        not isinstance(ids, list)
        or len(ids) != count
        or not all(isinstance(bead, str) and bead for bead in ids)
    ):
        raise TrackerGarbled("`bd import` did not say which beads it made.", detail=answer.words)
    return tuple(ids)


def verify(made: Sequence[str], drafts: Sequence[Draft], before: Collection[str], after: Listing) -> None:
    """See that every new bead is there with all that its draft says.

    Raises TrackerError that names the beads which are there but not as they should be.
    """
    beads = {bead.id: bead for bead in after.beads}
    wrong = [
        bead
        for bead, draft in zip(made, drafts, strict=True)
        if bead in before or bead not in beads or not _matches(beads[bead], draft)
    ]
    if wrong:
        raise TrackerError(
            f"bd made {', '.join(made)}, but {', '.join(wrong)} not as asked for; look at it with `bd show`."
        )


def _matches(bead: Bead, draft: Draft) -> bool:
    return (
        bead.title == draft.title
        and set(draft.labels) <= set(bead.labels)
        and {(edge.on, edge.kind) for edge in draft.edges} <= {(edge.on, edge.kind) for edge in bead.edges}
        and bead.external_ref == draft.external_ref
        and (not draft.metadata or bead.extra.get("metadata") == dict(draft.metadata))
    )


def _record(draft: Draft) -> Mapping[str, object]:
    record: dict[str, object] = {
        "title": draft.title,
        "description": draft.description,
        "status": "open",
        "priority": draft.priority,
        "issue_type": draft.type,
        "labels": list(draft.labels),
        "metadata": dict(draft.metadata),
        "dependencies": [{"depends_on_id": edge.on, "type": edge.kind} for edge in draft.edges],
    }
    if draft.external_ref:
        record["external_ref"] = draft.external_ref
    if draft.author:
        record["created_by"] = draft.author
    return {key: value for key, value in record.items() if value not in ("", [], {})}
