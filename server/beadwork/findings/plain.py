"""Text that a reviewer wrote, made safe to keep and to show: nothing hidden, nothing endless.

What it leaves out: what the text means (`reading.py`).
"""

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode's categories of control, direction, surrogate, private and line-breaking characters."""
_JOINERS = frozenset("\u200c\u200d")
"""Letters of several scripts, and emoji, are not the same without them."""


def plain(text: str, *, longest: int = 0, one_line: bool = False) -> str:
    """Give `text` without characters that nobody sees, in at most `longest` characters (0: any number)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if one_line:
        text = " ".join(text.split())
    hidden = [each for each in set(text) if each not in "\n\t" and _is_hidden(each)]
    shown = text.translate(dict.fromkeys(map(ord, hidden), "\N{REPLACEMENT CHARACTER}")).strip()
    return shown if not longest or len(shown) <= longest else f"{shown[: longest - 1]}…"


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN and character not in _JOINERS
