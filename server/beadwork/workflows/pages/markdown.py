"""What people wrote, as HTML: their Markdown, with nothing in it that could do something of its own.

Their HTML is shown as text, an image is a link, and a link leads to the web or to a letter. A bead that is
named and there is a link to its page, but not in code. What it leaves out: the rest of the page.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from beadwork.workflows.exporting import plain
from beadwork.workflows.pages.elements import NOTHING, Html, Ours, address, joined, paragraph

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 50_000
"""Characters of one text that a page shows."""

_DEEPEST = 6
_KEPT = frozenset({"href", "start", "scope"})
"""Attributes that what people wrote may lead to."""
_LEADS_OUT = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_BEAD = re.compile(r"(?<![\w./@:-])[A-Za-z][\w-]*-[A-Za-z0-9]+(?:\.[0-9]+)*(?![\w/@-])")

Known = Callable[[str], bool]
"""Whether there is a bead with that id."""


def markdown(written: str, known: Known, *, below: int = 2) -> Html:
    """Give a text of a person; its headings are below those of level `below`. Nothing for an empty one."""
    if not written.strip():
        return NOTHING
    reader = _reader()
    tokens = reader.parse(plain(written[:LONGEST]), {})
    safe = [_below(token, below) for token in _harmless(tokens, known)]
    shown = Html(reader.renderer.render(safe, reader.options, {}))
    return joined((shown, _missing(len(written) - LONGEST)))


def _missing(count: int) -> Html:
    if count <= 0:
        return NOTHING
    return paragraph(f"The text goes on: {count:,} more characters are not shown here.", "cut")


@lru_cache(maxsize=1)
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415  (20 ms, only where a page is asked for)

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.validateLink = _leads_out  # type: ignore[method-assign]
    return reader


def _leads_out(url: str) -> bool:
    return _LEADS_OUT.match(url) is not None


def _harmless(tokens: "Sequence[Token]", known: Known) -> "Iterator[Token]":
    within = 0
    for token in tokens:
        within += token.nesting if token.type in {"link_open", "link_close"} else 0
        if token.type == "image":
            yield from _as_link(token, nested=within > 0)
            continue
        token.attrs = {name: value for name, value in token.attrs.items() if name in _KEPT}
        token.content, token.info = plain(token.content), ""
        _tame(token)
        if token.children is not None:
            token.children = list(_harmless(token.children, known))
        yield from _with_beads(token, known) if token.type == "text" and not within else (token,)


def _tame(token: "Token") -> None:
    """Let a link only lead out, with its scheme as it is usually written; say of what a table's head is."""
    href = token.attrs.pop("href", None)
    if isinstance(href, str) and (found := _LEADS_OUT.match(href)):
        token.attrs["href"] = found[0].lower() + href[found.end() :]
    if token.type == "th_open":
        token.attrs["scope"] = "col"


def _below(token: "Token", level: int) -> "Token":
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(_DEEPEST, int(token.tag[1:]) + level)}"
    return token


def _as_link(image: "Token", *, nested: bool) -> "Iterator[Token]":
    """Give an image's text, leading to it; inside of a link, which leads elsewhere, the text alone."""
    source = str(image.attrs.get("src", ""))
    words = plain("".join(_words_of(image.children or ()))) or "image"
    if nested or not _leads_out(source):
        yield _text(words)
        return
    yield from _link(source, words)


def _words_of(tokens: "Sequence[Token]") -> Iterator[str]:
    for token in tokens:
        yield from _words_of(token.children) if token.children else (token.content,)


def _with_beads(token: "Token", known: Known) -> "Iterator[Token]":
    """Give a text with the beads that it names as links."""
    words, at = token.content, 0
    for found in _BEAD.finditer(words):
        if not known(found[0]):
            continue
        yield _text(words[at : found.start()])
        yield from _link(address(Ours.BEAD, found[0]), found[0])
        at = found.end()
    yield _text(words[at:])


def _link(href: str, words: str) -> "Iterator[Token]":
    from markdown_it.token import Token  # noqa: PLC0415  (see `_reader`)

    yield Token("link_open", "a", 1, attrs={"href": href})
    yield _text(words)
    yield Token("link_close", "a", -1)


def _text(words: str) -> "Token":
    from markdown_it.token import Token  # noqa: PLC0415  (see `_reader`)

    return Token("text", "", 0, content=words)
