"""Events to lines and back: one JSON object a line, whatever is in it; known secrets masked.

What it leaves out: files.
"""

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import cast

import attrs

from beadwork.executions.events import Event

MASKED = "[secret]"
_SHORTEST_SECRET = 4
_DEEPEST = 40
"""Levels of nesting that are written as such; what lies deeper becomes text."""


class Mask:
    """Replaces known values wherever they appear in a text, the longest first."""

    def __init__(self, secrets: Iterable[str]) -> None:
        values = sorted({value for value in secrets if len(value) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(value) for value in values)) if values else None

    def __call__(self, text: str) -> str:
        """Give `text` without the secrets."""
        return self._pattern.sub(MASKED, text) if self._pattern else text


def line_of(seq: int, at: float, kind: str, data: Mapping[str, object], mask: Mask) -> tuple[Event, bytes]:
    """Give the event as a reader will see it, and its line with the line's end."""
    plain = {mask(name): _plain(value, mask, 0) for name, value in data.items()}
    event = Event(seq, at, str(kind), plain)
    # ASCII only in appearance: half a surrogate pair, which no UTF-8 holds, survives as an escape.
    whole = {"seq": seq, "at": at, "kind": str(kind), **plain}
    try:
        line = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(whole, separators=(",", ":")).encode("ascii")
    return event, line + b"\n"


def event_of(line: bytes) -> Event | None:
    """Give the event of a line; None for one that is broken, cut or empty."""
    try:
        whole = json.loads(line)
        seq, at, kind = whole.pop("seq"), whole.pop("at"), whole.pop("kind")
        if not isinstance(seq, int) or not isinstance(kind, str):
            return None
        return Event(seq, float(at), kind, whole)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _plain(value: object, mask: Mask, depth: int) -> object:
    """Give `value` in the types of JSON, whatever it is: a log never fails because of what it is told."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else hex(value)  # decimal digits of any number are not to be had
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return mask(str(value))
    if isinstance(value, bytes):
        return mask(_text_of(value))
    if depth >= _DEEPEST:
        return mask(str(type(value)))
    if attrs.has(type(value)):
        fields = attrs.asdict(cast("attrs.AttrsInstance", value), recurse=False)
        return {name: _plain(item, mask, depth + 1) for name, item in fields.items()}
    if isinstance(value, Mapping):
        return {mask(str(name)): _plain(item, mask, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, mask, depth + 1) for item in value]
    return mask(str(value))


def _text_of(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value).decode("ascii")
