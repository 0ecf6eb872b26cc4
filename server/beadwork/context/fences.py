"""Fences around text of others: data that no instruction can hide in.

A fence is a pair of lines with a mark that is random per prompt, so that nothing written before can close it.
What it leaves out: which text goes in (`prompt.py`).
"""

import secrets
import unicodedata

KEPT = frozenset("\n\t")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of control, direction, surrogate, private, unassigned and line-breaking characters."""


def new_mark() -> str:
    """Give a mark that no text of others can contain but by guessing 64 random bits."""
    return f"data-{secrets.token_hex(8)}"


def fenced(mark: str, name: str, text: str) -> str:
    """Give `text` between two lines with `mark`, its control and invisible characters made visible."""
    name, text = (visible(part).replace(mark, "data-") for part in (name, text))
    return f"<<<{mark} {name}\n{text.rstrip()}\n{mark}>>>"


def visible(text: str) -> str:
    """Write out characters that a person reading the text would not see, such as `\\u202e`."""
    return "".join(character if _shown(character) else _escaped(character) for character in text)


def _shown(character: str) -> bool:
    return character in KEPT or unicodedata.category(character) not in UNSEEN


def _escaped(character: str) -> str:
    return "" if character == "\r" else f"\\u{ord(character):04x}"
