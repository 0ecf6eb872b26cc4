"""`findings` and `finding`: what reviews found, and what a person makes of one.

What is done to a finding is an option of `finding`, not a command of its own: it is done to what one has just
looked at, by the same line with a word more. What it leaves out: mending it (`reviews.py`).
"""

from collections.abc import Sequence
from pathlib import Path

import click

import beadwork
from beadwork.cli import printing, wording, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Block, Cell, Line
from beadwork.cli.showing_findings import full_blocks, listing_blocks, located_lines
from beadwork.workflows import Application, FindingsView, FindingView, Made, as_json


@click.command("findings")
@click.argument("subject", metavar="[ID]", default="")
@click.option("--all", "everything", is_flag=True, help="Also what was dismissed or is closed, and why.")
@click.option("--create-beads", is_flag=True, help="Make a bead of each that is open and has none.")
@click.option("--sarif", is_flag=True, help="As SARIF 2.1.0, for other tools.")
@json_option
@click.pass_obj
def findings(
    invocation: Invocation, *, subject: str, everything: bool, create_beads: bool, sarif: bool, json: bool
) -> None:
    """What the newest reviews found that is open.

    Of all, or of ID alone: a bead, or @branch or @changes. In a pipe each is a line `path:line: …`, to jump
    to.
    """
    _check_usage(everything=everything, create_beads=create_beads, sarif=sarif, json=json)
    if sarif:
        writing.write_json(
            invocation.run(lambda application: _sarif(application, invocation.folder, subject))
        )
        return

    async def found(application: Application) -> tuple[FindingsView, Sequence[Made]]:
        project = await application.project_of(invocation.folder)
        view = await application.reviews.findings(project, subject, everything=everything)
        lacking = [each.id for each in view.findings if create_beads and not each.bead]
        return view, await application.reviews.make_beads(project, lacking) if lacking else ()

    view, made = invocation.run(found)
    match (create_beads, json):
        case (True, True):
            writing.write_json(as_json({"made": made}))
        case (True, False) if made:
            printing.show(_made_lines(made))
        case (False, True):
            writing.write_json(as_json(view))
        case (False, False) if view.findings:
            _show(view, everything=everything)
        case _:
            _say_none(view, subject, everything=everything, create_beads=create_beads)


@click.command("finding")
@click.argument("names", metavar="FINDING...", nargs=-1, required=True)
@click.option("--create-bead", "--create-beads", is_flag=True, help="Make a bead of it, unless it has one.")
@click.option("--dismiss", metavar="WHY", help="It does not count, and why; later reviews remember it.")
@click.option("--back", is_flag=True, help="It counts again although it was dismissed.")
@json_option
@click.pass_obj
def finding(
    invocation: Invocation,
    *,
    names: tuple[str, ...],
    create_bead: bool,
    dismiss: str | None,
    back: bool,
    json: bool,
) -> None:
    """One finding in full; make a bead of it, or dismiss it.

    FINDING is a finding's id, or its beginning.
    """
    if create_bead + (dismiss is not None) + back > 1:
        raise click.UsageError("--create-bead, --dismiss and --back are three deeds; choose one.")
    if dismiss is not None and not dismiss.strip():
        raise click.UsageError("Say why it does not count: --dismiss WHY.")

    async def deal(application: Application) -> tuple[Sequence[FindingView], Sequence[Made]]:
        project = await application.project_of(invocation.folder)
        reviews = application.reviews
        # All are looked up before anything is done, so that a wrong name leaves all as they were.
        ids = list(dict.fromkeys([(await reviews.finding(project, name)).id for name in names]))
        made = await reviews.make_beads(project, ids) if create_bead else ()
        for each in ids:
            if dismiss is not None:
                await reviews.dismiss(project, each, dismiss.strip())
            if back:
                await reviews.take_back(project, each)
        return [await reviews.finding(project, each) for each in ids], made

    shown, made = invocation.run(deal)
    if json:
        writing.write_json(as_json({"findings": shown} | ({"made": made} if create_bead else {})))
    elif create_bead:
        printing.show(_made_lines(made))
    elif dismiss is not None or back:
        printing.show([_state_line(each) for each in shown])
    else:
        printing.show(_one_after_the_other(shown))


def _check_usage(*, everything: bool, create_beads: bool, sarif: bool, json: bool) -> None:
    if sarif and (json or everything or create_beads):
        raise click.UsageError("--sarif has all that counts or was dismissed; leave the other options out.")
    if create_beads and everything:
        raise click.UsageError("--create-beads is for what is open; leave --all out.")


async def _sarif(application: Application, folder: Path, subject: str) -> object:
    project = await application.project_of(folder)
    return await application.reviews.sarif(project, subject, beadwork.__version__)


def _show(view: FindingsView, *, everything: bool) -> None:
    if not printing.on_terminal():
        printing.show(located_lines(view.findings, Path(view.folder)))
        return
    none = "no findings" if everything else "no open findings"
    # What several reviews say is shown with one of them.
    printing.show(listing_blocks(view, none if len(view.reviews) == 1 else f"{none} of its own"))


def _say_none(view: FindingsView, subject: str, *, everything: bool, create_beads: bool) -> None:
    """Say on stderr why there is nothing: whoever reads standard output reads findings."""
    click.echo(_why_none(view, subject, everything=everything, create_beads=create_beads), err=True)


def _why_none(view: FindingsView, subject: str, *, everything: bool, create_beads: bool) -> str:
    if not view.reviews:
        what = f" of {wording.subject(subject)}" if subject else ""
        return f"No review{what} in this project yet; `beadwork review` makes one."
    if create_beads and view.findings:
        return "Each open finding has a bead already."
    return (
        "No findings." if everything else "No open findings; `--all` also shows what was dismissed or closed."
    )


def _made_lines(made: Sequence[Made]) -> list[Block]:
    return [
        Line.of(
            Cell(each.finding, "bold cyan"),
            " is bead ",
            Cell(each.bead, "bold"),
            "" if each.new else ", as before",
        )
        for each in made
    ]


def _state_line(each: FindingView) -> Block:
    words = f"dismissed: {each.reason}" if each.state == "dismissed" else each.state
    return Line.of(Cell(each.id, "bold cyan"), f" is {words}")


def _one_after_the_other(shown: Sequence[FindingView]) -> list[Block]:
    blocks: list[Block] = []
    for each in shown:
        blocks += [*([Line.of("")] if blocks else []), *full_blocks(each)]
    return blocks
