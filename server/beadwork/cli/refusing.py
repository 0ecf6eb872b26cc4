"""What a refusal looks like: why, all that stands in the way, and what to do; or the object. Exit code 3.

What it leaves out: which commands help (`mending.py`).
"""

from collections.abc import Sequence

import click

from beadwork.cli import failing, printing, writing
from beadwork.cli.mending import Asked, ways
from beadwork.cli.printing import Block, Cell, Line
from beadwork.workflows import Obstacle, Refused, RunView, as_json

_OUTPUT_LINES = 12
_PATHS = 8


def refuse(refused: Refused, *, json: bool, asked: Asked | None = None, run: RunView | None = None) -> int:
    """Tell why something was not begun, or not finished by `run`; give the exit code.

    With `asked`, the commands that mend or overrule it are said.
    """
    if json:
        writing.write_json(as_json({"refused": refused, **({"run": run} if run is not None else {})}))
        return failing.REFUSED
    click.echo(failing.styled("refused: ", fg="yellow") + writing.cleaned(first_sentence(refused)), err=True)
    for line in [line for block in refusal_blocks(refused, asked) for line in printing.plain(block)]:
        click.echo(line, err=True)
    if asked is None and refused.can_force and "--force" not in refused.message:
        click.echo("Add --force to do it all the same.", err=True)
    return failing.REFUSED


def first_sentence(refused: Refused) -> str:
    """Give what a refusal says before the list of all that stands in the way, if it has one."""
    return _parted(refused)[0]


def refusal_blocks(refused: Refused, asked: Asked | None) -> list[Block]:
    """Set out what is behind the first sentence of a refusal: each obstacle, and what can be done."""
    _, listed = _parted(refused)
    blocks: list[Block] = []
    for obstacle in refused.obstacles:
        if listed:
            blocks.append(Line.of(f"  - {obstacle.message}"))
        blocks += [Line.of(Cell(f"    {line}", "dim"), whole=True) for line in _details(obstacle)]
    return [*blocks, *(way_lines(refused, asked) if asked is not None else ())]


def way_lines(refused: Refused, asked: Asked) -> list[Block]:
    """Set out what can be done, a command a line."""
    found = ways(refused, asked)
    width = max((len(way.name) for way in found), default=0)
    return [Line.of(Cell(f"  {way.name:<{width}}  ", "dim"), way.command, whole=True) for way in found]


def _parted(refused: Refused) -> tuple[str, bool]:
    """Give the first sentence, and whether each obstacle has a line of its own after it."""
    match refused.obstacles:
        case ():
            return refused.message, False
        case (only,):
            return refused.message, only.message not in refused.message
        case several:
            first = refused.message
            for obstacle in several:
                first = first.replace(obstacle.message, "")
            return " ".join(first.split()) or "Several things stand in the way.", True


def _details(obstacle: Obstacle) -> Sequence[str]:
    """Give what is known beside the sentence: files, the end of what was said, where all of that is."""
    lines = [path for path in obstacle.paths if path not in obstacle.message]
    more = len(lines) - _PATHS
    lines = [*lines[:_PATHS], *([f"… and {more} more"] if more > 0 else [])]
    lines += last_lines(obstacle.output)
    if obstacle.file and obstacle.file not in obstacle.message:
        lines.append(f"all of it: {obstacle.file}")
    return lines


def last_lines(text: str) -> list[str]:
    """Give the end of what a program said, in as many lines as a person reads at once."""
    return [line.rstrip() for line in writing.cleaned(text).split("\n") if line.strip()][-_OUTPUT_LINES:]
