"""A finding as an editor shows it: a diagnostic, in the types of JSON. Pure.

They are no classes of lsprotocol, for thousands of them are made at once. What it leaves out: when they are
sent (`publishing.py`).
"""

from collections.abc import Callable, Sequence

import attrs
from lsprotocol.types import DiagnosticSeverity, DiagnosticTag

from beadwork.findings import KeptFinding, Pinned, Place, units_of
from beadwork.lsp.traits import Traits

SOURCE = "beadwork"
LONGEST = 500
"""Characters of a description, and of a failure scenario, that are shown."""
CHANGED = "(its text has changed)"

_SEVERITIES = (
    DiagnosticSeverity.Error,
    DiagnosticSeverity.Error,
    DiagnosticSeverity.Warning,
    DiagnosticSeverity.Information,
    DiagnosticSeverity.Hint,
)
_TAGS = {
    "dead-code": DiagnosticTag.Unnecessary,
    "unused": DiagnosticTag.Unnecessary,
    "unnecessary": DiagnosticTag.Unnecessary,
    "deprecated": DiagnosticTag.Deprecated,
    "deprecation": DiagnosticTag.Deprecated,
}

Json = dict[str, object]


@attrs.frozen
class Shown:
    """A finding in a file, with where it belongs."""

    project: str
    pinned: Pinned
    lines: Sequence[str]
    """Of the file, as it is now."""

    @property
    def kept(self) -> KeptFinding:
        """The finding."""
        return self.pinned.kept


def code_of(kept: KeptFinding) -> str:
    """Give what a diagnostic is known by: the bead that was made of it, else the finding."""
    return kept.bead or kept.id


def diagnostic_of(shown: Shown, traits: Traits, uri_of: Callable[[str], str]) -> Json:
    """Give the diagnostic; `uri_of` gives the URI of a file by its path relative to the repository."""
    kept, stale = shown.kept, shown.pinned.stale
    finding = kept.finding
    diagnostic: Json = {
        "range": range_of(shown),
        "severity": (DiagnosticSeverity.Hint if stale else _SEVERITIES[finding.priority]).value,
        "code": code_of(kept),
        "source": SOURCE,
        "message": message_of(shown, also=not traits.related),
    }
    if traits.data:
        diagnostic["data"] = {"finding": kept.id, "folder": shown.project}
    if traits.related and finding.also:
        diagnostic["relatedInformation"] = [_related(place, uri_of) for place in finding.also]
    tag = _TAGS.get(finding.category.casefold().replace(" ", "-"))
    if traits.tags and tag is not None and not stale:
        diagnostic["tags"] = [tag.value]
    return diagnostic


def range_of(shown: Shown) -> Json:
    """Give the range from the first character that is no blank to the end of the last line."""
    lines, pinned = shown.lines, shown.pinned
    first = min(pinned.first, max(0, len(lines) - 1))
    last = min(max(pinned.last, first), max(0, len(lines) - 1))
    start = lines[first] if first < len(lines) else ""
    blank = start[: len(start) - len(start.lstrip())]
    return {
        "start": {"line": first, "character": units_of(blank)},
        "end": {"line": last, "character": units_of(lines[last]) if last < len(lines) else 0},
    }


def message_of(shown: Shown, *, also: bool = True) -> str:
    """Give a finding in words: its title, what is wrong, when it fails; with `also`, its further places."""
    finding = shown.kept.finding
    title = f"{finding.title} {CHANGED}" if shown.pinned.stale else finding.title
    parts = [
        title,
        _short(finding.description),
        f"It fails when: {_short(finding.failure_scenario)}" if finding.failure_scenario else "",
        f"See also {', '.join(map(str, finding.also))}." if also and finding.also else "",
    ]
    return "\n".join(part for part in parts if part)


def _related(place: Place, uri_of: Callable[[str], str]) -> Json:
    first = (place.line or 1) - 1
    end = {"line": place.end or first + 1, "character": 0}
    return {
        "location": {
            "uri": uri_of(place.path),
            "range": {"start": {"line": first, "character": 0}, "end": end},
        },
        "message": f"See also {place}",
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
