"""What a text must be so that every tracker keeps it as it is.

What it leaves out: lengths, which trackers know.
"""

from collections.abc import Sequence

from beadwork.workflows.editing.errors import UnfitText


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
    if not line:
        raise UnfitText(f"{what} is empty; give it some text.")
    if any(ord(character) < ord(" ") for character in line):
        raise UnfitText(f"{what} has a line end or another control character in it; make it one line.")
    return line


def fit_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Give labels, each once. Raises UnfitText."""
    return tuple(dict.fromkeys(fit_line(label, "A label") for label in labels))
