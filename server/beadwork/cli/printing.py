"""Pages for people: a few kinds of blocks, set out by rich on a terminal and as plain lines in a pipe.

A piped page has no colours, cuts nothing and wraps nothing, so that `grep` finds what is there. On a terminal
long titles are cut and long texts wrapped; ids are neither. rich is loaded only when there is a terminal.
"""

import contextlib
import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
import click

from beadwork.cli import writing

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text


@attrs.frozen
class Cell:
    """A piece of text with a style (rich's words: `bold`, `red`, `dim`)."""

    text: str
    style: str = ""


@attrs.frozen
class Line:
    """Pieces of text in one line."""

    cells: tuple[Cell, ...]
    whole: bool = False
    """Never broken into two, for it has a path or a command in it that a person may copy."""

    @classmethod
    def of(cls, *cells: str | Cell, whole: bool = False) -> "Line":
        """Give the line of these pieces."""
        return cls(tuple(Cell(cell) if isinstance(cell, str) else cell for cell in cells), whole)


@attrs.frozen
class Heading:
    """What the following blocks are about."""

    text: str
    style: str = "bold"


@attrs.frozen
class Prose:
    """Text of any length, indented."""

    text: str
    style: str = ""


@attrs.frozen
class Table:
    """Rows of cells, indented. One column may give way on a narrow terminal; all others stay whole."""

    rows: tuple[tuple[Cell, ...], ...]
    flexible: int
    """The index of the column that is cut when the terminal is narrow."""
    wrapped: bool = False
    """Whether the flexible column is wrapped instead."""


Block = Line | Heading | Prose | Table


def on_terminal() -> bool:
    """Whether a person with a real terminal reads standard output."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def show(blocks: Sequence[Block], page: "Console | None" = None) -> None:
    """Print a page; on `page` if a console is at work already."""
    if page is not None or on_terminal():
        page = page or console()
        for block in blocks:
            page.print(_rich(block), soft_wrap=isinstance(block, Line) and block.whole)
        return
    for block in blocks:
        click.echo("\n".join(plain(block)))


def console() -> "Console":
    """Give rich's console on standard output; rich itself minds NO_COLOR."""
    from rich.console import Console  # noqa: PLC0415  (50 ms that only a person's terminal is worth)

    return Console(highlight=False, markup=False, emoji=False)


@contextlib.contextmanager
def waiting(words: str, *, shown: bool) -> Iterator[None]:
    """Show a moving line while a person waits; nothing in a pipe, or unless `shown`."""
    if not shown or not on_terminal():
        yield
        return
    with console().status(words, spinner="dots"):
        yield


def plain(block: Block) -> list[str]:
    """Give a block as lines of plain text."""
    match block:
        case Line(cells):
            return ["".join(writing.one_line_spaced(cell.text) for cell in cells).rstrip()]
        case Heading(text):
            return ["", writing.one_line(text)]
        case Prose(text):
            return writing.indented(writing.cleaned(text.strip("\n"))).split("\n")
        case Table():
            return _plain_table(block)


def _plain_table(table: Table) -> list[str]:
    rows = [[writing.one_line_spaced(cell.text) for cell in row] for row in table.rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        padded = [
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True) if width
        ]
        lines.append(("  " + "  ".join(padded)).rstrip())
    return lines


def _width(text: str) -> int:
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def rich_line(line: Line) -> "Text":
    """Give a line for rich."""
    from rich.text import Text  # noqa: PLC0415

    return Text.assemble(*((writing.one_line_spaced(cell.text), cell.style) for cell in line.cells))


def _rich(block: Block) -> "RenderableType":
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    match block:
        case Line():
            return rich_line(block)
        case Heading(text, style):
            return Padding(Text(writing.one_line(text), style), (1, 0, 0, 0))
        case Prose(text, style):
            return Padding(Text(writing.cleaned(text.strip("\n")), style), (0, 0, 0, 2))
        case Table():
            return Padding(_rich_table(block), (0, 0, 0, 2))


def _rich_table(table: Table) -> "RenderableType":
    from rich.table import Table as Grid  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Grid.grid(padding=(0, 2, 0, 0))
    used = [any(cell.text for cell in column) for column in zip(*table.rows, strict=True)]
    for index, shown in enumerate(used):
        if shown:
            grid.add_column(no_wrap=index != table.flexible, overflow="fold")
    for row in table.rows:
        texts = [Text(writing.one_line_spaced(cell.text), cell.style) for cell in row]
        if not table.wrapped:
            texts[table.flexible].no_wrap = True
            texts[table.flexible].overflow = "ellipsis"
        grid.add_row(*(text for text, shown in zip(texts, used, strict=True) if shown))
    return grid
