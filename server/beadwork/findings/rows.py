"""The tables of reviews and findings: their schema, and rows to attrs classes.

What it leaves out: transactions (`store.py`).
"""

import functools
import json
import sqlite3
from typing import TYPE_CHECKING, Any, cast

import attrs

from beadwork.findings.kept import FindingState, KeptFinding, ReviewRecord
from beadwork.findings.model import Finding, FindingType, Place
from beadwork.findings.pins import Anchor
from beadwork.storage import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REMEMBERED = 16_384
"""Findings that are not read from their JSON again."""

SCHEMA = Schema(
    version=1,
    statements=(
        """
        CREATE TABLE review (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            run TEXT NOT NULL UNIQUE,
            project TEXT NOT NULL,
            subject TEXT NOT NULL,
            branch TEXT NOT NULL,
            base TEXT NOT NULL,
            head TEXT NOT NULL,
            summary TEXT NOT NULL,
            pr_ready INTEGER NOT NULL,
            notes TEXT NOT NULL,
            at REAL NOT NULL
        )
        """,
        "CREATE INDEX review_of ON review (project, subject, number)",
        """
        CREATE TABLE finding (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            project TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            bead TEXT NOT NULL
        )
        """,
        "CREATE INDEX finding_of ON finding (project, number)",
        """
        CREATE TABLE said (
            review INTEGER NOT NULL,
            position INTEGER NOT NULL,
            finding TEXT NOT NULL,
            words TEXT NOT NULL,
            anchor TEXT,
            PRIMARY KEY (review, position)
        )
        """,
        "CREATE INDEX said_of ON said (finding, review)",
    ),
)
"""A finding is one thing in all reviews of a project; each review says it in its own words, of its lines."""


def review_of(row: sqlite3.Row) -> ReviewRecord:
    """Give the review of a row."""
    fields = {field.name: row[field.name] for field in attrs.fields(ReviewRecord)}
    return ReviewRecord(
        **{**fields, "pr_ready": bool(fields["pr_ready"]), "notes": tuple(json.loads(fields["notes"]))}
    )


def kept_of(row: sqlite3.Row) -> KeptFinding:
    """Give the finding of a row: in the words of one review."""
    return KeptFinding(
        id=row["id"],
        project=row["project"],
        subject=row["subject"],
        run=row["run"],
        finding=_finding_of(row["words"]),
        anchor=_anchor_of(row["anchor"]) if row["anchor"] else None,
        state=FindingState(row["state"]),
        reason=row["reason"],
        bead=row["bead"],
        commit=row["head"],
    )


# A window asks for the same thousands of findings again with each change of a bead.
@functools.lru_cache(maxsize=_REMEMBERED)
def _finding_of(text: str) -> Finding:
    data: Mapping[str, Any] = json.loads(text)
    place = data["place"]
    also = cast("Sequence[Mapping[str, Any]]", data["also"])
    return Finding(
        **{
            **data,
            "type": FindingType(data["type"]),
            "place": Place(**place) if place else None,
            "also": tuple(Place(**each) for each in also),
        }
    )


@functools.lru_cache(maxsize=_REMEMBERED)
def _anchor_of(text: str) -> Anchor:
    data: Mapping[str, Any] = json.loads(text)
    return Anchor(**{**data, "around": tuple(data["around"])})
