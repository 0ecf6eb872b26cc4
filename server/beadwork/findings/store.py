"""Where reviews and their findings are kept: one SQLite file of the user, shared by every process.

A finding that a later review says again keeps its id, its bead, and that it was dismissed. What it leaves
out: where findings are in a text (`pins.py`), and which beads are closed (the tracker knows).
"""

import functools
import json
import sqlite3
import time
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import attrs

from beadwork.errors import BeadworkError
from beadwork.findings.matching import Known, Reported
from beadwork.findings.model import Finding, FindingType, Place
from beadwork.findings.pins import Anchor
from beadwork.storage import Database, Schema


class FindingNotFound(BeadworkError):  # noqa: N818
    """No finding has that id, or several begin with it."""

    code = "finding-not-found"


class FindingState(StrEnum):
    """What a person made of a finding."""

    OPEN = "open"
    DISMISSED = "dismissed"
    """It does not hold, or is wanted so; remembered for later reviews."""


@attrs.frozen
class ReviewRecord:
    """A review that was read."""

    run: str
    """The id of its execution."""
    project: str
    """Absolute path of the workspace folder."""
    subject: str
    """The bead, or what stands for it."""
    branch: str
    base: str
    """The commit that it was compared with."""
    head: str
    """The commit that was reviewed."""
    summary: str
    pr_ready: bool
    notes: tuple[str, ...] = ()
    """What was not understood, and what was not looked at."""
    at: float = 0.0
    """Seconds since the epoch; given by the store."""


@attrs.frozen
class KeptFinding:
    """A finding of a review, and what became of it."""

    id: str
    """`f-` and eight hexadecimal digits; the same when a later review says the same."""
    project: str
    subject: str
    run: str
    """The review that says it so: the newest one, or the newest of `subject` where that was asked for."""
    finding: Finding
    anchor: Anchor | None
    """None where it has no lines."""
    state: FindingState = FindingState.OPEN
    reason: str = ""
    """With DISMISSED: why."""
    bead: str = ""
    """The bead that was made from it."""
    commit: str = ""
    """The commit that was reviewed: its lines are those of this one."""


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

_FINDINGS = (
    "SELECT finding.*, said.words, said.anchor, review.subject, review.run, review.head FROM finding "
    "JOIN said ON said.finding = finding.id JOIN review ON review.number = said.review"
)
_REMEMBERED = 16_384
"""Findings that are not read from their JSON again."""

_CURRENT = (
    "review.number IN (SELECT max(number) FROM review WHERE project = :project GROUP BY subject) "
    "AND (:subject = '' OR review.subject = :subject)"
)
_LATEST_WORDS = "said.review = (SELECT max(other.review) FROM said AS other WHERE other.finding = finding.id)"


