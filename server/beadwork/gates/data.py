"""Reports of gates as JSON, and back: as runs have them in their results, and as they are kept.

What it leaves out: where it is written.
"""

from collections.abc import Mapping
from typing import Any

from beadwork.gates.model import Gate, GateReport, GateResult, GateState


def report_data(report: GateReport) -> dict[str, object]:
    """Give a report in types of JSON, with `standing` for who only wants to know that."""
    return {
        "commit": report.commit,
        "standing": report.standing.value,
        "results": [result_data(result) for result in report.results],
        "notes": list(report.notes),
    }


def report_of(data: object) -> GateReport:
    """Give the report that `report_data` made. Raises ValueError for anything else."""
    found = _mapping(data)
    results = found.get("results")
    notes = found.get("notes")
    if not isinstance(results, list | tuple) or not isinstance(notes, list | tuple):
        raise ValueError("a report has results and notes")  # noqa: TRY004  (what is read is a value)
    return GateReport(
        commit=_text(found, "commit"),
        results=tuple(result_of(each) for each in results),
        notes=tuple(str(note) for note in notes),
    )


def result_data(result: GateResult) -> dict[str, object]:
    """Give what became of one gate in types of JSON."""
    gate = result.gate
    return {
        "name": gate.name,
        "purpose": gate.purpose,
        "line": gate.line,
        "folder": gate.folder,
        "source": gate.source,
        "state": result.state.value,
        "code": result.code,
        "seconds": round(result.seconds, 3),
        "tail": result.tail,
        "output": result.output,
        "hint": result.hint,
        "at": result.at,
        "runner": result.runner,
        "known": result.known,
    }


def result_of(data: object) -> GateResult:
    """Give what `result_data` made. Raises ValueError for anything else."""
    found = _mapping(data)
    code, seconds, at = found.get("code"), found.get("seconds"), found.get("at")
    if not (code is None or isinstance(code, int)) or not isinstance(seconds, int | float):
        raise ValueError("a result has a code, and seconds")
    return GateResult(
        gate=Gate(
            purpose=_text(found, "purpose"),
            line=_text(found, "line"),
            folder=_text(found, "folder"),
            source=_text(found, "source"),
        ),
        state=GateState(_text(found, "state")),
        code=code,
        seconds=float(seconds),
        tail=_text(found, "tail"),
        output=_text(found, "output"),
        hint=_text(found, "hint"),
        at=float(at) if isinstance(at, int | float) else 0.0,
        runner=_text(found, "runner"),
        known=found.get("known") is True,
    )


def _mapping(data: object) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ValueError("not an object")  # noqa: TRY004
    return data


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise ValueError(f"`{name}` is no text")  # noqa: TRY004
    return value
