"""What a bead is a part of, what is a part of it, and what it depends on, each as a link. Pure."""

from collections.abc import Callable, Iterable

from beadwork.beads import PARENT
from beadwork.workflows.pages.elements import (
    NOTHING,
    Html,
    bead_link,
    edit,
    element,
    joined,
    listed,
    paragraph,
    text,
)
from beadwork.workflows.pages.matter import Matter
from beadwork.workflows.pages.words import dependent, depends, spaced
from beadwork.workflows.views import RelatedView

_MOST = 500
"""Links of one kind that a page shows."""


def hierarchy(matter: Matter) -> Html:
    """Give the bead that it is a part of, and those that are a part of it."""
    return joined((_parents(matter), _children(matter)), "\n")


def _parents(matter: Matter) -> Html:
    parents = [each for each in matter.page.depends_on if each.kind == PARENT]
    links = listed(map(_related, parents))
    return element("section", element("h2", text("Part of")), links, id="parent") if parents else NOTHING


def _children(matter: Matter) -> Html:
    bead = matter.page.bead
    children = sorted(
        (each for each in matter.page.dependents if each.kind == PARENT),
        key=lambda each: each.status == "closed",
    )
    if not children:
        return NOTHING
    progress = paragraph(f"{bead.closed_children} of {bead.children} closed", "progress")
    heading = element("h2", text("Children"))
    return element("section", heading, progress, _some(children), id="children")


def dependencies(matter: Matter) -> Html:
    """Give what it depends on, and what depends on it."""
    on = [each for each in matter.page.depends_on if each.kind != PARENT]
    by = [each for each in matter.page.dependents if each.kind != PARENT]
    if not (on or by or matter.editable):
        return NOTHING
    link = edit("dependency", "Add", "Add a dependency") if matter.editable else NOTHING
    heading = element("div", element("h2", text("Dependencies")), link, class_="heading")
    body = joined((_by_kind(on, depends), _by_kind(by, dependent))) or paragraph("None yet.", "none")
    return element("section", heading, body, id="dependencies")


def _by_kind(related: Iterable[RelatedView], title: Callable[[str], str]) -> Html:
    kinds: dict[str, list[RelatedView]] = {}
    for each in related:
        kinds.setdefault(each.kind, []).append(each)
    return joined(joined((element("h3", text(title(kind))), _some(beads))) for kind, beads in kinds.items())


def _some(related: list[RelatedView]) -> Html:
    more = len(related) - _MOST
    rest = paragraph(f"And {more:,} more.", "cut") if more > 0 else NOTHING
    return joined((listed(map(_related, related[:_MOST])), rest))


def _related(related: RelatedView) -> Html:
    if not related.status:
        return joined((element("span", text(related.id), class_="bead-id"), text(" (not among these beads)")))
    link = bead_link(related.id, f"{related.id} {related.title}")
    return joined(
        (link, element("span", text(f" ({spaced(related.status)})"), class_=f"status {related.status}"))
    )
