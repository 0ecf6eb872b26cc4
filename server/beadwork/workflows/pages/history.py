"""What was said of a bead, and what was done for it. Pure."""

from collections.abc import Sequence

from beadwork.workflows.pages.elements import (
    NOTHING,
    Html,
    Ours,
    edit,
    element,
    joined,
    moment,
    ours,
    paragraph,
    text,
)
from beadwork.workflows.pages.markdown import LONGEST, markdown
from beadwork.workflows.pages.matter import Matter
from beadwork.workflows.pages.words import cost, spaced, state, took
from beadwork.workflows.views import CommentView, RunView

_COMMENTS = 100
"""Comments that a page shows, the newest."""
_SAID = 200_000
"""Characters that they have together; an odd text of this length takes seconds to be made into HTML."""
_RUNS = 50
_SUMMARY = 300
"""Characters of a run's summary in the table; its output has all of it."""
_COLUMNS = ("Run", "State", "When", "Took", "Cost", "Summary")


def comments(matter: Matter) -> Html:
    """Give what people and agents said, the oldest first."""
    said = matter.page.comments
    if not said and not matter.editable:
        return NOTHING
    link = edit("comment", "Add", "Add a comment") if matter.editable else NOTHING
    shown = _newest(said)
    before = len(said) - len(shown)
    return element(
        "section",
        element("div", element("h2", text("Comments")), link, class_="heading"),
        paragraph(f"{before:,} earlier comments are not shown here.", "cut") if before > 0 else NOTHING,
        *(_comment(each, matter) for each in shown),
        paragraph("None yet.", "none") if not said else NOTHING,
        id="comments",
    )


def _newest(said: Sequence[CommentView]) -> Sequence[CommentView]:
    """Give the last ones that there is room for; the very last always, which is cut if it is long."""
    room, count = _SAID, 0
    for each in reversed(said[-_COMMENTS:]):
        room -= min(len(each.text), LONGEST)
        if room < 0:
            break
        count += 1
    return said[len(said) - count :]


def _comment(comment: CommentView, matter: Matter) -> Html:
    who = element("h3", joined((text(comment.author or "somebody"), moment(comment.created_at)), ", "))
    return element("article", who, markdown(comment.text, matter.known, below=3), class_="comment")


def runs(matter: Matter) -> Html:
    """Give its runs, the newest first."""
    done = matter.page.runs
    if not done:
        return NOTHING
    head = element("tr", *(element("th", text(column), scope="col") for column in _COLUMNS))
    table = element("table", element("thead", head), element("tbody", *map(_row, done[:_RUNS])))
    before = len(done) - _RUNS
    return element(
        "section",
        element("h2", text("Runs")),
        table,
        paragraph(f"{before:,} earlier runs are not shown here.", "cut") if before > 0 else NOTHING,
        id="runs",
    )


def _row(run: RunView) -> Html:
    name = spaced(run.verb) + (f", attempt {run.attempt}" if run.attempt > 1 else "")
    link = ours(Ours.RUN, run.id, name, spoken=f"{name}: show output of run {run.id[:8]}")
    summary = run.summary if len(run.summary) <= _SUMMARY else f"{run.summary[:_SUMMARY]}…"
    return element(
        "tr",
        element("th", link, scope="row"),
        element("td", text(state(run)), class_=f"state {run.state}"),
        element("td", moment(run.started_at or run.queued_at)),
        element("td", text(took(run))),
        element("td", text(cost(run))),
        element("td", text(summary)),
    )
