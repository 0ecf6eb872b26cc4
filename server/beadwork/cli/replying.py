"""How a command ends that began or changed a run: refused, followed, an object, or a few lines.

What it leaves out: which lines; the command has the words.
"""

from beadwork.cli import failing, printing, refusing, wording, writing
from beadwork.cli.following import follow_run
from beadwork.cli.printing import Block, Cell, Line
from beadwork.cli.watching import watcher_for
from beadwork.workflows import Application, Refused, RunView, as_json


async def reply(
    application: Application,
    answer: RunView | Refused,
    *,
    words: str,
    json: bool,
    follow: bool = False,
    after: int = 0,
) -> int:
    """Tell what became of it, and give the exit code.

    `words` stand before the bead's name (`Resumed work on`); with `follow` the run is shown from the event
    behind `after` on.
    """
    if isinstance(answer, Refused):
        return refusing.refuse(answer, json=json)
    if follow:
        return await follow_run(application, answer, watcher_for(json=json), after=after)
    if json:
        writing.write_json(as_json({"run": answer}))
    else:
        printing.show(what_now(answer, words))
    return failing.SUCCESS


def what_now(run: RunView, words: str) -> list[Block]:
    """Say which run it is, and what can be done with it."""
    name = wording.short(run)
    return [
        Line.of(f"{words} ", Cell(wording.subject(run.bead), "bold"), ": run ", Cell(name, "bold cyan")),
        Line.of(Cell("  follow  ", "dim"), f"beadwork log {name} --follow", whole=True),
        Line.of(Cell("  cancel  ", "dim"), f"beadwork cancel {name}", whole=True),
    ]
