"""Room in a prompt: how it is counted, shared out by worth, and what cutting a text to it means.

A token is counted as three bytes of UTF-8. Models make about one of every four bytes of English or code, and
one or two of a Chinese character, which has three; so the count is rather too high than too low, and needs
neither a model's own vocabulary nor the network. What it leaves out: what is worth how much (`bead_parts.py`,
`project_parts.py`).
"""

from collections.abc import Sequence

BYTES_PER_TOKEN = 3
_HEAD = 0.8
"""The share of a cut text that is its beginning; the rest is its end."""


def size(text: str) -> int:
    """Give the bytes that `text`, which is `visible`, takes."""
    return len(text) if text.isascii() else len(text.encode("utf-8"))


def tokens(count: int) -> int:
    """Give the estimate for so many bytes."""
    return -(-count // BYTES_PER_TOKEN)


def share(room: int, wants: Sequence[tuple[int, int]]) -> list[int]:
    """Share `room` among `wants` (worth, bytes wanted): what one does not need is shared among the others.

    Nobody gets more than they want, and all together not more than `room`.
    """
    given = [0] * len(wants)
    open_ = [index for index, (worth, wanted) in enumerate(wants) if worth > 0 and wanted > 0]
    left = max(0, room)
    while open_:
        total = sum(wants[index][0] for index in open_)
        content = [index for index in open_ if wants[index][1] * total <= left * wants[index][0]]
        if not content:
            for index in open_:
                given[index] = left * wants[index][0] // total
            break
        for index in content:
            given[index] = wants[index][1]
        left -= sum(given[index] for index in content)
        open_ = [index for index in open_ if index not in content]
    return given


def cut(text: str, room: int) -> str:
    """Give as much of `text` as fits into `room` bytes: its beginning and its end, with a line between."""
    if size(text) <= room:
        return text
    note = f"\n[… {len(text):,} characters in all; the middle is left out …]\n"
    left = room - size(note)
    if left <= 0:
        return first_bytes(text, room)
    head = first_bytes(text, int(left * _HEAD))
    tail = last_bytes(text, left - size(head))
    return head + note + tail


def first_bytes(text: str, room: int) -> str:
    """Give the longest beginning of `text` in `room` bytes."""
    return text.encode("utf-8")[: max(0, room)].decode("utf-8", "ignore")


def last_bytes(text: str, room: int) -> str:
    """Give the longest end of `text` in `room` bytes."""
    raw = text.encode("utf-8")
    return raw[len(raw) - min(room, len(raw)) :].decode("utf-8", "ignore") if room > 0 else ""
