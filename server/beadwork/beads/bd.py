"""The tracker that is the user's own bd: the only place that knows its commands and flags.

bd takes a piece of an id for the whole (`demo-1` finds `demo-1ab`), so an id that was not seen yet is looked
up before anything is changed by it. What it leaves out: running bd (`bd_call.py`), reading what it says
(`bd_answer.py`), the flags of a change (`bd_update.py`), making several beads at once (`bd_import.py`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.beads.bd_answer import Answer
from beadwork.beads.bd_call import BdCalls, BdSession
from beadwork.beads.bd_import import import_lines, imported_ids, verify
from beadwork.beads.bd_update import check_labels, comma_list, too_long, update_calls
from beadwork.beads.bd_version import BdVersion
from beadwork.beads.file_lock import in_thread
from beadwork.beads.model import Change, Comment, Draft, Listing, Trouble
from beadwork.beads.port import (
    BeadNotFound,
    TrackerError,
    TrackerGarbled,
    TrackerReadOnly,
    TrackerUnfit,
)
from beadwork.beads.record import bead_of, comments_of, text

_EVERYTHING = ("--include-infra", "--include-gates", "--include-templates")
"""Flags of `list` without which beads are hidden that block others; an older bd may lack some."""


class BdTracker:
    """A Tracker over bd. One call at a time per workspace, over all processes."""

    def __init__(self, calls: BdCalls, version: BdVersion, database: Path) -> None:
        """Use bd through `calls`, which is of `version`; `database` is the `.beads` folder with its data.

        Raises TrackerUnfit for a version that must not be used.
        """
        if version.unfit:
            raise TrackerUnfit(version.unfit)
        self._calls = calls
        self._version = version
        self._database = database
        self._everything: tuple[str, ...] = _EVERYTHING
        self._seen: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What a person is told."""
        return f"bd {self._version.text}"

    @property
    def read_only(self) -> str:
        """Why nothing may be changed with this version of bd; empty when it may."""
        return self._version.read_only

    async def list(self) -> Listing:
        """Give everything in one call, machinery and gates too, since they can be in the way of others."""
        async with self._calls.alone() as session:
            return await self._list(session)

    async def comments(self, bead: str) -> Sequence[Comment]:
        """Give the comments of one bead."""
        async with self._calls.alone() as session:
            await self._confirm(session, bead)
            return comments_of((await session.call("comments", "--json", "--", bead)).json())

    async def create(self, drafts: Sequence[Draft]) -> Sequence[str]:
        """Make beads; several, or what `bd create` cannot carry in one call, go through `bd import`."""
        if not drafts:
            return ()
        self._refuse_if_read_only()
        async with self._calls.alone() as session:
            if len(drafts) == 1 and _is_simple(drafts[0]):
                made: tuple[str, ...] = (await self._create_simple(session, drafts[0]),)
            else:
                made = await self._import(session, drafts)
        self._seen |= set(made)
        return made

    async def update(self, bead: str, change: Change) -> None:
        """Change fields and labels, and see that bd says it did."""
        records: list[Mapping[str, object]] = []
        for words, stdin in update_calls(bead, change):
            try:
                records = (await self._change(bead, "update", *words, stdin=stdin)).objects()
            except TrackerError as error:
                if not records:
                    raise
                said = f"{error.message} The design of {bead} stays; what else was asked for is changed."
                raise type(error)(said, detail=error.detail) from error
        check_labels(bead, change, records)

    async def claim(self, bead: str, actor: str) -> None:
        """Take the bead by bd's compare-and-swap."""
        answer = await self._change(bead, "update", "--claim", actor=actor)
        answer.objects()

    async def release(self, bead: str) -> None:
        """Give the bead back; a closed one is left as it is."""
        self._refuse_if_read_only()
        async with self._calls.alone() as session:
            record = await self._show(session, bead)
            if not bead_of(record).closed:
                answer = await session.call("update", "--json", "--status=open", "--assignee=", "--", bead)
                answer.objects()

    async def comment(self, bead: str, text: str, actor: str) -> None:
        """Add a comment."""
        self._refuse_if_read_only()
        async with self._calls.alone() as session:
            await self._confirm(session, bead)
            words, stdin = ["--", bead, text], ""
            if too_long(text):  # bd reads a long one from a file alone, and stdin is one
                words, stdin = ["--file=/dev/stdin", "--", bead], text
            answer = await session.call("comments", "add", "--json", *words, stdin=stdin, actor=actor)
            answer.check()

    async def depend(self, bead: str, on: str, kind: str = "blocks") -> None:
        """Make `bead` depend on `on`."""
        self._refuse_if_read_only()
        async with self._calls.alone() as session:
            await self._confirm(session, bead)
            if not on.startswith("external:"):
                await self._confirm(session, on)
            (await session.call("dep", "add", "--json", f"--type={kind}", "--", bead, on)).check()

    async def undepend(self, bead: str, on: str, kind: str = "blocks") -> None:
        """Take the edge away: bd would take one of another kind, so it is looked at first."""
        self._refuse_if_read_only()
        async with self._calls.alone() as session:
            edges = bead_of(await self._show(session, bead)).edges
            if any((edge.on, edge.kind) == (on, kind) for edge in edges):
                (await session.call("dep", "remove", "--json", "--", bead, on)).check()

    async def close(self, bead: str, reason: str, *, force: bool = False) -> None:
        """Close it."""
        forced = ("--force",) if force else ()
        (await self._change(bead, "close", f"--reason={reason}", *forced)).check()

    async def reopen(self, bead: str) -> None:
        """Open it again; for an open bead bd says so on stderr, and that is all right."""
        (await self._change(bead, "reopen")).check()

    async def own_statuses(self) -> frozenset[str]:
        """Give what the workspace's configuration names, each as `NAME` or `NAME:CATEGORY`."""
        async with self._calls.alone() as session:
            answer = (await session.call("config", "get", "status.custom", "--json")).json()
        value = answer.get("value") if isinstance(answer, Mapping) else ""
        names = (each.partition(":")[0].strip() for each in text(value).split(","))
        return frozenset(filter(None, names))

    async def sync(self) -> str:
        """Run what this version has for it: `bd sync`, else `bd dolt push`, which may take git's origin."""
        self._refuse_if_read_only()
        words = ("sync", "--no-adopt", "--json") if self._version.syncs else ("dolt", "push", "--json")
        async with self._calls.alone() as session:
            answer = await session.call(*words)
        return f"`bd {' '.join(words[:-1])}`: {answer.synced()}."

    def change_signal(self) -> str:
        """Give the text of the database's manifests, which reads leave as it is; see `signal_of`."""
        return signal_of(self._database)

    async def _change(self, bead: str, command: str, *words: str, stdin: str = "", actor: str = "") -> Answer:
        self._refuse_if_read_only()
        async with self._calls.alone() as session:
            await self._confirm(session, bead)
            return await session.call(command, "--json", *words, "--", bead, stdin=stdin, actor=actor)

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            raise TrackerReadOnly(f"Nothing was changed, because {self.read_only}")

    async def _list(self, session: BdSession) -> Listing:
        words = ("list", "--all", "--limit=0", "--json")
        answer = await session.call(*words, *self._everything)
        while answer.unknown_flag in self._everything:
            self._everything = tuple(flag for flag in self._everything if flag != answer.unknown_flag)
            answer = await session.call(*words, *self._everything)
        listing = await in_thread(lambda: _listing(answer))  # thousands of records take a while
        self._seen = frozenset(bead.id for bead in listing.beads)
        warning = (Trouble(self._version.warning),) if self._version.warning else ()
        return Listing(listing.beads, warning + listing.troubles)

    async def _confirm(self, session: BdSession, bead: str) -> None:
        if bead not in self._seen:
            await self._show(session, bead)
            self._seen |= {bead}

    async def _show(self, session: BdSession, bead: str) -> Mapping[str, object]:
        """Give the record of exactly that bead. Raises BeadNotFound."""
        if not bead.isprintable() or bead != bead.strip() or bead.startswith("-") or not bead:
            raise BeadNotFound(f"{bead!r} is no id of a bead.")
        answer = await session.call("show", "--json", "--", bead)
        nobody = f"There is no bead {bead!r} here; `beadwork list` shows those that are."
        try:
            records = answer.objects()
        except BeadNotFound as error:
            raise BeadNotFound(nobody, detail=error.detail) from error
        for record in records:
            if record.get("id") == bead:
                return record
        raise BeadNotFound(nobody, detail=answer.words)

    async def _create_simple(self, session: BdSession, draft: Draft) -> str:
        words = [f"--title={draft.title}", f"--type={draft.type}", f"--priority={draft.priority}"]
        words += [f"--labels={comma_list(draft.labels)}"] if draft.labels else []
        words += ["--body-file=-"] if draft.description else []
        answer = await session.call("create", "--json", *words, stdin=draft.description, actor=draft.author)
        made = text(answer.objects()[0].get("id"))
        if not made:
            raise TrackerGarbled("`bd create` did not say which bead it made.", detail=answer.words)
        return made

    async def _import(self, session: BdSession, drafts: Sequence[Draft]) -> tuple[str, ...]:
        before = {bead.id for bead in (await self._list(session)).beads}
        for edge in (edge for draft in drafts for edge in draft.edges):
            if edge.on not in before and not edge.on.startswith("external:"):
                raise BeadNotFound(f"There is no bead {edge.on!r} to depend on; nothing was made.")
        answer = await session.call("import", "-", "--json", stdin=import_lines(drafts))
        made = imported_ids(answer, len(drafts))
        verify(made, drafts, before, await self._list(session))
        return made


