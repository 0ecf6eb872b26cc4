"""Gathers what an agent is told of a bead, and makes the prompt of it.

What it leaves out: what of it is worth how much, and the words (`context/`).
"""

import asyncio
import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

from beadwork.beads import Bead, Comment, Tracker
from beadwork.checkouts import Checkout, CheckoutError, Checkouts, Survey
from beadwork.context import (
    Attempt,
    Change,
    ChangedFile,
    Knowledge,
    Landscape,
    Prompt,
    PromptKind,
    Relative,
    compose,
    draw,
    recall,
    remember,
    template_of,
)
from beadwork.executions import Execution, State
from beadwork.settings import Settings, user_file
from beadwork.state_folder import StateFolder

PastRuns = Callable[[str], Sequence[Execution]]
"""Gives the executions of a bead, the newest first."""

_ROUNDS = 6
_ATTEMPTS = 5
_ASKED_FOR_COMMENTS = 5
"""Connected beads whose comments are asked for: a call of the tracker each."""
_RELATIONS: Mapping[str, str] = {
    "parent-child": "parent",
    "blocks": "depends on",
    "conditional-blocks": "depends on",
    "waits-for": "waits for",
    "discovered-from": "discovered from",
}


@attrs.frozen
class Desk:
    """What is needed to tell an agent of the beads of one workspace."""

    workspace: Path
    settings: Settings
    state: StateFolder
    tracker: Tracker
    checkouts: Checkouts
    runs: PastRuns


async def prompt_for(
    kind: PromptKind,
    desk: Desk,
    bead: Bead,
    beads: Sequence[Bead],
    checkout: Checkout,
    *,
    findings: Sequence[str] = (),
    changes: Sequence[ChangedFile] = (),
    this_run: str = "",
) -> Prompt:
    """Make the prompt for `bead`; `beads` are all of the workspace. Raises PromptError, TrackerError.

    `this_run` is the execution that the prompt is for, which is no earlier attempt.
    """
    template = template_of(kind, user_file().parent / "prompts", desk.workspace)
    bead = await with_comments(desk.tracker, bead)
    landscape, trouble = await _landscape(desk, checkout)
    knowledge = Knowledge(
        id=bead.id,
        branch=checkout.branch,
        base=checkout.start or checkout.base,
        fields=_fields(bead),
        comments=[_comment(comment) for comment in bead.comments],
        relatives=await _relatives(desk, bead, beads),
        attempts=[_attempt(run) for run in desk.runs(bead.id) if run.id != this_run and not run.active][
            :_ATTEMPTS
        ],
        findings=findings,
        changes=changes,
        notes=[_standing(checkout), *checkout.notes, *trouble],
        landscape=landscape,
    )
    # Half a megabyte of text takes a tenth of a second; nobody else is to wait for that.
    return await asyncio.to_thread(compose, knowledge, template, desk.settings.prompt_budget)


def account_of(prompt: Prompt) -> str:
    """Say in a sentence where a prompt's words came from, how long it is, and what was cut."""
    cut = [f"{part.name} ({part.cut})" for part in prompt.parts if part.cut]
    left_out = f"; cut: {', '.join(cut)}" if cut else ""
    return f"The prompt is {prompt.template}: about {prompt.tokens:,} of {prompt.budget:,} tokens{left_out}."


async def with_comments(tracker: Tracker, bead: Bead) -> Bead:
    """Give the bead with its comments, where the listing leaves them out. Raises TrackerError."""
    if bead.comment_count <= len(bead.comments):
        return bead
    return attrs.evolve(bead, comments=tuple(await tracker.comments(bead.id)))


async def _landscape(desk: Desk, checkout: Checkout) -> tuple[Landscape | None, list[str]]:
    """Give what the base commit looks like; what goes wrong is told to the agent, who can look itself."""
    try:
        return await landscape_of(desk, checkout)
    except CheckoutError as error:
        return None, [f"The project could not be looked at: {error.message}"]


