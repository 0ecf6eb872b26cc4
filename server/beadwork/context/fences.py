"""Fences around text of others: data that no instruction can hide in.

A fence is a pair of lines with a mark that is random per prompt, so that nothing written before can close it.
What it leaves out: which text goes in (`bead_parts.py`, `project_parts.py`).
"""

import secrets
import unicodedata

KEPT = frozenset("\n\t")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of control, direction, surrogate, private, unassigned and line-breaking characters."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and symbols that show nothing."""
SELECTORS = range(0xFE00, 0xFE0F)
"""Variation selectors: any text can be hidden in them. The next one, which only makes emoji, is kept."""
MORE_SELECTORS = range(0xE0100, 0xE01F0)


def new_mark() -> str:
    """Give a mark that no text of others can contain but by guessing 64 random bits."""
    return f"data-{secrets.token_hex(8)}"


def fenced(mark: str, name: str, text: str) -> str:
    """Give `text` between two lines with `mark`, its control and invisible characters made visible."""
    return enclosed(mark, one_line(name), visible(text))


def enclosed(mark: str, name: str, text: str) -> str:
    """Give `text`, which is `visible` already, between two lines with `mark`."""
    # What the mark is replaced with shares no character run with it, so that no new one can come about.
    name, text = (part.replace(mark, "[a mark]") for part in (name, text))
    return f"<<<{mark} {name}\n{text.rstrip()}\n{mark}>>>"


def visible(text: str) -> str:
    """Write out characters that a person reading the text would not see, such as `\\u202e`."""
    unseen = [character for character in set(text) if not _shown(character)]
    return text.translate({ord(each): _escaped(each) for each in unseen}) if unseen else text


def one_line(text: str) -> str:
    """Give `visible` text in one line: line ends and tabs are written out too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _shown(character: str) -> bool:
    if character in KEPT:
        return True
    number = ord(character)
    if character in BLANK or number in SELECTORS or number in MORE_SELECTORS:
        return False
    return unicodedata.category(character) not in UNSEEN


def _escaped(character: str) -> str:
    number = ord(character)
    if character == "\r":
        return ""
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004
