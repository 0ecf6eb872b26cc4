"""`notify`: try out how you are told of runs away from the editor."""

import click

from beadwork.cli import failing, printing, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Cell, Line, Table
from beadwork.settings import user_file
from beadwork.workflows import Application, NotifyResult, as_json


@click.command("notify")
@click.argument("action", metavar="test", type=click.Choice(["test"]))
@json_option
@click.pass_obj
def notify(invocation: Invocation, *, action: str, json: bool) -> None:  # noqa: ARG001  (there is one so far)
    """Try out how you are told of runs away from the editor.

    Sends a test notification to every address of the setting `notify`, and says of each whether it arrived.
    The exit code is 1 when one did not, or when none is set.
    """

    async def send(application: Application) -> tuple[NotifyResult, ...]:
        with printing.waiting("sending a test notification", shown=not json):
            return tuple(await application.notify_test())

    results = invocation.run(send)
    if json:
        writing.write_json(as_json({"results": results}))
    elif results:
        printing.show([Table(tuple(map(_row, results)), flexible=2, wrapped=True)])
    else:
        printing.show(
            [
                Line.of("No address is set, so you are told nothing away from the editor."),
                Line.of(f"Addresses go into {user_file()}, as Apprise takes them:", whole=True),
                Line.of('  notify = ["ntfy://my-topic", "mailto://me:password@example.org"]', whole=True),
            ],
        )
    well = bool(results) and all(result.ok for result in results)
    click.get_current_context().exit(failing.SUCCESS if well else failing.ERROR)


def _row(result: NotifyResult) -> tuple[Cell, ...]:
    word = Cell("sent", "green") if result.ok else Cell("failed", "red")
    return (word, Cell(result.service, "bold"), Cell(result.error))
