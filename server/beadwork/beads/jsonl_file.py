"""The lines of an issues.jsonl: what each is, which record counts, and the same file with some lines changed.

Pure: bytes in, bytes out. Lines that are not understood, deleted beads and the order of everything stay. What
it leaves out: files and locks (`jsonl_store.py`), and what a change means (`jsonl.py`).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

import attrs

from beadwork.beads.jsonl_edit import dumps, edit_object
from beadwork.beads.model import Bead, Listing, Trouble
from beadwork.beads.record import TOMBSTONE, bead_of, instant

_BOM = b"\xef\xbb\xbf"
_MARKERS = (b"<<<<<<< ", b"=======", b">>>>>>> ", b"|||||||")


@attrs.frozen
class Line:
    """One line of the file."""

    raw: bytes
    """With its end, if it has one."""
    record: Mapping[str, object] | None = None
    """The bead's record; None for every other line."""
    trouble: str = ""
    """Why the line is not understood; empty when it is, or when it is another kind of record or blank."""

    @property
    def deleted(self) -> bool:
        """Whether it says that a bead was deleted."""
        return self.record is not None and self.record.get("status") == TOMBSTONE

    @property
    def id(self) -> str:
        """The bead's id, empty without one."""
        return str(self.record["id"]) if self.record else ""


@attrs.frozen(slots=False)
class JsonlFile:
    """All lines, in their order."""

    lines: tuple[Line, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> "JsonlFile":
        """Read a file. Nothing in it makes this fail."""
        raw_lines = data.split(b"\n")
        ends = [b"\n"] * (len(raw_lines) - 1) + [b""]
        pairs = zip(raw_lines, ends, strict=True)
        return cls(tuple(_line(raw + end) for raw, end in pairs if raw or end))

    @property
    def data(self) -> bytes:
        """The file as it is to be written."""
        return b"".join(line.raw for line in self.lines)

    @cached_property
    def records(self) -> Mapping[str, int]:
        """The place in `lines` of the record that counts, for each bead that was not deleted.

        Of several records with one id the newest `updated_at` counts, of equal ones the first; a deletion
        loses against any record that lives, as in `bd import`.
        """
        best: dict[str, tuple[float, int]] = {}
        for place, line in enumerate(self.lines):
            if line.record is None or line.deleted:
                continue
            updated = line.record.get("updated_at")
            moment = instant(updated) if isinstance(updated, str) else 0.0
            if line.id not in best or moment > best[line.id][0]:
                best[line.id] = (moment, place)
        return {bead: place for bead, (_, place) in best.items()}

    def record(self, bead: str) -> Mapping[str, object] | None:
        """Give the record of a bead that counts."""
        place = self.records.get(bead)
        return None if place is None else self.lines[place].record

    @cached_property
    def listing(self) -> Listing:
        """The beads in the order of their records, and what a person should know about the file."""
        return self.listing_of(self.beads({}))

    def beads(self, known: Mapping[bytes, Bead]) -> Mapping[bytes, Bead]:
        """Give the beads by their lines, in their order; what such a line says is taken from `known`."""
        lines = (self.lines[place] for place in sorted(self.records.values()))
        return {
            line.raw: known.get(line.raw) or bead_of(line.record) for line in lines if line.record is not None
        }

    def listing_of(self, beads: Mapping[bytes, Bead]) -> Listing:
        """Give `beads`, which are those of this file, with what a person should know about it."""
        return Listing(tuple(beads.values()), tuple(self._troubles()))

    def _troubles(self) -> Iterable[Trouble]:
        if self.lines and self.lines[0].raw.startswith(_BOM):
            yield Trouble("The file begins with a byte order mark, which `bd import` refuses.", 1)
        alive: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self.lines, 1):
            if line.trouble:
                yield Trouble(f"Line {number} is left out: {line.trouble}.", number)
            elif line.record is not None and not line.deleted:
                alive[line.id].append(number)
        for bead, numbers in alive.items():
            if len(numbers) > 1:
                used = self.records[bead] + 1
                all_lines = ", ".join(map(str, numbers))
                yield Trouble(
                    f"{bead} is there more than once (lines {all_lines}); line {used} counts.", used
                )

    def mentions(self, bead: str) -> bool:
        """Say whether a bead has that id, lives or was deleted, or may have: a broken line names it."""
        return bead in self._ids or any(bead.encode() in line.raw for line in self.lines if line.trouble)

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(line.id for line in self.lines if line.record is not None)

    def changed(self, bead: str, changes: Mapping[str, object]) -> "JsonlFile":
        """Give the file with fields of one record changed (see `edit_object`), all other lines as they are.

        The bead must be in `records`.
        """
        place = self.records[bead]
        raw = self.lines[place].raw
        body = raw.rstrip(b"\r\n")
        start = len(_BOM) if body.startswith(_BOM) else 0
        edited = edit_object(body[start:].decode("utf-8"), changes).encode("utf-8")
        line = _line(body[:start] + edited + raw[len(body) :])
        return JsonlFile((*self.lines[:place], line, *self.lines[place + 1 :]))

    def extended(self, records: Iterable[Mapping[str, object]]) -> "JsonlFile":
        """Give the file with `records` at its end; a last line without an end gets one."""
        lines = list(self.lines)
        if lines and not lines[-1].raw.endswith(b"\n"):
            lines[-1] = attrs.evolve(lines[-1], raw=lines[-1].raw + b"\n")
        lines += [_line(dumps(record).encode("utf-8") + b"\n") for record in records]
        return JsonlFile(tuple(lines))


def _line(raw: bytes) -> Line:
    body = raw.removeprefix(_BOM).strip(b" \t\r\n")
    if not body:
        return Line(raw)
    if body.startswith(_MARKERS):
        return Line(raw, trouble="it is a conflict marker that git left; resolve the conflict")
    try:
        record = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        reason = (
            "it is nested too deeply" if isinstance(error, RecursionError) else f"it is not JSON ({error})"
        )
        return Line(raw, trouble=reason)
    if not isinstance(record, dict):
        return Line(raw, trouble="it is not a JSON object")
    if "id" not in record and ("_schema" in record or record.get("_type") not in {None, "issue"}):
        return Line(raw)  # a header, a memory: not a bead, and none of ours to change
    bead = record.get("id")
    if not isinstance(bead, str) or not bead.isprintable() or bead != bead.strip() or not bead:
        return Line(raw, trouble="it has no id that can be used")
    return Line(raw, record)
