"""Where reviews and their findings are kept: one SQLite file of the user, shared by every process.

A finding that a later review says again keeps its id, its bead, and that it was dismissed. What it leaves
out: where findings are in a text (`pins.py`), and which beads are closed (the tracker knows).
"""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.errors import BeadworkError
from beadwork.findings.kept import FindingState, KeptFinding, ReviewRecord
from beadwork.findings.matching import Known, Reported
from beadwork.findings.rows import SCHEMA, kept_of, review_of
from beadwork.storage import Database


class FindingNotFound(BeadworkError):  # noqa: N818
    """No finding has that id, or several begin with it."""

    code = "finding-not-found"


_FINDINGS = (
    "SELECT finding.*, said.words, said.anchor, review.subject, review.run, review.head FROM finding "
    "JOIN said ON said.finding = finding.id JOIN review ON review.number = said.review"
)

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
        return tuple(review_of(row) for row in found.fetchall())

    def _found(self, where: str, values: Mapping[str, object]) -> tuple[KeptFinding, ...]:
        found = self._db.execute(
            f"{_FINDINGS} WHERE {where} ORDER BY review.number, said.position", dict(values)
        )
        return tuple(kept_of(row) for row in found.fetchall())
