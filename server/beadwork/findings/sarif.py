"""Findings as SARIF 2.1.0, for other tools (OASIS standard, sarif-v2.1.0).

What it leaves out: writing it anywhere.
"""

from collections.abc import Mapping, Sequence

from beadwork.findings.kept import FindingState, KeptFinding
from beadwork.findings.model import Place

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {0: "error", 1: "error", 2: "warning", 3: "note", 4: "note"}

Json = Mapping[str, object]


def sarif(found: Sequence[KeptFinding], version: str) -> Json:
    """Give a SARIF log of `found`, made by Beadwork `version`; dismissed ones are suppressed results."""
    categories = sorted({_rule(kept) for kept in found})
    driver = {
        "name": "beadwork",
        "version": version,
        "rules": [{"id": category} for category in categories],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The top of the repository."}}},
        "results": [_result(kept) for kept in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(kept: KeptFinding) -> Json:
    finding = kept.finding
    text = "\n\n".join(filter(None, [finding.title, finding.description, finding.failure_scenario]))
    result: dict[str, object] = {
        "ruleId": _rule(kept),
        "level": _LEVELS.get(finding.priority, "note"),
        "message": {"text": text},
        "partialFingerprints": {"beadwork/v1": finding.key},
        "properties": {
            "id": kept.id,
            "subject": kept.subject,
            "priority": finding.priority,
            "bead": kept.bead,
        },
    }
    if finding.place is not None:
        result["locations"] = [{"physicalLocation": _location(finding.place)}]
    if finding.also:
        result["relatedLocations"] = [{"physicalLocation": _location(place)} for place in finding.also]
    if kept.state is FindingState.DISMISSED:
        result["suppressions"] = [{"kind": "external", "justification": kept.reason}]
    return result


def _rule(kept: KeptFinding) -> str:
    return kept.finding.category or kept.finding.type.value


def _location(place: Place) -> Json:
    # A path is a relative URI reference here (SARIF 3.4.3): what is no URI character is escaped.
    from urllib.parse import quote  # noqa: PLC0415  (only who exports pays for it)

    location: dict[str, object] = {
        "artifactLocation": {"uri": quote(place.path.encode("utf-8", "surrogateescape")), "uriBaseId": "ROOT"}
    }
    if place.line is not None:
        location["region"] = {"startLine": place.line, "endLine": place.end or place.line}
    return location