def signal_of(database: Path) -> str:
    """Give a text that changes with every change of a Dolt database below `database`, and only then.

    It is the text of its manifests: each names the root of the data. Their times say nothing, since reading
    touches them. A database that is not here (a server elsewhere, an older kind) has no manifest: then it is
    the identity of the files that bd usually writes, which can miss a change that another machine made.
    """
    manifests = sorted(database.glob("embeddeddolt/*/.dolt/noms/manifest"))
    manifests += sorted(database.glob("dolt/.dolt/noms/manifest"))
    manifests += sorted(database.glob("dolt/*/.dolt/noms/manifest"))
    parts = [f"{path.relative_to(database)}={_read(path)}" for path in manifests]
    if not parts:
        files = [database / "last-touched", database / "issues.jsonl", *sorted(database.glob("*.db*"))]
        parts = [f"{path.name}={_identity(path)}" for path in files]
    return "\n".join(parts)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return "absent"  # replaced at this moment; the next look sees the new one


def _identity(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "absent"
    return f"{found.st_ino}:{found.st_size}:{found.st_mtime_ns}"


def _listing(answer: Answer) -> Listing:
    records = answer.json()
    if not isinstance(records, list):
        raise TrackerGarbled("`bd list` answered with something that is no list.", detail=answer.words)
    usable = [record for record in records if isinstance(record, Mapping) and text(record.get("id"))]
    beads = tuple(bead_of(record) for record in usable)
    if len(usable) == len(records):
        return Listing(beads)
    lost = Trouble(f"`bd list` gave {len(records) - len(usable)} records without an id.")
    return Listing(beads, (lost,))


def _is_simple(draft: Draft) -> bool:
    return not (draft.edges or draft.external_ref or draft.metadata)
