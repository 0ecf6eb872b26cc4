"""Parses one line of JSON from a program that is not trusted to print any.

What comes out can be written again: no number that is none, no half of a surrogate pair. What it leaves out:
what the object means.
"""

import json
import re

_MAY_HOLD_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class NotAnObject(ValueError):  # noqa: N818
    """The line is no JSON object."""


def parse_object(line: str) -> dict[str, object]:
    """Give the object on `line`. Raises NotAnObject, whatever is wrong with it."""
    try:
        value = _DECODER.decode(line)
        if _MAY_HOLD_SURROGATE.search(line):
            value = _whole(value)
    except (ValueError, RecursionError) as error:
        raise NotAnObject(str(error)) from error
    if not isinstance(value, dict):
        raise NotAnObject("another kind of value")
    return value


def _refuse(constant: str) -> object:
    raise NotAnObject(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Made once: there can be hundreds of thousands of lines."""


def _whole(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {_whole(key): _whole(item) for key, item in value.items()}
        case _:
            return value
