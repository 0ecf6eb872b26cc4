"""`init`: begin with beads in a folder that has none.

What it leaves out: what that makes (the room `beads`).
"""

import click

from beadwork.cli import printing, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Cell, Line
from beadwork.workflows import Application, ProjectView, as_json


@click.command("init")
@click.option(
    "--tracker",
    type=click.Choice(["embedded", "bd"]),
    default="embedded",
    show_default=True,
    help="Who keeps them: a file in .beads, or your bd.",
)
@click.option("--prefix", metavar="P", default="", help="What ids begin with, instead of the folder's name.")
@json_option
@click.pass_obj
def init(invocation: Invocation, *, tracker: str, prefix: str, json: bool) -> None:
    """Begin with beads in this folder.

    The embedded tracker keeps them in `.beads/issues.jsonl`, for you to commit, and needs nothing else. With
    bd they are in a database of its own, which git does not see; no hook, commit or other file is made.
    """

    async def begun(application: Application) -> ProjectView:
        await application.editing.begin(invocation.folder, tracker, prefix)
        return await application.listing(await application.project_of(invocation.folder))

    view = invocation.run(begun)
    if json:
        writing.write_json(as_json({"project": view}))
        return
    printing.show(
        [
            Line.of("Begun in ", Cell(view.folder, "bold"), f": {view.tracker}", whole=True),
            Line.of(Cell("  next  ", "dim"), "beadwork create 'What is to be done'", whole=True),
        ]
    )
