"""A README in short: its headings, and what stands first under each.

Markdown is read by markdown-it, blocks only; reStructuredText and plain text by their underlined titles.
What it leaves out: badges, HTML, tables, pictures.
"""

import re
from collections.abc import Iterator, Sequence

import attrs

MOST = 4500
"""Bytes of a summary."""
_READ = 64 * 1024
"""Characters of a README that are looked at."""
_PARAGRAPH = 400
_LENGTHS = (_PARAGRAPH, 220, 110)
"""Characters of a paragraph, the first with which the whole fits."""
_CODE_LINES = 8
_LIST_ITEMS = 5
_LIST_ITEM = 160
_BADGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?")
_FAR_LINK = re.compile(r"\[([^\]\[]*)\]\((?:https?:|mailto:|#)[^)\s]*(?:\s[^)]*)?\)")
_ASIDE = re.compile(
    r"\b(licen[cs]e|sponsors?|donat\w*|backers|credits|acknowledge?ments?|thanks|authors?|contributors|links"
    r"|screenshots?|badges|star history|code of conduct|changelog|news|stargazers|support us|translations"
    r"|trademarks?)\b",
    re.IGNORECASE,
)
"""Titles of sections that help nobody to work on the project."""
_EMPTY_LINK = re.compile(r"\[\s*\](?:\([^)]*\)|\[[^\]]*\])?")
_UNDERLINE = re.compile(r"([=\-~^\"'#*+.:_`])\1{2,}\s*$")


@attrs.frozen
class _Block:
    """A heading (level above 0) or the first words under one."""

    level: int
    text: str


def summary(name: str, content: bytes) -> str:
    """Give the summary of the README called `name`."""
    text = _decoded(content)[:_READ]
    markdown = name.lower().endswith((".md", ".markdown", ".mdown", ".mkd"))
    blocks = list(_markdown(text) if markdown else _underlined(text))
    told = [list(_lines(blocks, length)) for length in _LENGTHS]
    whole = next((lines for lines in told if sum(map(_size, lines)) <= MOST), None)
    return "\n".join(_as_fit(told[-1]) if whole is None else whole)


def _lines(blocks: Sequence[_Block], length: int) -> Iterator[str]:
    """Give the headings, each with what stands first under it, at most `length` characters of a paragraph."""
    aside = 0
    goes_on = True
    for block in blocks:
        if block.level and (not aside or block.level <= aside):
            aside = block.level if block.level > 1 and _ASIDE.search(block.text) else 0
        if aside or (not block.level and not goes_on):
            continue
        yield f"{'#' * block.level} {block.text}" if block.level else _shortened(block.text, length)
        # What a colon announces belongs to it: the list or the command that follows.
        goes_on = bool(block.level) or block.text.endswith(":")


def _shortened(text: str, length: int) -> str:
    return text if "\n" in text else _short(text, length)


def _as_fit(lines: Sequence[str]) -> Iterator[str]:
    left = MOST
    for line in lines:
        if _size(line) <= left:
            left -= _size(line)
            yield line


def _size(line: str) -> int:
    return len(line.encode("utf-8", "backslashreplace")) + 1


_OPENING = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "blockquote_open": "quote",
}
_CLOSING = {name.replace("_open", "_close") for name in _OPENING}


def _markdown(text: str) -> Iterator[_Block]:
    from markdown_it import MarkdownIt  # noqa: PLC0415  (20 ms, only where there is a README to read)

    within: list[str] = []
    level = 0
    items: list[str] = []
    for token in MarkdownIt("commonmark").disable("inline").parse(text):
        if token.type in _OPENING:
            within.append(_OPENING[token.type])
            level = int(token.tag[1:]) if token.type == "heading_open" else level
        elif token.type in _CLOSING:
            within.pop()
            if items and "list" not in within:
                yield _Block(0, "\n".join(items[:_LIST_ITEMS] + ["- …"] * (len(items) > _LIST_ITEMS)))
                items = []
        elif token.type in {"fence", "code_block"} and not within:
            yield _Block(0, _code(token.content))
        elif token.type == "inline" and (words := _words(token.content)):
            if "list" in within:
                items.append(f"- {_short(words, _LIST_ITEM)}")
            else:
                yield _Block(level if within[-1] == "heading" else 0, words)


def _code(content: str) -> str:
    lines = content.splitlines()
    return "\n".join(["```", *lines[:_CODE_LINES], *["…"] * (len(lines) > _CODE_LINES), "```"])


def _underlined(text: str) -> Iterator[_Block]:
    """Read titles that are underlined with a row of one character, and paragraphs."""
    styles: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line for line in paragraph.splitlines() if line.strip()]
        if lines and _UNDERLINE.match(lines[0]):
            lines = lines[1:]
        if len(lines) > 1 and (row := _UNDERLINE.match(lines[1])) and not lines[0].startswith((" ", "..")):
            if row[1] not in styles:
                styles.append(row[1])
            yield _Block(styles.index(row[1]) + 1, _words(lines[0]) or "(no title)")
            lines = lines[2:]
        if lines and not lines[0].startswith("..") and (words := _words("\n".join(lines))):
            yield _Block(0, words)


def _words(text: str) -> str:
    """Give a paragraph in one line, without badges, and not too long."""
    text = text[: 10 * _PARAGRAPH]  # what looks for links would take long over very long ones
    if text.lstrip().startswith("|"):  # a table: read as blocks only, it is a paragraph
        return ""
    text = _EMPTY_LINK.sub("", _BADGE.sub("", text))
    return _short(" ".join(_FAR_LINK.sub(r"\1", text).split()), _PARAGRAPH)


def _short(words: str, length: int) -> str:
    return words if len(words) <= length else f"{words[: length - 1]}…"


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "backslashreplace")
