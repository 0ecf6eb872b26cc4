"""Makes ids as bd makes them: a prefix, `-`, and a short hash that grows with the number of beads.

What it leaves out: counting ids and child ids (`x-1.2`), which bd alone hands out.
"""

import hashlib
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BYTES = {3: 2, 4: 3, 5: 4, 6: 4, 7: 5, 8: 5}
"""Bytes of the hash behind an id of so many letters."""
_SHORTEST, _LONGEST = 3, 8
_TRIES = 10
_BEARABLE = 0.25
"""The probability of a collision at which bd takes one letter more."""


def prefix_of(ids: Iterable[str], folder: str) -> str:
    """Give the prefix that most of `ids` have; without any, one made from the name of the folder."""
    counts = Counter(bead.partition(".")[0].rpartition("-")[0] for bead in ids)
    counts.pop("", None)
    if counts:
        return counts.most_common(1)[0][0]
    return re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-") or "bd"


def new_id(
    prefix: str, content: tuple[str, str, str], nanoseconds: int, count: int, taken: Callable[[str], bool]
) -> str:
    """Give an id that is not `taken`, for a bead with that title, description and creator.

    `nanoseconds` is the time of its making, since the epoch; `count` the number of beads there are.
    """
    seed = "|".join((*content, str(nanoseconds)))
    return next(f"{prefix}-{part}" for part in _hashes(seed, _length(count)) if not taken(f"{prefix}-{part}"))


def _hashes(seed: str, shortest: int) -> Iterator[str]:
    """Give some hashes of each length from the shortest on, and of the longest as many as it takes."""
    for attempt in itertools.count():
        longer, nonce = divmod(attempt, _TRIES)
        length = min(shortest + longer, _LONGEST)
        mark = attempt if length == _LONGEST else nonce
        digest = hashlib.sha256(f"{seed}|{mark}".encode("utf-8", "replace")).digest()
        yield _base36(digest[: _BYTES[length]], length)


def _length(count: int) -> int:
    for length in range(_SHORTEST, _LONGEST):
        if 1 - math.exp(-(count**2) / (2 * 36**length)) <= _BEARABLE:
            return length
    return _LONGEST


def _base36(data: bytes, length: int) -> str:
    number = int.from_bytes(data)
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits.rjust(length, "0")[-length:]
