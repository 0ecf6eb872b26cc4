"""Reads a bead's record, as bd prints it with `--json` and as a line of issues.jsonl has it, into the model.

Nothing here fails on odd content: what cannot be used becomes the nearest value, what is not known stays in
`extra`. What it leaves out: where a record comes from, and writing one (`jsonl_edit.py`).
"""

import datetime
from collections.abc import Mapping, Sequence

from beadwork.beads.model import Bead, Comment, Edge

TOMBSTONE = "tombstone"
"""The status of a deleted bead in a JSONL file; bd keeps the record so that the deletion travels."""

_KNOWN = frozenset(
    {
        "id", "title", "status", "issue_type", "priority", "description", "design", "acceptance_criteria",
        "notes", "assignee", "labels", "dependencies", "comments", "comment_count", "created_at",
        "updated_at", "closed_at", "close_reason", "external_ref", "ephemeral", "wisp",
    }
)  # fmt: skip
_DERIVED = frozenset({"_type", "schema_version", "dependency_count", "dependent_count", "parent"})
"""What bd adds while it prints: it changes with other beads and says nothing that the edges do not."""

_DEFAULT_PRIORITY = 2


def bead_of(record: Mapping[str, object]) -> Bead:
    """Give the bead that `record` describes. It must have an id; everything else may be missing or odd."""
    extra = {key: value for key, value in record.items() if key not in _KNOWN and key not in _DERIVED}
    priority = _priority(record.get("priority", 0))
    if priority is None:
        extra["priority"] = record["priority"]
    comments = comments_of(record.get("comments"))
    return Bead(
        id=text(record.get("id")),
        title=text(record.get("title")),
        status=text(record.get("status")) or "open",
        type=text(record.get("issue_type")) or "task",
        priority=_DEFAULT_PRIORITY if priority is None else priority,
        description=text(record.get("description")),
        design=text(record.get("design")),
        acceptance=text(record.get("acceptance_criteria")),
        notes=text(record.get("notes")),
        assignee=text(record.get("assignee")),
        labels=tuple(text(label) for label in _items(record.get("labels")) if isinstance(label, str)),
        edges=edges_of(record.get("dependencies")),
        comments=comments,
        comment_count=_count(record.get("comment_count"), len(comments)),
        created_at=text(record.get("created_at")),
        updated_at=text(record.get("updated_at")),
        closed_at=text(record.get("closed_at")),
        close_reason=text(record.get("close_reason")),
        external_ref=text(record.get("external_ref")),
        ephemeral=record.get("ephemeral") is True or record.get("wisp") is True,
        extra=extra,
    )


def edges_of(value: object) -> tuple[Edge, ...]:
    """Give the edges of a record, from either shape that bd uses.

    `list` gives edges (`depends_on_id`, `type`); `show` gives whole beads with a `dependency_type`.
    """
    edges: list[Edge] = []
    for item in _items(value):
        if not isinstance(item, Mapping):
            continue
        if "depends_on_id" in item:
            on, kind = text(item.get("depends_on_id")), text(item.get("type"))
        else:
            on, kind = text(item.get("id")), text(item.get("dependency_type"))
        if on:
            edges.append(Edge(on, kind.replace("parent_child", "parent-child") or "blocks", _gate(item)))
    return tuple(edges)


def comments_of(value: object) -> tuple[Comment, ...]:
    """Give the comments of a record, or of bd's answer to `comments`, the oldest first as bd has them."""
    return tuple(
        Comment(text(item.get("author")), text(item.get("text")), text(item.get("created_at")))
        for item in _items(value)
        if isinstance(item, Mapping)
    )


def text(value: object) -> str:
    """Give `value` as a text that can be encoded: half a surrogate pair becomes `?`, no text empty."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
    return value.encode("utf-8", "replace").decode("utf-8")


def instant(moment: str) -> float:
    """Give a time of a record in seconds since the epoch; 0 when it is missing or cannot be read.

    Zones may be `Z` or an offset, fractions have up to nine digits; a time without a zone is taken as UTC.
    """
    try:
        when = datetime.datetime.fromisoformat(moment)
        if when.tzinfo is None:
            when = when.replace(tzinfo=datetime.UTC)
        return when.timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _priority(value: object) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if value[-1:].isdecimal() and value.upper().removeprefix("P") == value[-1:]:
            return int(value[-1])
        case _:
            return None


def _count(value: object, least: int) -> int:
    return max(value, least) if isinstance(value, int) else least


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _gate(item: Mapping[str, object]) -> str:
    metadata = item.get("metadata")  # an object written as JSON into a string
    return "any-children" if isinstance(metadata, str) and '"any-children"' in metadata else ""
