"""Composing YAML from PyYAML's events: plain lists, dicts and texts, without recursion and within bounds.

Not by PyYAML's loaders: those recurse (libyaml's ends the process on deep nesting), expand merge keys
without bound, and read `on` as true and `3.10` as a number. An alias is the same value again, so a value
may contain itself. What it leaves out: tags but those of lists, merge keys (`values.merged`), all documents
but the first.
"""

from collections.abc import Iterator

import yaml
from yaml import events

from beadwork.context.stack.unreadable import MAX_DEPTH, UnreadableError

MAX_EVENTS = 60_000

_Placed = events.ScalarEvent | events.MappingStartEvent | events.SequenceStartEvent


def first_document(source: str) -> object:
    """Give the first document of `source`. Raise `UnreadableError` past the bounds, and what PyYAML
    raises."""
    composer = _Composer()
    for number, event in enumerate(_events(source)):
        if number > MAX_EVENTS:
            raise UnreadableError("has too many parts")
        if isinstance(event, events.DocumentEndEvent):
            break
        composer.take(event)
    return composer.root


def _events(source: str) -> Iterator[events.Event]:
    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
    yield from yaml.parse(source, Loader=loader)


class _Composer:
    """Puts each value into the collection that is open, innermost first."""

    def __init__(self) -> None:
        self.root: object = None
        self._anchors: dict[str, object] = {}
        self._open: list[list[object]] = []
        """Collections that are not closed; for a mapping, its key may stand beside it."""

    def take(self, event: events.Event) -> None:
        match event:
            case events.ScalarEvent():
                self._place(event.value, event)
            case events.AliasEvent():
                self._put(self._anchors.get(str(event.anchor)))
            case events.MappingStartEvent():
                self._begin({}, event)
            case events.SequenceStartEvent():
                self._begin_list(event)
            case events.MappingEndEvent() | events.SequenceEndEvent():
                self._open.pop()
            case _:
                return

    def _begin(self, value: object, event: _Placed) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableError("is nested too deeply")
        self._place(value, event)
        self._open.append([value])

    def _begin_list(self, event: events.SequenceStartEvent) -> None:
        """Open a list; one with a tag such as GitLab's `!reference` stands under the tag in a mapping."""
        found: list[object] = []
        if event.tag and str(event.tag).startswith("!"):
            self._begin({str(event.tag): found}, event)
            self._open[-1] = [found]
        else:
            self._begin(found, event)

    def _place(self, value: object, event: _Placed) -> None:
        if event.anchor:
            self._anchors[str(event.anchor)] = value
        self._put(value)

    def _put(self, value: object) -> None:
        if not self._open:
            self.root = value
            return
        frame = self._open[-1]
        target = frame[0]
        if isinstance(target, list):
            target.append(value)
        elif isinstance(target, dict) and len(frame) == 1:
            frame.append(value)
        elif isinstance(target, dict) and isinstance(key := frame.pop(), str):
            target[key] = value
