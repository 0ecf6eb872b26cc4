"""`list` and `show`: the beads of a project, and one of them."""

import re
from collections.abc import Sequence

import attrs
import click

from beadwork.beads import Group
from beadwork.cli import failing, happenings, printing, wording, writing
from beadwork.cli.invocation import Invocation, json_option
from beadwork.cli.printing import Block, Cell, Heading, Line, Prose, Table
from beadwork.cli.questions import ask_blocks
from beadwork.cli.showing_findings import review_blocks
from beadwork.cli.standing import standing_blocks
from beadwork.cli.tables import runs_table
from beadwork.errors import BeadworkError
from beadwork.workflows import (
    Application,
    BeadPage,
    BeadView,
    FindingsView,
    GroupView,
    ProjectView,
    RelatedView,
    RunView,
    Wanted,
    as_json,
)

GROUP_NAMES = {group.value.replace("_", "-"): group for group in Group}
"""What is typed after `--group`."""

GROUP_STYLES = {
    Group.RUNNING: "bold cyan",
    Group.NEEDS_YOU: "bold yellow",
    Group.READY: "bold green",
    Group.BLOCKED: "bold red",
    Group.IN_PROGRESS: "bold blue",
    Group.DONE: "bold magenta",
    Group.OPEN: "bold",
    Group.CLOSED: "bold dim",
}

_TROUBLES_SHOWN = 5
_BLOCKERS_SHOWN = 2
_WIDEST_COLUMN = 20
"""Characters up to which ids and types line up over all groups."""


class Unlisted(BeadworkError):  # noqa: N818
    """A project's beads cannot be read; the code is that of the reason."""


@click.command("list")
@click.option(
    "--search",
    metavar="TEXT",
    default="",
    help="Only beads that fit all words of TEXT; also type:bug, status:open, p1, label:ui, assignee:ada.",
)
@click.option(
    "-g",
    "--group",
    "groups",
    type=click.Choice(list(GROUP_NAMES), case_sensitive=False),
    multiple=True,
    help="Only this group; may be given several times.",
)
@json_option
@click.pass_obj
def list_beads(invocation: Invocation, *, search: str, groups: tuple[str, ...], json: bool) -> None:
    """The beads of this project, by group.

    Closed beads are only counted, unless they are searched or asked for with `--group closed`.
    """

    async def listing(application: Application) -> ProjectView:
        project = await application.project_of(invocation.folder)
        return await application.listing(project, Wanted(search))

    view = invocation.run(listing)
    if view.error is not None:
        error = Unlisted(view.error.message, detail=view.error.detail)
        error.code = view.error.code
        raise error
    wanted = {GROUP_NAMES[name] for name in groups}
    if wanted:
        view = attrs.evolve(view, groups=tuple(group for group in view.groups if group.group in wanted))
    if json:
        writing.write_json(as_json({"projects": [view]}))
        return
    hidden = frozenset() if search or wanted else frozenset({Group.CLOSED})
    none = "No bead is among these." if search or wanted else "No beads."
    printing.show(listing_blocks(view, hidden, none))
    _warn_of(view)


@click.command("show")
@click.argument("bead", metavar="ID")
@json_option
@click.pass_obj
def show(invocation: Invocation, *, bead: str, json: bool) -> None:
    """One bead with all that is known of it: texts, connections, comments, review, branch, runs."""

    async def page_of(application: Application) -> tuple[BeadPage, FindingsView]:
        project = await application.project_of(invocation.folder)
        page = await application.page(project, bead)
        return page, await application.reviews.findings(project, page.bead.id)

    page, found = invocation.run(page_of)
    if json:
        writing.write_json(as_json({"page": page, "reviews": found.reviews, "findings": found.findings}))
        return
    printing.show(page_blocks(page, found))


def listing_blocks(view: ProjectView, hidden: frozenset[Group], none: str) -> list[Block]:
    """Set out a project's beads; those in `hidden` are only counted; `none` says that there is none."""
    total = sum(len(group.beads) for group in view.groups)
    head = f" · {view.tracker} · {wording.count(total, 'bead')}"
    blocks: list[Block] = [Line.of(Cell(view.name, "bold"), Cell(head, "dim"))]
    shown = [bead for group in view.groups if group.group not in hidden for bead in group.beads]
    widths = tuple(max((len(text) for text in column), default=0) for column in _texts_of(shown))
    for group in view.groups:
        if not group.beads:
            continue
        if group.group in hidden:
            name = group.group.value.replace("_", "-")
            blocks.append(Heading(f"{group.title} ({len(group.beads)}: list --group {name})", "dim"))
            continue
        blocks.append(Heading(f"{group.title} ({len(group.beads)})", GROUP_STYLES[group.group]))
        blocks.append(_beads_table(group, widths))
    if total == 0:
        blocks.append(Line.of(Cell(none, "dim")))
    return blocks


def _texts_of(beads: Sequence[BeadView]) -> tuple[list[str], list[str]]:
    """Give the texts of the columns that are as wide in all groups."""
    return [bead.id for bead in beads], [bead.type for bead in beads]


