"""What can be done with a bead, and what its newest run waits for, as links and in words. Pure."""

from collections.abc import Iterator, Mapping

from beadwork.beads import Group
from beadwork.executions import Ask
from beadwork.workflows.pages.elements import (
    NOTHING,
    Html,
    Ours,
    bead_link,
    element,
    file_link,
    joined,
    listed,
    ours,
    paragraph,
    text,
)
from beadwork.workflows.pages.markdown import markdown
from beadwork.workflows.pages.matter import Matter
from beadwork.workflows.pages.words import spaced, state
from beadwork.workflows.refusals import refused_in
from beadwork.workflows.showing import NEEDS_A_PERSON
from beadwork.workflows.views import Obstacle, Refused, RunView

ACTIONS: Mapping[str, str] = {
    "work": "Work",
    "review": "Review",
    "gates": "Run gates",
    "changes": "Show changes",
    "publish": "Publish",
    "land": "Land",
    "resolve": "Resolve conflicts",
    "close": "Close",
    "reopen": "Reopen",
}
"""What can be asked for of a bead, in words."""

OF_RUNS: Mapping[str, str] = {
    "answer": "Answer",
    "tell": "Tell the agent",
    "pause": "Pause",
    "resume": "Resume",
    "retry": "Retry",
    "first": "Move to the front of the queue",
    "cancel": "Cancel",
}
"""What its newest run takes, in words."""

_PATHS = 20


def actions(matter: Matter) -> Html:
    """Give what can be asked for, first what is the likeliest for a bead of its group."""
    bead = matter.page.bead
    closed, done = bead.group is Group.CLOSED, bead.group is Group.DONE
    of_its_run = [(word, OF_RUNS[word]) for word in of_run(bead.run) if word != "retry" or not closed]
    of_itself = [(word, ACTIONS[word]) for word in bead.actions if word in ACTIONS]
    if done:  # work on it comes after all that brings it on
        of_itself.sort(key=lambda each: each[0] == "work")
    run_first = bead.group in {Group.NEEDS_YOU, Group.RUNNING}
    words = [*of_its_run, *of_itself] if run_first else [*of_itself, *of_its_run]
    links = [ours(Ours.DO, word, said, style="action") for word, said in words]
    return (
        element("nav", listed(links), class_="actions", aria_label="What can be done") if links else NOTHING
    )


def of_run(run: RunView | None) -> Iterator[str]:
    """Give what a run takes."""
    if run is None:
        return
    can = {
        "answer": run.ask is not None,
        "tell": run.tellable,
        "pause": run.pausable,
        "resume": run.resumable,
        "retry": run.retryable,
        "first": run.state == "queued",
        "cancel": run.cancellable,
    }
    yield from (word for word, possible in can.items() if possible)


def waiting(matter: Matter) -> Html:
    """Say what goes on, or what waits for a person; nothing where neither does."""
    run = matter.page.bead.run
    if run is None:
        return NOTHING
    if run.ask is not None:
        return _section(run, "It asks you", _asked(run.ask, matter))
    if run.ended_at is None:
        return _section(run, "A run goes on", NOTHING)
    if run.state in NEEDS_A_PERSON and matter.page.bead.group is not Group.CLOSED:
        return _section(run, "It needs you", joined(_why(run, matter)))
    return NOTHING


def _section(run: RunView, title: str, body: Html) -> Html:
    shown = ours(Ours.RUN, run.id, "Show output", spoken=f"Show output of {run.verb} {run.id[:8]}")
    about = element("p", text(f"{spaced(run.verb).capitalize()}, {state(run)}. "), shown)
    return element("section", element("h2", text(title)), about, body, id="standing", class_=run.state)


def _asked(ask: Ask, matter: Matter) -> Html:
    title = (
        [paragraph(ask.title, "call")] if all(ask.title not in each.text for each in ask.questions) else []
    )
    questions = [
        joined(
            (
                markdown(question.text, matter.known),
                listed(
                    text(": ".join(filter(None, (choice.label, choice.description))))
                    for choice in question.choices
                ),
            )
        )
        for question in ask.questions
    ]
    return element("div", *title, *questions, class_="asked")


def _why(run: RunView, matter: Matter) -> Iterator[Html]:
    yield markdown(run.summary, matter.known)
    if run.blocked_by:
        yield element("p", text("Blocked by "), bead_link(run.blocked_by))
    refused = refused_in(run)
    if refused is not None:
        yield from _refusal(refused, run.summary)


def _refusal(refused: Refused, said: str) -> Iterator[Html]:
    if refused.message not in said:
        yield paragraph(refused.message)
    yield listed(_obstacle(each, said) for each in refused.obstacles)


def _obstacle(obstacle: Obstacle, said: str) -> Html:
    paths = [file_link(path) for path in obstacle.paths[:_PATHS]]
    more = len(obstacle.paths) - len(paths)
    return joined(
        (
            text(obstacle.message) if obstacle.message not in said else text("Of that:"),
            listed(map(bead_link, obstacle.beads)),
            listed([*paths, *([text(f"and {more} more")] if more > 0 else [])]),
            element("pre", text(obstacle.output)) if obstacle.output.strip() else NOTHING,
        )
    )
