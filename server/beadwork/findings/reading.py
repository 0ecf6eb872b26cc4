"""Reads a review out of what an agent answered: the typed form, or else the last JSON in its text that fits.

Nothing is invented: what is not understood is left out and noted, and an answer without a review in it is
unreadable, not a review without findings. What it leaves out: places (`places.py`), JSON in text.
"""

import re
from collections.abc import Mapping

from beadwork.findings.json_in_text import values_in
from beadwork.findings.model import Finding, FindingType, Place, Review, Unreadable
from beadwork.findings.places import Tree, locate
from beadwork.findings.plain import plain

SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "title": {"type": "string", "description": "what is wrong, in one line"},
                    "description": {"type": "string", "description": "why it is wrong, and what to do"},
                    "priority": {"type": "integer", "minimum": 0, "maximum": 4, "description": "0 is worst"},
                    "type": {"type": "string", "enum": ["bug", "task", "feature"]},
                    "file": {"type": "string", "description": "path in the repository"},
                    "line": {"type": "integer", "minimum": 1, "description": "in the file as it is now"},
                    "end_line": {"type": "integer", "minimum": 1},
                    "category": {"type": "string", "description": "correctness, security, tests …"},
                    "failure_scenario": {"type": "string", "description": "the case in which it fails"},
                    "also": {
                        "type": "array",
                        "description": "further places that belong to it",
                        "items": {
                            "type": "object",
                            "properties": {"file": {"type": "string"}, "line": {"type": "integer"}},
                            "required": ["file"],
                        },
                    },
                },
                "required": ["title", "description", "priority", "type"],
            },
        },
        "summary": {"type": "string", "description": "two or three sentences on the work as a whole"},
        "pr_ready": {"type": "boolean", "description": "whether it can be merged as it is"},
    },
    "required": ["findings", "summary", "pr_ready"],
}
"""What a reviewer is asked to fill in."""

_PRIORITIES = {
    **dict.fromkeys(("critical", "blocker", "severe", "p0"), 0),
    **dict.fromkeys(("high", "major", "error", "p1"), 1),
    **dict.fromkeys(("medium", "moderate", "normal", "warning", "p2"), 2),
    **dict.fromkeys(("low", "minor", "p3"), 3),
    **dict.fromkeys(("trivial", "info", "nit", "note", "p4"), 4),
}
_TYPES = {
    **dict.fromkeys(("bug", "defect", "error", "security", "regression"), FindingType.BUG),
    **dict.fromkeys(("task", "chore", "refactor", "docs", "test", "tests", "style"), FindingType.TASK),
    **dict.fromkeys(("feature", "enhancement", "improvement"), FindingType.FEATURE),
}
_SENTENCE = re.compile(r"^(.{1,200}?[.!?])(?:\s|$)", re.DOTALL)
_LONGEST_TITLE = 200
_LONGEST_TEXT = 10_000
"""Characters of a description and the like."""
_MOST_FINDINGS = 10_000
_MOST_PLACES = 20
"""Further places of a finding."""
_MOST_NOTES = 50
"""Notes that are kept; a reviewer that gets everything wrong need not be told a thousand times."""
_MIDDLE = 2

Json = Mapping[str, object]


def read_review(structured: object, text: str, tree: Tree) -> Review | Unreadable:
    """Give the review in an agent's answer: its typed form `structured` (None without one), else its `text`.

    Never raises.
    """
    for value in (structured, *values_in(text)):
        fields = _fitting(value)
        if fields is not None:
            return _review(fields, tree)
    if not text.strip():
        return Unreadable("The reviewer gave no answer.")
    return Unreadable("No review could be read from the reviewer's answer.")


def _fitting(value: object) -> Json | None:
    """Give `value` as the fields of a review, if it can be one."""
    if isinstance(value, list) and value and all(_names_something(each) and "file" in each for each in value):
        return {"findings": value}
    if not isinstance(value, Mapping) or not isinstance(value.get("findings"), list):
        return None
    found = value["findings"]
    return value if not found or any(_names_something(each) for each in found) else None


