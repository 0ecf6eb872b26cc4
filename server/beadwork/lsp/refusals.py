"""What a person is told when something was not begun, in an editor that does not ask by itself.

The command has answered already; this runs in a task of its own, for a person takes their time.
"""

from collections.abc import Awaitable, Callable

from beadwork.errors import BeadworkError
from beadwork.lsp.editor import Editor, Level
from beadwork.workflows import Refused, RunView

ANYWAY = "Work anyway"
CANCEL = "Cancel"

Insist = Callable[[], Awaitable[RunView | Refused]]
"""Does what was refused all the same. May raise BeadworkError."""


async def show_refusal(editor: Editor, refused: Refused, insist: Insist) -> RunView | None:
    """Show why, and where it can be forced ask whether it shall be; gives the run that came of it."""
    if not refused.can_force:
        editor.show(Level.WARNING, refused.message)
        return None
    choice = await editor.ask(Level.WARNING, refused.message, (ANYWAY, CANCEL))
    if choice != ANYWAY:
        return None
    try:
        answer = await insist()
    except BeadworkError as error:
        editor.show(Level.ERROR, error.message)
        return None
    if isinstance(answer, Refused):
        editor.show(Level.WARNING, answer.message)
        return None
    return answer
