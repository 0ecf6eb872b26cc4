"""What a refusal looks like: a sentence on stderr, or the object, and exit code 3."""

import click

from beadwork.cli import failing, writing
from beadwork.workflows import Refused, as_json


def refuse(refused: Refused, *, json: bool) -> int:
    """Tell why something was not begun, and whether force helps; give the exit code."""
    if json:
        writing.write_json(as_json({"refused": refused}))
    else:
        click.echo(failing.styled("refused: ", fg="yellow") + writing.cleaned(refused.message), err=True)
        if refused.can_force and "--force" not in refused.message:
            click.echo("Add --force to do it all the same.", err=True)
    return failing.REFUSED
