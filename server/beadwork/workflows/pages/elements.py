"""HTML that is put together from parts that are safe already: text is escaped once, where it comes in.

Classes of ours are for the editor's style. What it leaves out: the Markdown of people (`markdown.py`).
"""

import datetime
import html
from collections.abc import Iterable
from enum import StrEnum
from typing import NewType
from urllib.parse import quote

from beadwork.workflows.exporting import plain

Html = NewType("Html", str)
"""A piece of a page, in which everything of others is escaped."""

NOTHING = Html("")


class Ours(StrEnum):
    """The kinds of links that the editor follows itself."""

    BEAD = "bead"
    RUN = "run"
    FILE = "file"
    EDIT = "edit"
    DO = "do"


def text(words: str) -> Html:
    """Give words for a place in the page: escaped, and what is not seen spelled out."""
    return Html(html.escape(plain(words)))


def element(tag: str, *content: Html, **attributes: str) -> Html:
    """Give an element; `class_` is `class`, `aria_label` is `aria-label`, empty attributes are left out."""
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in attributes.items()
        if value
    )
    return Html(f"<{tag}{given}>{''.join(content)}</{tag}>")


def joined(parts: Iterable[Html], between: str = "") -> Html:
    """Give parts one after the other, without the empty ones."""
    return Html(str(text(between)).join(part for part in parts if part))


def listed(items: Iterable[Html], **attributes: str) -> Html:
    """Give a list; nothing where it has no items."""
    rows = [element("li", item) for item in items]
    return element("ul", *rows, **attributes) if rows else NOTHING


def paragraph(words: str, style: str = "") -> Html:
    """Give a paragraph of plain words; nothing for no words."""
    return element("p", text(words), class_=style) if words.strip() else NOTHING


def ours(kind: Ours, target: str, words: str, *, spoken: str = "", style: str = "") -> Html:
    """Give a link for the editor to follow; `spoken` is what it says to who does not see the page."""
    return element("a", text(words), class_=style, href=address(kind, target), aria_label=spoken)


def address(kind: Ours, target: str) -> str:
    """Give where a link of ours leads."""
    return f"{kind.value}:{quote(target, safe='', errors='replace')}"


def edit(field: str, words: str, spoken: str) -> Html:
    """Give a link that edits a field."""
    return ours(Ours.EDIT, field, words, spoken=spoken, style="edit")


def bead_link(bead: str, words: str = "") -> Html:
    """Give a link to the page of a bead."""
    return ours(Ours.BEAD, bead, words or bead, style="bead-link")


def file_link(path: str, line: int | None = None, end: int | None = None) -> Html:
    """Give a link to lines of a file of the repository, as a person reads it: `src/a.py:12-14`."""
    place = path if line is None else f"{path}:{line}"
    words = place if line is None or end in {None, line} else f"{place}-{end}"
    target = quote(path, safe="/", errors="replace") + ("" if line is None else f"#{line}")
    return element("a", text(words), class_="file-link", href=f"{Ours.FILE.value}:{target}")


def moment(stamp: str) -> Html:
    """Give a time (RFC 3339) as the server's clock on the wall shows it; what is no time stays as it is."""
    try:
        when = datetime.datetime.fromisoformat(stamp).astimezone()
    except (ValueError, OverflowError):
        return text(stamp)
    return element("time", text(f"{when:%Y-%m-%d %H:%M}"), datetime=when.isoformat(timespec="seconds"))
