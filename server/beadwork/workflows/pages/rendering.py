"""The page of a bead, from its title to its runs. Pure; what it leaves out: getting what stands on it."""

from collections.abc import Iterator

from beadwork.workflows.pages.elements import Html, edit, element, joined, moment, paragraph, text
from beadwork.workflows.pages.history import comments, runs
from beadwork.workflows.pages.markdown import markdown
from beadwork.workflows.pages.matter import Matter
from beadwork.workflows.pages.relations import dependencies, hierarchy
from beadwork.workflows.pages.review import review
from beadwork.workflows.pages.standing import actions, waiting
from beadwork.workflows.pages.words import priority, spaced
from beadwork.workflows.showing import TITLES
from beadwork.workflows.views import PageView

_TEXTS = (
    ("description", "Description"),
    ("design", "Design"),
    ("acceptance", "Acceptance criteria"),
    ("notes", "Notes"),
)


def rendered(matter: Matter) -> PageView:
    """Give the page."""
    bead = matter.page.bead
    parts = (
        _head(matter),
        _facts(matter),
        actions(matter),
        waiting(matter),
        *(_text(matter, field, title) for field, title in _TEXTS),
        hierarchy(matter),
        dependencies(matter),
        review(matter),
        comments(matter),
        runs(matter),
    )
    return PageView(f"{bead.id}: {bead.title}", element("article", joined(parts, "\n"), class_="bead"))


def _head(matter: Matter) -> Html:
    bead = matter.page.bead
    name = element("span", text(bead.id), class_="bead-id")
    title = element("h1", name, text(f" {bead.title}"))
    link = edit("title", "Edit", "Edit the title") if matter.editable else text("")
    return element("header", title, link, paragraph(matter.read_only, "read-only"), class_="head")


def _facts(matter: Matter) -> Html:
    rows = [
        element("div", element("dt", text(name)), element("dd", value), class_="fact")
        for name, value in _each_fact(matter)
    ]
    return element("dl", *rows, class_="facts")


def _each_fact(matter: Matter) -> Iterator[tuple[str, Html]]:
    page, bead = matter.page, matter.page.bead
    status = spaced(bead.status)
    where = TITLES[bead.group]
    yield "Status", _field(matter, "status", status, f"status {bead.status}")
    if where.casefold() not in {status.casefold(), ""}:
        yield "Standing", element("span", text(where), class_=f"group {bead.group.value}")
    yield "Type", _field(matter, "type", spaced(bead.type), "type")
    yield "Priority", _field(matter, "priority", priority(bead.priority), f"priority p{bead.priority}")
    yield "Assignee", _field(matter, "assignee", bead.assignee or "nobody", "assignee")
    yield "Labels", _field(matter, "labels", ", ".join(bead.labels) or "none", "labels")
    if page.created_at:
        yield "Created", moment(page.created_at)
    if page.updated_at and page.updated_at != page.created_at:
        yield "Changed", moment(page.updated_at)
    if page.closed_at:
        yield "Closed", joined((moment(page.closed_at), text(page.close_reason)), ": ")


def _field(matter: Matter, field: str, value: str, style: str) -> Html:
    """Give a value, which where it can be changed is a link that does."""
    shown = edit(field, value, f"{value}: edit the {field}") if matter.editable else text(value)
    return element("span", shown, class_=style)


def _text(matter: Matter, field: str, title: str) -> Html:
    """Give a text with its title; an empty one only where it can be filled."""
    written = str(getattr(matter.page, field))
    if not written.strip() and not matter.editable:
        return text("")
    link = text("")
    if matter.editable:
        verb = "Edit" if written.strip() else "Add"
        link = edit(field, verb, f"{verb} {title.lower()}")
    heading = element("div", element("h2", text(title)), link, class_="heading")
    body = markdown(written, matter.known) or paragraph("None yet.", "none")
    return element("section", heading, element("div", body, class_="text"), id=field)