class FindingStore:
    """All reviews of a user. Every method is quick, may raise StoreError, and is for one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, or make it, readable by its user alone."""
        self._db = Database(path, SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def signal(self) -> str:
        """Give a text that differs whenever the file was changed since, by whichever process; cheap."""
        with self._db.reading():
            return self._db.signal()

    def record(self, review: ReviewRecord, found: Sequence[Reported]) -> Sequence[KeptFinding]:
        """Keep a review and its findings, all or nothing; give them as they are kept.

        What an earlier review of the project said already keeps its id, its state and its bead. A review that
        was kept before stays as it is.
        """
        with self._db.changing():
            if self._reviews("run = :run", {"run": review.run}):
                return self._found("review.run = :run", {"run": review.run})
            number = self._add(review)
            known = Known(
                self._found(f"finding.project = :project AND {_LATEST_WORDS}", {"project": review.project})
            )
            for position, each in enumerate(found):
                self._say(number, position, review.project, each, known.take(each))
            self._forget_words(review, number)
            return self._found("review.run = :run", {"run": review.run})

    def review(self, run: str) -> tuple[ReviewRecord, Sequence[KeptFinding]] | None:
        """Give the review of an execution and what it said; None where none was kept."""
        with self._db.reading():
            found = self._reviews("run = :run", {"run": run})
            return (found[0], self._found("review.run = :run", {"run": run})) if found else None

    def reviews(self, project: str, subject: str = "", *, limit: int = 20) -> Sequence[ReviewRecord]:
        """Give the reviews of a project, or of one subject of it, the newest first."""
        with self._db.reading():
            return self._reviews(
                "project = :project AND (:subject = '' OR subject = :subject) "
                "ORDER BY number DESC LIMIT :limit",
                {"project": project, "subject": subject, "limit": limit},
            )

    def newest(self, project: str, subject: str = "") -> Sequence[ReviewRecord]:
        """Give the newest review of each subject of a project, or of one, the newest first."""
        with self._db.reading():
            return self._reviews(f"{_CURRENT} ORDER BY number DESC", {"project": project, "subject": subject})

    def current(self, project: str, subject: str = "") -> Sequence[KeptFinding]:
        """Give the findings of the newest review of each subject, dismissed ones too, in their order.

        What several subjects share comes once for each, with the same id.
        """
        with self._db.reading():
            return self._found(_CURRENT, {"project": project, "subject": subject})

    def get(self, project: str, name: str) -> KeptFinding:
        """Give the finding whose id begins with `name`. Raises FindingNotFound."""
        wanted = name.strip().lower()
        with self._db.reading():
            found = self._found(
                f"finding.project = :project AND substr(id, 1, :size) = :name AND {_LATEST_WORDS}",
                {"project": project, "size": len(wanted), "name": wanted},
            )
        if len(wanted) < len("f-0") or not found:
            raise FindingNotFound(f"There is no finding {name!r}; `beadwork findings` lists them.")
        if len(found) > 1:
            some = ", ".join(each.id for each in found[:5])
            raise FindingNotFound(f"{name!r} is ambiguous: it could be {some}. Give more of the id.")
        return found[0]

    def dismiss(self, finding: str, reason: str) -> None:
        """Write that a finding does not count, and why."""
        self._change(finding, state=FindingState.DISMISSED.value, reason=reason)

    def take_back(self, finding: str) -> None:
        """Write that a dismissed finding counts again."""
        self._change(finding, state=FindingState.OPEN.value, reason="")

    def link(self, finding: str, bead: str) -> None:
        """Write which bead was made from a finding."""
        self._change(finding, bead=bead)

    def _change(self, finding: str, **fields: str) -> None:
        names = ", ".join(f"{name} = :{name}" for name in fields)
        with self._db.changing():
            self._db.execute(f"UPDATE finding SET {names} WHERE id = :id", {**fields, "id": finding})  # noqa: S608

    def _add(self, review: ReviewRecord) -> int:
        added = self._db.execute(
            "INSERT INTO review (run, project, subject, branch, base, head, summary, pr_ready, notes, at) "
            "VALUES (:run, :project, :subject, :branch, :base, :head, :summary, :pr_ready, :notes, :at)",
            {**attrs.asdict(review), "notes": json.dumps(review.notes), "at": time.time()},
        )
        return int(added.lastrowid or 0)

    def _say(
        self, review: int, position: int, project: str, new: Reported, known: KeptFinding | None
    ) -> None:
        """Write that a review says a finding: one that is `known`, or another."""
        finding = known.id if known is not None else self._new_finding(project)
        self._db.execute(
            "INSERT INTO said (review, position, finding, words, anchor) "
            "VALUES (:review, :position, :finding, :words, :anchor)",
            {
                "review": review,
                "position": position,
                "finding": finding,
                "words": json.dumps(attrs.asdict(new.finding)),
                "anchor": json.dumps(attrs.asdict(new.anchor)) if new.anchor else None,
            },
        )

    def _new_finding(self, project: str) -> str:
        while True:
            name = f"f-{uuid.uuid4().hex[:8]}"
            added = self._db.execute(
                "INSERT OR IGNORE INTO finding (id, project, state, reason, bead) "
                "VALUES (:id, :project, 'open', '', '')",
                {"id": name, "project": project},
            )
            if added.rowcount:
                return name

    def _forget_words(self, review: ReviewRecord, number: int) -> None:
        """Forget what earlier reviews of the same subject said of what this one says too."""
        self._db.execute(
            "DELETE FROM said WHERE review IN (SELECT number FROM review WHERE project = :project "
            "AND subject = :subject AND number < :number) "
            "AND finding IN (SELECT finding FROM said WHERE review = :number)",
            {"project": review.project, "subject": review.subject, "number": number},
        )

    def _reviews(self, where: str, values: Mapping[str, object]) -> tuple[ReviewRecord, ...]:
        found = self._db.execute(f"SELECT * FROM review WHERE {where}", dict(values))  # noqa: S608
        return tuple(_review_of(row) for row in found.fetchall())

    def _found(self, where: str, values: Mapping[str, object]) -> tuple[KeptFinding, ...]:
        found = self._db.execute(
            f"{_FINDINGS} WHERE {where} ORDER BY review.number, said.position", dict(values)
        )
        return tuple(_kept_of(row) for row in found.fetchall())


def _review_of(row: sqlite3.Row) -> ReviewRecord:
    fields = {field.name: row[field.name] for field in attrs.fields(ReviewRecord)}
    return ReviewRecord(
        **{**fields, "pr_ready": bool(fields["pr_ready"]), "notes": tuple(json.loads(fields["notes"]))}
    )


def _kept_of(row: sqlite3.Row) -> KeptFinding:
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
