"""`diff`: what a bead's branch changed. What it leaves out: finding that out (`workflows/comparing/`)."""

import os

import click

from beadwork.cli import failing, printing, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.workflows import Application, ChangesView, Since, as_json

_STYLES = (("+++", None), ("---", None), ("+", "green"), ("-", "red"), ("@@", "cyan"))


@click.command("diff")
@click.argument("bead", metavar="ID")
@click.option(
    "--since",
    type=click.Choice([since.value for since in Since]),
    default=Since.BASE.value,
    show_default=True,
    help="Since it left its base, or since it was reviewed last.",
)
@click.option("--stat", is_flag=True, help="Only how much changed in which file.")
@json_option
@click.pass_obj
def diff(invocation: Invocation, *, bead: str, since: str, stat: bool, json: bool) -> None:
    """What a bead's branch changed, as a patch.

    On a terminal through your pager. In a pipe it is the patch as git has it, which `git apply` takes.
    """
    start = Since(since)

    async def compare(application: Application) -> tuple[ChangesView, str]:
        project = await application.project_of(invocation.folder)
        changes = await application.finishing.changes(project, bead, start)
        # The objects have no text of the patch: it is asked for where it is printed.
        text = "" if json else await application.finishing.patch(project, bead, start, stat=stat)
        return changes, text

    changes, text = invocation.run(compare)
    if json:
        writing.write_json(as_json({"changes": changes}))
    elif not changes.files:
        click.echo(f"{changes.branch} changes nothing since {changes.base_ref}.", err=True)
    elif printing.on_terminal():
        os.environ.setdefault("LESS", "-FRX")  # as git does: a short patch does not take the screen
        click.echo_via_pager("\n".join(_coloured(line) for line in writing.visible(text).split("\n")))
    else:
        click.echo(text.encode("utf-8", "surrogateescape"), nl=False)


def _coloured(line: str) -> str:
    """Give a line of a patch in the colour that patches have."""
    style = next((style for lead, style in _STYLES if line.startswith(lead)), None)
    return failing.styled(line, fg=style) if style else line