async def landscape_of(desk: Desk, checkout: Checkout) -> tuple[Landscape, list[str]]:
    """Give what the base commit of a checkout looks like, and sentences about keeping that for the next time.

    Of the user's working tree, which has none, what is there now. Raises CheckoutError.
    """
    if not checkout.base:
        return await _drawn(desk.checkouts, checkout, await desk.checkouts.survey(checkout)), []
    folder = desk.state.landscapes_of(desk.workspace)
    known = await asyncio.to_thread(recall, folder, checkout.base)
    if known is not None:
        return known, []
    landscape = await _drawn(desk.checkouts, checkout, await desk.checkouts.survey(checkout))
    try:
        await asyncio.to_thread(remember, folder, landscape)
    except OSError as error:
        return landscape, [f"What the project looks like could not be kept for the next time: {error}."]
    return landscape, []


async def _drawn(checkouts: Checkouts, checkout: Checkout, survey: Survey) -> Landscape:
    listing = _listing(survey)
    contents: dict[str, bytes | None] = {}
    for _ in range(_ROUNDS):
        landscape, missing = await asyncio.to_thread(draw, listing, contents)
        if not missing:
            break
        contents |= await checkouts.read(checkout, survey, sorted(missing))
    else:
        landscape, _ = await asyncio.to_thread(draw, listing, contents)
    return landscape


def _listing(survey: Survey) -> Landscape:
    return Landscape(
        commit=survey.commit,
        files=survey.files,
        links=survey.links,
        modules=survey.modules,
        changes=tuple(
            Change(commit.sha, commit.date, commit.subject, commit.files, commit.file_count)
            for commit in survey.past
        ),
        notes=survey.notes,
    )


def _fields(bead: Bead) -> list[tuple[str, str]]:
    labels = f", labels {', '.join(bead.labels)}" if bead.labels else ""
    return [
        ("title", bead.title),
        ("type and priority", f"{bead.type}, priority {bead.priority} (0 is the most urgent){labels}"),
        ("description", bead.description),
        ("acceptance criteria", bead.acceptance),
        ("design", bead.design),
        ("notes", bead.notes),
    ]


def _comment(comment: Comment) -> str:
    return f"{comment.author}, {comment.created_at[:10]}: {comment.text}"


async def _relatives(desk: Desk, bead: Bead, beads: Sequence[Bead]) -> list[Relative]:
    """Give the parents up to the top, what the bead depends on, and what else it is connected with."""
    known = {each.id: each for each in beads}
    found: dict[str, Relative] = {}
    asked = 0
    for other, relation in _connections(bead, known):
        there = known.get(other)
        if there is None:
            found[other] = Relative(other, relation, title="")
            continue
        if there.comment_count > len(there.comments) and asked < _ASKED_FOR_COMMENTS:
            asked += 1
            there = await with_comments(desk.tracker, there)
        found[other] = Relative(
            other, relation, there.title, there.status, there.description, _delivered(there, desk.runs(other))
        )
    return list(found.values())


def _connections(bead: Bead, known: Mapping[str, Bead]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    at: Bead | None = bead
    while at is not None:
        above = [edge.on for edge in at.edges if edge.kind == "parent-child" and edge.on not in found]
        found.update(dict.fromkeys(above, "parent"))
        at = known.get(above[0]) if above else None
    for edge in bead.edges:
        found.setdefault(edge.on, _RELATIONS.get(edge.kind, edge.kind))
    found.pop(bead.id, None)
    return list(found.items())


def _delivered(bead: Bead, runs: Sequence[Execution]) -> list[str]:
    said = [f"closed: {bead.close_reason}"] if bead.close_reason else []
    done = next((run for run in runs if run.state is State.COMPLETED), None)
    if done is not None:
        said.append(f"on branch {done.branch}, up to {done.head[:10]}: {done.summary}")
    if bead.comments:
        said.append(f"last comment, by {_comment(bead.comments[-1])}")
    return said


def _attempt(run: Execution) -> Attempt:
    when = datetime.datetime.fromtimestamp(run.queued_at, datetime.UTC)
    return Attempt(when.strftime("%Y-%m-%d %H:%M UTC"), run.state, run.reason or "", run.summary)


def _standing(checkout: Checkout) -> str:
    if checkout.continued:
        return f"{checkout.branch} has work on it already, up to {checkout.base[:10]}."
    return f"{checkout.branch} starts from {checkout.base_ref} ({checkout.base[:10]})."