def _beads_table(group: GroupView, widths: tuple[int, ...]) -> Table:
    id_width, type_width = (min(width, _WIDEST_COLUMN) for width in widths)
    rows = tuple(
        (
            Cell(bead.id.ljust(id_width), "bold"),
            Cell(f"P{bead.priority}", "red" if bead.priority == 0 else "dim"),
            Cell(bead.type.ljust(type_width), "dim"),
            Cell(bead.title),
            _remark(bead),
        )
        for bead in group.beads
    )
    return Table(rows, flexible=3)


def _remark(bead: BeadView) -> Cell:
    """Give what makes a bead stand where it stands, in a few words."""
    match bead.group:
        case Group.RUNNING | Group.NEEDS_YOU if bead.run is not None:
            run = bead.run
            by = f" by {run.blocked_by}" if run.blocked_by else ""
            standing = " ".join(filter(None, [wording.verb(run), wording.state(run)])) + by
            words = ": ".join(filter(None, [standing, wording.wanted(run)]))
            return Cell(words, wording.STATE_STYLES.get(run.state, ""))
        case Group.BLOCKED if bead.blocked_by:
            more = len(bead.blocked_by) - _BLOCKERS_SHOWN
            ids = ", ".join(bead.blocked_by[:_BLOCKERS_SHOWN])
            return Cell(f"by {ids}" + (f" +{more}" if more > 0 else ""), "red")
        case Group.IN_PROGRESS:
            return Cell(bead.assignee, "blue")
        case Group.DONE if bead.run is not None:
            return Cell(bead.run.branch, "magenta")
        case Group.OPEN:
            return Cell(bead.status, "dim")
        case _:
            return Cell("")


def _warn_of(view: ProjectView) -> None:
    if view.read_only and all(trouble.text != view.read_only for trouble in view.troubles):
        failing.warn(view.read_only)
    for trouble in view.troubles[:_TROUBLES_SHOWN]:
        said = trouble.line is None or re.search(rf"\b[Ll]ine {trouble.line}\b", trouble.text)
        failing.warn(trouble.text if said else f"line {trouble.line}: {trouble.text}")
    if len(view.troubles) > _TROUBLES_SHOWN:
        failing.warn(f"{len(view.troubles) - _TROUBLES_SHOWN} more; `beadwork list --json` has them all.")


def page_blocks(page: BeadPage, found: FindingsView) -> list[Block]:
    """Set out one bead; `found` has its newest review and what of it is open."""
    bead = page.bead
    blocks: list[Block] = [
        Line.of(Cell(bead.id, "bold cyan"), "  ", Cell(bead.title, "bold")),
        Table(
            tuple((Cell(name, "dim"), Cell(value)) for name, value in _facts(page)), flexible=1, wrapped=True
        ),
    ]
    if bead.run is not None:
        blocks += _waiting_blocks(bead.run)
    texts = [
        ("Description", page.description),
        ("Design", page.design),
        ("Acceptance", page.acceptance),
        ("Notes", page.notes),
    ]
    for title, text in texts:
        if text.strip():
            blocks += [Heading(title), Prose(text)]
    for title, related in [("Depends on", page.depends_on), ("Dependents", page.dependents)]:
        if related:
            blocks += [Heading(title), Table(tuple(map(_related_row, related)), flexible=3)]
    blocks += _comment_blocks(page)
    if found.reviews:
        blocks += [Heading("Review"), *review_blocks(found)]
    if standing := standing_blocks(page.runs):
        blocks += [Heading("Branch"), *standing]
    if page.runs:
        blocks += [Heading("Runs"), runs_table(page.runs, with_bead=False)]
    return blocks


def _comment_blocks(page: BeadPage) -> list[Block]:
    blocks: list[Block] = [Heading("Comments")] if page.comments else []
    for comment in page.comments:
        when = wording.ago(comment.created_at, wording.present())
        blocks += [
            Line.of("  ", Cell(comment.author, "bold"), Cell(f" · {when}", "dim")),
            Prose(comment.text),
        ]
    return blocks


def _waiting_blocks(run: RunView) -> list[Block]:
    """Say what the newest run waits for a person with, if it does: its question, or that it is paused."""
    command = wording.wanted(run)
    if not command:
        return []
    if run.ask is not None:
        return [*ask_blocks(run.ask), happenings.how_to_answer(run)]
    words = wording.state(run).capitalize()
    return [Heading(words, "bold yellow"), Prose(run.summary), Line.of(Cell("  go on  ", "dim"), command)]


def _facts(page: BeadPage) -> list[tuple[str, str]]:
    bead, now = page.bead, wording.present()
    facts = [
        ("status", bead.status + (f" ({page.close_reason})" if page.close_reason else "")),
        ("type", f"{bead.type}, P{bead.priority}"),
        ("assignee", bead.assignee),
        ("labels", ", ".join(bead.labels)),
        ("blocked by", ", ".join(bead.blocked_by)),
        ("agent blocked by", bead.run.blocked_by if bead.run is not None else ""),
        ("created", wording.ago(page.created_at, now)),
        ("updated", wording.ago(page.updated_at, now)),
        ("closed", wording.ago(page.closed_at, now)),
    ]
    return [(name, value) for name, value in facts if value]


def _related_row(related: RelatedView) -> tuple[Cell, ...]:
    return (
        Cell(related.id, "bold"),
        Cell(related.kind, "dim"),
        Cell(related.status, "dim"),
        Cell(related.title or "(no such bead here)", "" if related.title else "dim"),
    )
