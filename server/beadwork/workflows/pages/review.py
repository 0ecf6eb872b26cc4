"""The newest review of a bead: its verdict, and what it found, the open ones first. Pure."""

from collections import Counter
from collections.abc import Iterator

from beadwork.workflows.pages.elements import (
    NOTHING,
    Html,
    Ours,
    bead_link,
    element,
    file_link,
    joined,
    listed,
    moment,
    ours,
    paragraph,
    text,
)
from beadwork.workflows.pages.markdown import markdown
from beadwork.workflows.pages.matter import Matter
from beadwork.workflows.pages.words import count, priority
from beadwork.workflows.reviews.showing import FindingView, ReviewView

_MOST = 200
"""Findings that a page shows."""
_STATES = ("open", "dismissed", "closed")


def review(matter: Matter) -> Html:
    """Give what the newest review says; nothing where there was none."""
    if not matter.found.reviews:
        return NOTHING
    newest = matter.found.reviews[0]
    found = sorted(matter.found.findings, key=_gravity)
    return element(
        "section",
        element("h2", text("Review")),
        _verdict(newest),
        paragraph(_counted(found), "counts"),
        markdown(newest.summary, matter.known),
        listed(map(text, newest.notes), class_="notes"),
        *(_finding(each, matter) for each in found[:_MOST]),
        paragraph(f"{len(found) - _MOST:,} more findings are not shown here.", "cut")
        if found[_MOST:]
        else NOTHING,
        id="review",
    )


def _gravity(finding: FindingView) -> tuple[int, int, str, int]:
    return _STATES.index(finding.state), finding.priority, finding.path, finding.line or 0


def _verdict(newest: ReviewView) -> Html:
    ready = "Ready for a pull request" if newest.pr_ready else "Not ready for a pull request"
    style = "verdict ready" if newest.pr_ready else "verdict not-ready"
    log = ours(Ours.RUN, newest.run, "Show output", spoken="Show output of the review")
    of = text(f". Reviewed at {newest.head[:10]}, ")
    return element("p", element("strong", text(ready), class_=style), of, moment(newest.at), text(". "), log)


def _counted(found: list[FindingView]) -> str:
    if not found:
        return "No findings."
    states = Counter(each.state for each in found)
    priorities = Counter(each.priority for each in found if each.state == "open")
    said = ", ".join(f"{states[each]} {each}" for each in _STATES if states[each])
    grave = ", ".join(f"{number} of priority {priority(each)}" for each, number in sorted(priorities.items()))
    return f"{count(len(found), 'finding')}: {said}.{f' Open: {grave}.' if grave else ''}"


def _finding(finding: FindingView, matter: Matter) -> Html:
    return element(
        "article",
        element("h3", text(finding.title)),
        element("p", joined(_facts(finding), " · "), class_="about"),
        markdown(finding.description, matter.known, below=3),
        *_scenario(finding, matter),
        _also(finding),
        class_=f"finding {finding.state} p{finding.priority}",
    )


def _facts(finding: FindingView) -> Iterator[Html]:
    yield text(f"Priority {priority(finding.priority)}")
    yield text(finding.type)
    yield text(finding.category)
    if finding.path:
        yield file_link(finding.path, finding.line, finding.end_line)
    if finding.state != "open":
        yield text(f"{finding.state}: {finding.reason}" if finding.reason else finding.state)
    if finding.bead:
        yield bead_link(finding.bead)


def _scenario(finding: FindingView, matter: Matter) -> Iterator[Html]:
    if finding.failure_scenario.strip():
        yield element("h4", text("It fails when"))
        yield markdown(finding.failure_scenario, matter.known, below=4)


def _also(finding: FindingView) -> Html:
    places = listed(file_link(each.path, each.line, each.end) for each in finding.also)
    return joined((element("h4", text("See also")), places)) if places else NOTHING
