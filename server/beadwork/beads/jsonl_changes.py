"""What each change of a bead means for the fields of its record, as bd would leave them.

Pure: a record in, changed fields out (see `edit_object`). What it leaves out: the file and its lock.
"""

import uuid
from collections.abc import Mapping, Sequence

from beadwork.beads.bead_ids import new_id
from beadwork.beads.jsonl_edit import REMOVE
from beadwork.beads.jsonl_file import JsonlFile
from beadwork.beads.model import Change, Draft, Edge
from beadwork.beads.port import TrackerError
from beadwork.beads.record import edges_of

Fields = Mapping[str, object]

_CLOSED = "closed"
_CLOSING = ("closed_at", "close_reason", "closed_by_session")
_LONGEST_TITLE = 500
_PRIORITIES = range(5)


def update_fields(record: Fields, change: Change, now: str) -> Fields:
    """Give the fields that `change` asks for. Raises TrackerError for what `bd import` would refuse."""
    fields: dict[str, object] = {}
    if change.title is not None:
        fields["title"] = _title(change.title)
    if change.priority is not None:
        fields["priority"] = _priority(change.priority)
    if change.type is not None:
        fields["issue_type"] = change.type
    texts = {
        "description": change.description,
        "design": change.design,
        "acceptance_criteria": change.acceptance,
        "notes": change.notes,
        "assignee": change.assignee,
    }
    fields |= {name: text or REMOVE for name, text in texts.items() if text is not None}
    if change.status is not None:
        fields |= status_fields(record, change.status, now)
    if change.add_labels or change.remove_labels:
        labels = _items(record, "labels")
        kept = [label for label in labels if label not in change.remove_labels]
        kept += [label for label in dict.fromkeys(change.add_labels) if label not in kept]
        fields["labels"] = kept or REMOVE
    return _stamped(record, fields, now)


def status_fields(record: Fields, status: str, now: str) -> Fields:
    """Give the fields of a new status: a bead has a time of closing if and only if it is closed."""
    if record.get("status") == status:
        return {}
    fields: dict[str, object] = {"status": status}
    if status == _CLOSED and "closed_at" not in record:
        fields["closed_at"] = now
    if status != _CLOSED:
        fields |= dict.fromkeys(_CLOSING, REMOVE)
    if status == "in_progress" and "started_at" not in record:
        fields["started_at"] = now
    return fields


def claim_fields(record: Fields, actor: str, now: str) -> Fields:
    """Give the fields of a bead that `actor` takes."""
    fields = {"assignee": actor, **status_fields(record, "in_progress", now)}
    return _stamped(record, fields, now)


def release_fields(record: Fields, now: str) -> Fields:
    """Give the fields of a bead that is given back."""
    return _stamped(record, {"assignee": REMOVE, **status_fields(record, "open", now)}, now)


def close_fields(record: Fields, reason: str, now: str) -> Fields:
    """Give the fields of a bead that is closed for `reason`."""
    fields = {**status_fields(record, _CLOSED, now), "close_reason": reason or "Closed"}
    return _stamped(record, fields, now)


def reopen_fields(record: Fields, now: str) -> Fields:
    """Give the fields of a bead that is opened again; it is no longer put off either."""
    return _stamped(record, {**status_fields(record, "open", now), "defer_until": REMOVE}, now)


def comment_fields(record: Fields, text: str, actor: str, now: str) -> Fields:
    """Give the fields of a bead with one more comment."""
    new = {
        "id": str(uuid.uuid4()),
        "issue_id": record["id"],
        "author": actor,
        "text": text,
        "created_at": now,
    }
    comments = [*_items(record, "comments"), new]
    counts = {"comment_count": len(comments)} if "comment_count" in record else {}
    return _stamped(record, {"comments": comments, **counts}, now)


def edge_fields(record: Fields, on: str, kind: str, actor: str, now: str) -> Fields:
    """Give the fields of a bead with one more edge."""
    edges = [*_items(record, "dependencies"), _edge(str(record["id"]), on, kind, actor, now)]
    counts = {"dependency_count": len(edges)} if "dependency_count" in record else {}
    return _stamped(record, {"dependencies": edges, **counts}, now)


def edge_gone_fields(record: Fields, on: str, kind: str, now: str) -> Fields:
    """Give the fields of a bead without its edge of that kind, if it has one."""
    gone = (Edge(on, kind),)
    edges = [item for item in _items(record, "dependencies") if _bare(edges_of([item])) != gone]
    if len(edges) == len(_items(record, "dependencies")):
        return {}
    counts = {"dependency_count": len(edges)} if "dependency_count" in record else {}
    return _stamped(record, {"dependencies": edges or REMOVE, **counts}, now)


def new_records(
    file: JsonlFile, drafts: Sequence[Draft], *, prefix: str, actor: str, now: str, nanoseconds: int
) -> Sequence[Fields]:
    """Give the records of new beads, with ids that are nobody's. Raises TrackerError."""
    records: list[Fields] = []
    taken: set[str] = set()
    for number, draft in enumerate(drafts):
        content = (_title(draft.title), draft.description, actor)
        count = len(file.records) + len(taken)
        bead = new_id(
            prefix, content, nanoseconds + number, count, lambda it: it in taken or file.mentions(it)
        )
        taken.add(bead)
        record: dict[str, object] = {"id": bead, "title": draft.title}
        record |= {"description": draft.description} if draft.description else {}
        record |= {"status": "open", "priority": _priority(draft.priority), "issue_type": draft.type}
        record |= {"created_at": now, "created_by": draft.author or actor, "updated_at": now}
        record |= {"external_ref": draft.external_ref} if draft.external_ref else {}
        record |= {"metadata": dict(draft.metadata)} if draft.metadata else {}
        record |= {"labels": list(dict.fromkeys(draft.labels))} if draft.labels else {}
        edges = [_edge(bead, edge.on, edge.kind, actor, now) for edge in draft.edges]
        record |= {"dependencies": edges} if edges else {}
        records.append(record)
    return records


def _bare(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    return tuple(Edge(edge.on, edge.kind) for edge in edges)


def _edge(bead: str, on: str, kind: str, actor: str, now: str) -> Fields:
    return {
        "issue_id": bead,
        "depends_on_id": on,
        "type": kind,
        "created_at": now,
        "created_by": actor,
    }


def _stamped(record: Fields, fields: Fields, now: str) -> Fields:
    """Leave out what is so already; what remains moves `updated_at`, by which bd finds the newer record."""
    real = {
        key: value
        for key, value in fields.items()
        if (key in record if value is REMOVE else key not in record or record[key] != value)
    }
    return {**real, "updated_at": now} if real else {}


def _items(record: Fields, key: str) -> Sequence[object]:
    value = record.get(key)
    return value if isinstance(value, list) else ()


def _title(title: str) -> str:
    if not title.strip():
        raise TrackerError("A bead needs a title; give it one.")
    if len(title.encode("utf-8", "replace")) > _LONGEST_TITLE:
        raise TrackerError(f"A title has at most {_LONGEST_TITLE} bytes in bd; shorten it.")
    return title


def _priority(priority: int) -> int:
    if priority not in _PRIORITIES:
        raise TrackerError(f"There is no priority {priority}; take 0 (most urgent) to 4.")
    return priority