def _names_something(value: object) -> bool:
    return isinstance(value, Mapping) and any(
        _string(value, key) for key in ("title", "description", "summary")
    )


def _review(fields: Json, tree: Tree) -> Review:
    notes: list[str] = []
    found: dict[tuple[str, Place | None], Finding] = {}
    raw = fields["findings"]
    entries = raw if isinstance(raw, list) else []
    if len(entries) > _MOST_FINDINGS:
        notes.append(f"It says {len(entries):,} findings; only the first {_MOST_FINDINGS:,} are taken.")
    for number, each in enumerate(entries[:_MOST_FINDINGS], 1):
        finding = _finding(each, number, tree, notes)
        if finding is None:
            continue
        if (finding.key, finding.place) in found:
            notes.append(f"Finding {number} says the same as an earlier one.")
        found.setdefault((finding.key, finding.place), finding)
    ready = fields.get("pr_ready")
    if not isinstance(ready, bool):
        notes.append("The reviewer did not say whether the work is ready, so it counts as not ready.")
    if len(notes) > _MOST_NOTES:
        notes[_MOST_NOTES:] = [f"And {len(notes) - _MOST_NOTES} more of this kind."]
    return Review(tuple(found.values()), _string(fields, "summary"), ready is True, tuple(notes))


def _finding(value: object, number: int, tree: Tree, notes: list[str]) -> Finding | None:
    if not isinstance(value, Mapping) or not _names_something(value):
        notes.append(f"Finding {number} could not be understood and is left out.")
        return None
    description = _string(value, "description") or _string(value, "summary")
    located = locate(tree, value.get("file"), value.get("line"), value.get("end_line"))
    if located.note:
        notes.append(f"Finding {number}: {located.note}")
    return Finding(
        title=_title(_string(value, "title") or description),
        description=description,
        priority=_priority(value.get("priority"), number, notes),
        type=_type(value.get("type"), number, notes),
        place=located.place,
        category=plain(_string(value, "category"), longest=_LONGEST_TITLE, one_line=True),
        failure_scenario=_string(value, "failure_scenario"),
        also=_also(value.get("also"), tree),
    )


def _title(text: str) -> str:
    first = _SENTENCE.match(text)
    line = " ".join((first[1] if first and "\n" in text else text).split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"


def _priority(value: object, number: int, notes: list[str]) -> int:
    match value:
        case int() if not isinstance(value, bool) and 0 <= value <= 4:  # noqa: PLR2004  (the scale of bd)
            return value
        case float() if value in {0.0, 1.0, 2.0, 3.0, 4.0}:
            return int(value)
        case str() if value.strip() in {"0", "1", "2", "3", "4"}:
            return int(value)
        case str() if value.strip().casefold() in _PRIORITIES:
            return _PRIORITIES[value.strip().casefold()]
    notes.append(f"Finding {number}: its priority is {_shown(value)}, so {_MIDDLE} is taken.")
    return _MIDDLE


def _type(value: object, number: int, notes: list[str]) -> FindingType:
    if isinstance(value, str) and value.strip().casefold() in _TYPES:
        return _TYPES[value.strip().casefold()]
    notes.append(f"Finding {number}: its type is {_shown(value)}, so `bug` is taken.")
    return FindingType.BUG


def _also(value: object, tree: Tree) -> tuple[Place, ...]:
    places = []
    for each in value[:_MOST_PLACES] if isinstance(value, list) else ():
        if isinstance(each, Mapping):
            located = locate(tree, each.get("file"), each.get("line"), each.get("end_line"))
            places += [located.place] if located.place else []
    return tuple(places)


def _string(fields: Json, key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str):
        return ""
    # Half of a surrogate pair can be in JSON, but not in a file or on a wire.
    return plain(value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), longest=_LONGEST_TEXT)


def _shown(value: object) -> str:
    text = plain(repr(value), one_line=True)
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004
