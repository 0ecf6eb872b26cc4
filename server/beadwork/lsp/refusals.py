"""What a person is told when something was not begun, in an editor that does not ask by itself.

The command has answered already; this runs in a task of its own, for a person takes their time.
"""

from collections.abc import Sequence

import attrs

from beadwork.errors import BeadworkError
from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.ways import Way, Ways
from beadwork.workflows import Refused, RunView

CANCEL = "Cancel"
OPEN_OUTPUT = "Open output"
_SHOWN = 8


@attrs.frozen
class Begun:
    """A run that came of what a person chose."""

    run: RunView
    ways: Ways
    """What can be done when something stands in its way."""


async def show_refusal(editor: Editor, refused: Refused, ways: Ways, *, documents: bool) -> Begun | None:
    """Show why, and where there is a way on ask whether to take it; gives the run that came of it.

    With `documents`, what a gate said can be looked at first.
    """
    found = ways(refused)
    file = output_of(refused) if documents else ""
    if not found and not file:
        editor.show(Level.WARNING, in_words(refused))
        return None
    titles = (*(way.title for way in found), *((OPEN_OUTPUT,) if file else ()), *((CANCEL,) if found else ()))
    while (choice := await editor.ask(Level.WARNING, in_words(refused), titles)) == OPEN_OUTPUT:
        if not await editor.open(file):
            return None
    return await take(editor, found, choice, documents=documents)


async def take(editor: Editor, ways: Sequence[Way], title: str | None, *, documents: bool) -> Begun | None:
    """Take the way with `title`, if there is one; gives the run that came of it."""
    way = next((way for way in ways if way.title == title), None)
    if way is None:
        return None
    try:
        answer = await way.step()
    except BeadworkError as error:
        editor.show(Level.ERROR, error.message)
        return None
    if isinstance(answer, Refused):
        return await show_refusal(editor, answer, way.ways, documents=documents)
    return Begun(answer, way.ways)


def in_words(refused: Refused) -> str:
    """Give why, with all that stands in the way, a line each, and where more of it is to be read."""
    lines = [refused.message]
    for obstacle in refused.obstacles:
        if obstacle.message not in refused.message:
            lines.append(f"- {obstacle.message}")
        if paths := [path for path in obstacle.paths if path not in obstacle.message]:
            lines.append(f"  {', '.join(paths[:_SHOWN])}{', …' * (len(paths) > _SHOWN)}")
        if obstacle.file and obstacle.file not in refused.message + obstacle.message:
            lines.append(f"  All of the output: {obstacle.file}")
    return "\n".join(lines)


def output_of(refused: Refused) -> str:
    """Give the path of the first file with what was said in full; empty when there is none."""
    return next((obstacle.file for obstacle in refused.obstacles if obstacle.file), "")
