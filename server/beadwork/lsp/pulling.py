"""Reports for an editor that asks for diagnostics: all of them, or that they are as they were. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from beadwork.lsp.diagnostics import Json
from beadwork.lsp.publishing import Sheet


def report_of(diagnostics: Sequence[Json], before: str | None) -> Json:
    """Give the report of one file; `before` is the id of the last one that the editor has."""
    result = hashlib.blake2b(json.dumps(diagnostics).encode(), digest_size=8).hexdigest()
    if result == before:
        return {"kind": "unchanged", "resultId": result}
    return {"kind": "full", "resultId": result, "items": list(diagnostics)}


def workspace_report(sheets: Sequence[Sheet], before: Mapping[str, str]) -> Json:
    """Give the reports of all files, and empty ones of those that the editor has others of; by URI."""
    items = [
        {"uri": sheet.uri, "version": sheet.version, **report_of(sheet.diagnostics, before.get(sheet.uri))}
        for sheet in sheets
    ]
    there = {sheet.uri for sheet in sheets}
    gone = [
        {"uri": uri, "version": None, **report_of((), last)}
        for uri, last in before.items()
        if uri not in there
    ]
    return {"items": [*items, *gone]}
