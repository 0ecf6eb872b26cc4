"""The embedded tracker: the beads in an issues.jsonl, without bd.

It follows bd where both know an operation: what a claim needs, what cannot be closed, which edges make a
circle. What it leaves out: the file (`jsonl_store.py`) and the fields of a record (`jsonl_changes.py`).
"""

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from beadwork.beads.bead_ids import prefix_of
from beadwork.beads.blocking import ORDERING, PARENT, blockers_of, leads_to
from beadwork.beads.jsonl_changes import (
    Fields,
    claim_fields,
    close_fields,
    comment_fields,
    edge_fields,
    edge_gone_fields,
    new_records,
    release_fields,
    reopen_fields,
    update_fields,
)
from beadwork.beads.jsonl_file import JsonlFile
from beadwork.beads.jsonl_store import JsonlStore
from beadwork.beads.model import STATUSES, Bead, Change, Comment, Draft, Listing, Trouble
from beadwork.beads.port import (
    BeadBlocked,
    BeadNotFound,
    BeadTaken,
    TrackerError,
    TrackerMissing,
    TrackerReadOnly,
)
from beadwork.beads.record import bead_of

_OUTSIDE = "external:"
"""Beginning of ids of beads in other places, which nobody can look up here."""


class EmbeddedTracker:
    """A Tracker over one issues.jsonl."""

    def __init__(
        self, store: JsonlStore, *, workspace: Path, actor: str = "", prefix: str = "", read_only: str = ""
    ) -> None:
        """Keep beads in `store`.

        New ids begin with `prefix`, if empty with what most beads have. `actor` made the beads and edges that
        name no one else. With `read_only`, a sentence that says why, nothing can be changed.
        """
        self._store = store
        self._workspace = workspace
        self._actor = actor
        self._prefix = prefix
        self._read_only = read_only
        self._beads: Mapping[bytes, Bead] = {}
        """The beads of the last list, by their lines."""

    @property
    def name(self) -> str:
        """What a person is told."""
        return f"embedded (.beads/{self._store.path.name})"

    @property
    def read_only(self) -> str:
        """Why nothing can be changed here; empty when it can."""
        return self._read_only

    async def list(self) -> Listing:
        """Give everything that was not deleted; troubles name lines that are not understood."""
        listing = await self._store.read(self._listed)
        if self._read_only:
            return Listing(listing.beads, (Trouble(self._read_only), *listing.troubles))
        return listing

    def _listed(self, file: JsonlFile) -> Listing:
        # Nearly all lines are as they were the last time.
        self._beads = file.beads(self._beads)
        return file.listing_of(self._beads)

    async def comments(self, bead: str) -> Sequence[Comment]:
        """Give the comments of one bead."""
        return await self._store.read(lambda file: bead_of(_record(file, bead)).comments)

    async def create(self, drafts: Sequence[Draft]) -> Sequence[str]:
        """Make beads: all or none."""
        made: list[str] = []

        def change(file: JsonlFile) -> JsonlFile:
            for edge in (edge for draft in drafts for edge in draft.edges):
                _require(file, edge.on)
            prefix = self._prefix or prefix_of(file.records, self._workspace.name)
            records = new_records(
                file, drafts, prefix=prefix, actor=self._actor, now=_now(), nanoseconds=time.time_ns()
            )
            made[:] = [str(record["id"]) for record in records]
            return file.extended(records)

        await self._rewrite(change)
        return tuple(made)

    async def update(self, bead: str, change: Change) -> None:
        """Change fields and labels."""
        await self._edit(bead, lambda record, _: update_fields(record, change, _now()))

    async def claim(self, bead: str, actor: str) -> None:
        """Take the bead, as `bd update --claim` does: an open one that is nobody's, or one's own."""

        def fields(record: Fields, _: JsonlFile) -> Fields:
            current = bead_of(record)
            if current.assignee not in {"", actor}:
                raise BeadTaken(f"{bead} is claimed by {current.assignee}; ask them, or take another bead.")
            if current.status == "in_progress" and current.assignee == actor:
                return {}
            if current.status != "open":
                raise BeadTaken(f"{bead} cannot be claimed: it is {current.status}. Set it to open first.")
            return claim_fields(record, actor, _now())

        await self._edit(bead, fields)

    async def release(self, bead: str) -> None:
        """Give the bead back; a closed one is left as it is."""
        await self._edit(
            bead, lambda record, _: {} if bead_of(record).closed else release_fields(record, _now())
        )

    async def comment(self, bead: str, text: str, actor: str) -> None:
        """Add a comment."""
        await self._edit(bead, lambda record, _: comment_fields(record, text, actor, _now()))

    async def depend(self, bead: str, on: str, kind: str = "blocks") -> None:
        """Make `bead` depend on `on`; the same edge again changes nothing."""

        def fields(record: Fields, file: JsonlFile) -> Fields:
            _require(file, on)
            there = [edge.kind for edge in bead_of(record).edges if edge.on == on]
            if kind in there:
                return {}
            if there:
                raise TrackerError(
                    f"{bead} depends on {on} already, as {there[0]}; remove that before you add {kind}."
                )
            if kind in ORDERING and leads_to({each.id: each for each in file.listing.beads}, on, bead):
                raise TrackerError(f"{bead} cannot depend on {on}: that would be a circle of dependencies.")
            return edge_fields(record, on, kind, self._actor, _now())

        await self._edit(bead, fields)

    async def undepend(self, bead: str, on: str, kind: str = "blocks") -> None:
        """Take the edge away."""
        await self._edit(bead, lambda record, _: edge_gone_fields(record, on, kind, _now()))

    async def close(self, bead: str, reason: str, *, force: bool = False) -> None:
        """Close it; a closed bead stays as it is."""

        def fields(record: Fields, file: JsonlFile) -> Fields:
            if bead_of(record).closed:
                return {}
            if not force:
                _refuse_if_blocked(bead, {each.id: each for each in file.listing.beads})
            return close_fields(record, reason, _now())

        await self._edit(bead, fields)

    async def reopen(self, bead: str) -> None:
        """Open it again; an open bead stays as it is."""
        await self._edit(
            bead, lambda record, _: reopen_fields(record, _now()) if bead_of(record).closed else {}
        )

    async def own_statuses(self) -> frozenset[str]:
        """Give those that beads have: nothing else keeps them without a database."""
        return frozenset(bead.status for bead in (await self.list()).beads) - STATUSES

    async def sync(self) -> str:
        """Do nothing: the file goes to others as the user's own git takes it."""
        return ""

    def change_signal(self) -> str:
        """Give the identity of the file; see `JsonlStore.signal`."""
        return self._store.signal()

    async def _edit(self, bead: str, fields: Callable[[Fields, JsonlFile], Fields]) -> None:
        def change(file: JsonlFile) -> JsonlFile:
            if self._store.absent:  # taken away, as by a switch of branches: that says nothing of the bead
                raise TrackerMissing(f"{self._store.path} is not there, so {bead} cannot be changed in it.")
            changes = fields(_record(file, bead), file)
            return file.changed(bead, changes) if changes else file

        await self._rewrite(change)

    async def _rewrite(self, change: Callable[[JsonlFile], JsonlFile]) -> None:
        if self._read_only:
            raise TrackerReadOnly(self._read_only)
        await self._store.rewrite(change)


def _record(file: JsonlFile, bead: str) -> Fields:
    record = file.record(bead)
    if record is None:
        raise BeadNotFound(f"There is no bead {bead!r} here; `beadwork list` shows those that are.")
    return record


def _require(file: JsonlFile, bead: str) -> None:
    if not bead.startswith(_OUTSIDE):
        _record(file, bead)


def _refuse_if_blocked(bead: str, beads: Mapping[str, Bead]) -> None:
    in_the_way = blockers_of(beads).get(bead, ())
    # A bead that only its parent's blockers hold up may be closed, as in bd.
    own = {edge.on for edge in beads[bead].edges if edge.kind == PARENT}
    open_blockers = [other for other in in_the_way if other not in own]
    if open_blockers:
        raise BeadBlocked(f"{bead} cannot be closed: {', '.join(open_blockers)} blocks it and is still open.")
    if beads[bead].type != "epic":
        return
    children = [
        child.id
        for child in beads.values()
        if not child.closed and any(edge.on == bead and edge.kind == PARENT for edge in child.edges)
    ]
    if children:
        raise BeadBlocked(f"The epic {bead} cannot be closed: {', '.join(children)} is still open.")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
