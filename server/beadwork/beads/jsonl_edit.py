"""Changes single fields in the text of a JSON object and leaves the text of all others as it is.

So numbers, escapes, order and unknown fields of a record survive an edit byte for byte. What it leaves out:
which fields to change.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class Remove:
    """Stands for a field that is to go."""


REMOVE: Final = Remove()


def dumps(value: object) -> str:
    """Give `value` as compact JSON that can be encoded in UTF-8."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        plain.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can carry
        return json.dumps(value, separators=(",", ":"))
    return plain


def edit_object(text: str, changes: Mapping[str, object]) -> str:
    """Give `text`, a JSON object, with `changes` made: a new value, or REMOVE.

    A new field goes to the end. Of a field that is there twice the last counts, as for every reader, so the
    others go when it changes. Raises ValueError when `text` is no JSON object.
    """
    members, colon, comma = _members(text)
    last = {key: place for place, (key, _, _) in enumerate(members)}
    kept: list[str] = []
    for place, (key, head, value) in enumerate(members):
        if key not in changes:
            kept.append(head + value)
        elif last[key] == place and changes[key] is not REMOVE:
            kept.append(head + dumps(changes[key]))
    kept += [
        f"{dumps(key)}{colon}{dumps(value)}"
        for key, value in changes.items()
        if key not in last and value is not REMOVE
    ]
    start, end = text.index("{"), text.rindex("}")
    return f"{text[: start + 1]}{comma.join(kept)}{text[end:]}"


def _members(text: str) -> tuple[list[tuple[str, str, str]], str, str]:
    """Give `(key, text up to the value, text of the value)` of each member, and how members are spaced."""
    members: list[tuple[str, str, str]] = []
    colon, comma = ":", ","
    place = _skip(text, _skip(text, 0, "{"))
    if text[place : place + 1] == "}":
        return members, colon, comma
    while True:
        start = place
        key, place = _DECODER.raw_decode(text, place)
        value_at = _skip(text, _skip(text, place, ":"))
        _, end = _DECODER.raw_decode(text, value_at)
        colon = text[place:value_at]
        members.append((key, text[start:value_at], text[value_at:end]))
        place = _skip(text, end)
        if text[place : place + 1] != ",":
            _skip(text, place, "}")
            return members, colon, comma
        following = _skip(text, place + 1)
        comma = text[end:following]
        place = following


def _skip(text: str, place: int, expected: str = "") -> int:
    """Give the place after white space and, if one is named, after the character that must follow."""
    match = _SPACE.match(text, place)
    after = match.end() if match else place
    if expected and text[after : after + 1] != expected:
        raise ValueError(f"expected {expected} at character {after}")
    return after + len(expected)
