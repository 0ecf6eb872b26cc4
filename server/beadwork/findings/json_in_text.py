"""Finds JSON values in a text that an agent wrote: in fences, or by balanced braces; the last first.

No regular expression decides where a value ends: the JSON decoder does. What it leaves out: what they mean.
"""

import json
import re
from collections.abc import Iterator

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*[\w+-]*[ \t]*$", re.MULTILINE)
_STARTS = re.compile(r"[{\[]")
_MOST_READ = 64 * 1024 * 1024
"""Characters that are read in vain before the rest is given up: braces that never close cost the square."""
_DECODER = json.JSONDecoder()


def values_in(text: str) -> Iterator[object]:
    """Give the objects and lists in `text` that are valid JSON, from the last to the first.

    What is fenced comes before what is not. A value inside another one is given only when the outer one is
    not valid, and never from an object that the end of the text cuts off. Never raises.
    """
    seen: set[int] = set()
    for block_start, block in reversed(list(_fenced(text))):
        for start, value in reversed(_outermost(block)):
            seen.add(block_start + start)
            yield value
    for start, value in reversed(_outermost(text)):
        if start not in seen:
            yield value


def _fenced(text: str) -> Iterator[tuple[int, str]]:
    """Give where each fenced block begins, and what is in it; one that is never closed goes to the end."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence[1].startswith(opened[1]):
            yield opened.end(), text[opened.end() : fence.start()]
            opened = None
    if opened is not None:
        yield opened.end(), text[opened.end() :]


def _outermost(text: str) -> list[tuple[int, object]]:
    found: list[tuple[int, object]] = []
    end = in_vain = 0
    for opening in _STARTS.finditer(text):
        if opening.start() < end:
            continue
        try:
            value, end = _DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError) as error:
            reached = error.pos if isinstance(error, json.JSONDecodeError) else len(text)
            in_vain += reached - opening.start()
            if in_vain > _MOST_READ or (opening[0] == "{" and _is_cut_off(error, text)):
                break
            continue
        found.append((opening.start(), value))
    return found


def _is_cut_off(error: ValueError | RecursionError, text: str) -> bool:
    """Whether the text ends within the value: what is whole inside is a fragment, and not what was meant."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
