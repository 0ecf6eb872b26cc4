"""All findings of a project on the texts of its files, as they are read, edited and read again.

Pure: who calls it reads files and knows what is open. What it leaves out: where a file is (the user's tree, a
checkout), and what an editor is sent.
"""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from beadwork.findings.kept import KeptFinding
from beadwork.findings.pins import Pin, follow, place
from beadwork.findings.text import Edit, Text


@attrs.frozen
class Pinned:
    """A finding in a text, as it is now."""

    kept: KeptFinding
    first: int
    """0-based line; 0 for a finding of the file as a whole."""
    last: int
    """0-based, the last line that belongs to it."""
    stale: bool = False
    """Whether its text is not there any more; the lines are then where it was last."""


@attrs.define
class _Sheet:
    """One file: its text as far as it is known, and what is pinned to it."""

    found: dict[str, KeptFinding] = attrs.field(factory=dict)
    text: Text | None = None
    pins: dict[str, Pin] = attrs.field(factory=dict)
    """Of the findings with lines; those that were never on the text are not among them."""


class Pinboard:
    """The findings of one project, by the path of their file relative to the repository."""

    def __init__(self) -> None:
        self._sheets: dict[str, _Sheet] = {}

    def replace(self, found: Iterable[KeptFinding]) -> frozenset[str]:
        """Take `found` as all there are; give the paths whose findings are others than before."""
        by_path: dict[str, dict[str, KeptFinding]] = {}
        for kept in found:
            if kept.finding.place is not None:
                by_path.setdefault(kept.finding.place.path, {})[kept.id] = kept
        changed = set()
        for path in {*self._sheets, *by_path}:
            sheet = self._sheets.setdefault(path, _Sheet())
            now = by_path.get(path, {})
            if now != sheet.found:
                changed.add(path)
                self._refill(sheet, now)
            if not sheet.found and sheet.text is None:
                del self._sheets[path]
        return frozenset(changed)

    @property
    def paths(self) -> frozenset[str]:
        """The paths that have findings."""
        return frozenset(path for path, sheet in self._sheets.items() if sheet.found)

    def read(self, path: str, text: str | None) -> bool:
        """Take `text` as all of a file (None: there is none); give whether what is shown of it changed.

        Each finding is looked for anew, beginning where it was.
        """
        sheet = self._sheets.setdefault(path, _Sheet())
        before = self.shown(path)
        sheet.text = None if text is None else Text(text)
        self._place_all(sheet)
        if not sheet.found and text is None:
            del self._sheets[path]
        return self.shown(path) != before

    def edit(self, path: str, edits: Sequence[Edit]) -> bool:
        """Apply edits to a file whose text is known; give whether what is shown of it changed."""
        sheet = self._sheets.get(path)
        if sheet is None or sheet.text is None:
            return False
        pins = tuple(sheet.pins.values())
        for edit in edits:
            replaced = sheet.text.apply(edit)
            pins = follow(pins, sheet.text.lines, replaced)
        changed = pins != tuple(sheet.pins.values())
        sheet.pins = {pin.key: pin for pin in pins}
        return changed

    def lines(self, path: str) -> Sequence[str] | None:
        """Give the lines of a file with their ends; None when its text is not known."""
        sheet = self._sheets.get(path)
        return sheet.text.lines if sheet is not None and sheet.text is not None else None

    def shown(self, path: str) -> tuple[Pinned, ...]:
        """Give what is pinned to a file, in the order of its lines.

        A finding whose text was never there is left out: it is of another state of the file.
        """
        sheet = self._sheets.get(path)
        if sheet is None or sheet.text is None:
            return ()
        shown = [pinned for kept in sheet.found.values() if (pinned := _pinned(sheet.pins, kept)) is not None]
        return tuple(sorted(shown, key=lambda each: (each.first, each.kept.finding.priority)))

    def homeless(self, path: str) -> tuple[KeptFinding, ...]:
        """Give the findings of a file whose text it never had, or that is not there at all."""
        sheet = self._sheets.get(path)
        if sheet is None:
            return ()
        here = {pinned.kept.id for pinned in self.shown(path)}
        return tuple(kept for kept in sheet.found.values() if kept.id not in here)

    def _refill(self, sheet: _Sheet, found: Mapping[str, KeptFinding]) -> None:
        kept_pins = {
            name: pin
            for name, pin in sheet.pins.items()
            if name in found and found[name].anchor == pin.anchor
        }
        sheet.found, sheet.pins = dict(found), kept_pins
        if sheet.text is not None:
            for name in found.keys() - kept_pins.keys():
                self._place(sheet, found[name])

    def _place_all(self, sheet: _Sheet) -> None:
        for kept in sheet.found.values():
            self._place(sheet, kept)

    def _place(self, sheet: _Sheet, kept: KeptFinding) -> None:
        if kept.anchor is None or sheet.text is None:
            return
        before = sheet.pins.get(kept.id)
        near = before.at if before is not None else None
        pin = place(kept.id, kept.anchor, sheet.text.lines, near=near)
        if before is not None or not pin.stale:
            sheet.pins[kept.id] = pin


def _pinned(pins: Mapping[str, Pin], kept: KeptFinding) -> Pinned | None:
    if kept.anchor is None:
        return Pinned(kept, 0, 0)
    pin = pins.get(kept.id)
    return None if pin is None else Pinned(kept, pin.at, pin.last, pin.stale)
