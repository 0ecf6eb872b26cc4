"""The changes that a reviewer is told: a part of the prompt for each file, and portions of what is too much.

What it leaves out: making the text of a change (the room of checkouts does).
"""

from collections.abc import Iterator, Sequence

from beadwork.context.budget import BYTES_PER_TOKEN, size
from beadwork.context.fences import one_line, visible
from beadwork.context.model import ChangedFile
from beadwork.context.parts import Part, Prose, Section

SHARE = 0.6
"""The share of a prompt that changes may take before they are split."""
_WORTH = 200
_LONGEST_PATH = 300
_FENCE = 120
"""Bytes that the fence around a file takes, and its heading."""


def change_parts(files: Sequence[ChangedFile]) -> Iterator[Part]:
    """Give a part for each file, in their order."""
    for number, file in enumerate(files, 1):
        yield Prose(Section.CHANGES, name_of_change(number, len(files)), _WORTH, _text(file))


def name_of_change(number: int, count: int) -> str:
    """Give the name of the part for one of `count` files, `number` from 1."""
    return f"changes, file {number} of {count}"


def portions_of(files: Sequence[ChangedFile], budget: int) -> tuple[tuple[ChangedFile, ...], ...]:
    """Split `files` so that the changes of each portion fit into a prompt of `budget` tokens.

    Files stay whole and in their order; one that is too large for any prompt is a portion of its own.
    """
    room = int(budget * BYTES_PER_TOKEN * SHARE)
    portions: list[list[ChangedFile]] = []
    left = 0
    for file in files:
        needed = size(_text(file)) + _FENCE
        if needed > left or not portions:
            portions.append([])
            left = room
        portions[-1].append(file)
        left -= needed
    return tuple(map(tuple, portions))


def _text(file: ChangedFile) -> str:
    heading = f"{one_line(file.path)[:_LONGEST_PATH]} ({file.kind})"
    return f"{heading}\n{visible(file.text)}" if file.text else f"{heading}: {file.note}"
