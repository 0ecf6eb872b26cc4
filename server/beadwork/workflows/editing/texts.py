"""What a text must be so that every tracker keeps it as it is.

What it leaves out: lengths that trackers refuse themselves.
"""

import unicodedata
from collections.abc import Sequence

from beadwork.workflows.editing.errors import UnfitText

_LONGEST_LABEL = 255
"""Characters; bd cuts off what is beyond, and says nothing."""
_NO_LINE = frozenset({"Cc", "Zl", "Zp"})
"""Categories of control characters and of what ends a line."""


def fit(text: str, what: str) -> str:
    """Give `text`. Raises UnfitText for what is not Unicode, or has a NUL; `what` says which text it is."""
    if "\0" in text:
        raise UnfitText(f"{what} has a NUL character in it; remove that.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnfitText(f"{what} has half a character in it (a lone surrogate); remove that.") from error
    return text


def fit_line(text: str, what: str) -> str:
    """Give `text` without spaces at its ends. Raises UnfitText when it is more than a line, or nothing."""
    line = fit(text, what).strip()
    if not any(character.isprintable() for character in line):
        raise UnfitText(f"{what} is empty; give it some text.")
    if any(unicodedata.category(character) in _NO_LINE for character in line):
        raise UnfitText(f"{what} has a line end or another control character in it; make it one line.")
    return line


def fit_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Give labels, each once. Raises UnfitText."""
    lines = tuple(dict.fromkeys(fit_line(label, "A label") for label in labels))
    if any(len(line) > _LONGEST_LABEL for line in lines):
        raise UnfitText(f"A label has at most {_LONGEST_LABEL} characters; shorten it.")
    return lines
