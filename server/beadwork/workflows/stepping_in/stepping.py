"""How a person steps in: answers an agent, tells it something, pauses, resumes, cancels, tries again.

What it leaves out: what the worker does with it, and starting what is queued (`queueing/starting.py`).
"""

import asyncio
import contextlib
from collections.abc import Sequence

import attrs

from beadwork.executions import (
    FINAL,
    Execution,
    IllegalTransition,
    Intent,
    LogError,
    Message,
    MessageKind,
    Phase,
    State,
    Verb,
    close_log_of,
    nudge_worker,
    recover,
)
from beadwork.workflows.house import House
from beadwork.workflows.people.notifying import tell_people_of_the_lost
from beadwork.workflows.queueing.ordering import bead_of, place, refusal
from beadwork.workflows.queueing.stopping import Stopping
from beadwork.workflows.reviews import order_review_again
from beadwork.workflows.saying_again import command_of
from beadwork.workflows.stepping_in.answers import fitted
from beadwork.workflows.views import RefusalCode, Refused
from beadwork.workflows.working.claiming import is_own
from beadwork.workflows.workspace import Workspaces

_LOOKS = 4
"""How often a run that changes while it is spoken to is looked at again."""
_OVERRULED_BY_WORDS = frozenset({RefusalCode.BLOCKED, RefusalCode.NOT_OPEN})
"""What does not keep a person from telling an agent something; what it says may be about just that."""


async def cancel(house: House, stopping: Stopping, run: str) -> Execution | Refused:
    """Say that a run is to end for good, and make it end. Raises ExecutionNotFound."""
    found = house.store.find(run)
    if found.state in FINAL:
        return _not_running(found)
    after = house.store.intend(found.id, Intent.CANCEL)
    if after.intent is Intent.PAUSE:
        return _being_ended(after, "paused")
    if after.live:
        await stopping.stop(after)
    elif after.log:  # it rested: its log says so, and is to say this
        with contextlib.suppress(LogError):  # the run is cancelled all the same
            await asyncio.to_thread(close_log_of, after)
    return after


async def pause(house: House, stopping: Stopping, run: str) -> Execution | Refused:
    """Say that a run is to rest, and make it; its agent's session is kept. Raises ExecutionNotFound."""
    found = house.store.find(run)
    if not found.active:
        return _not_running(found)
    if refused := _without_agent(found, "cannot be paused"):
        return refused
    after = house.store.intend(found.id, Intent.PAUSE)
    if after.state is State.PAUSED:
        return after
    if not after.live:
        return _not_running(after)
    if after.intent is not Intent.PAUSE:
        return _being_ended(after, "cancelled" if after.intent is Intent.CANCEL else "ended")
    await stopping.stop(after)
    return after


def resume(house: House, run: str) -> Execution | Refused:
    """Queue a paused run again, before all others. Raises ExecutionNotFound."""
    found = house.store.find(run)
    if found.state is State.PAUSED:
        try:
            return house.store.requeue(found.id)
        except IllegalTransition:  # somebody else did, or cancelled it, since we looked
            found = house.store.get(found.id)
    if refused := _without_agent(found, "does not rest"):
        return refused
    words = f"{_name(found)} is {_words(found)}, not paused."
    if found.state is State.NEEDS_INPUT:
        words += " Answer it, or tell it something, and it goes on."
    return Refused(RefusalCode.NOT_PAUSED, words)


async def answer(house: House, run: str, texts: Sequence[str], ask: str = "") -> Execution | Refused:
    """Answer what the agent of a run asks; with `ask`, only if it is that. Raises ExecutionNotFound."""
    found = house.store.find(run)
    if found.state is not State.NEEDS_INPUT or found.ask is None:
        words = f"{_name(found)} is {_words(found)}: its agent waits for no answer."
        return Refused(RefusalCode.NOT_ASKING, words)
    if ask and ask != found.ask.id:
        words = f"{_name(found)} waits for no answer to that any more, but asks something else by now."
        return Refused(RefusalCode.NOT_ASKING, words)
    fitting = fitted(found.ask, texts)
    if isinstance(fitting, Refused):
        return fitting
    house.store.inbox.send(found.id, Message(MessageKind.ANSWER, fitting, ask=found.ask.id))
    now = await _awaken(house, found.id)
    if now.active:
        return now
    return Refused(RefusalCode.NOT_ASKING, f"{_name(now)} is {_words(now)} by now: it heard no answer.")


async def tell(house: House, workspaces: Workspaces, run: str, text: str) -> Execution | Refused:
    """Tell the agent of a run something, in its turn or by going on with its session.

    Raises ExecutionNotFound, and BeadworkError as `retry` does.
    """
    found = house.store.find(run)
    if not text.strip():
        return Refused(RefusalCode.NO_CHOICE, "There is nothing to tell the agent: say something.")
    if refused := _without_agent(found, "hears nothing") or _deaf(found):
        return refused
    if found.state not in FINAL:
        house.store.inbox.send(found.id, Message(MessageKind.TELL, (text,)))
        found = await _awaken(house, found.id)
    if found.state not in FINAL:
        return found
    if refused := _retried(found):
        return refused
    if not found.session:
        words = (
            f"{_name(found)} is {found.state}, and its agent kept no session: retry it, or work on the bead."
        )
        return Refused(RefusalCode.NO_SESSION, words)
    return await _again(house, workspaces, found, message=text, overruled=_OVERRULED_BY_WORDS)


async def retry(
    house: House, workspaces: Workspaces, run: str, *, force: bool = False
) -> Execution | Refused:
    """Queue the next attempt of a run that came to nothing, going on with its session where there is one.

    Raises ExecutionNotFound; and TrackerError, CheckoutError, AgentError when it can be seen at once that it
    cannot work.
    """
    found = house.store.find(run)
    if found.state not in FINAL or found.state is State.COMPLETED:
        return Refused(
            RefusalCode.NOT_ENDED, f"{_name(found)} is {_words(found)}: there is nothing to retry."
        )
    if refused := _without_agent(found, "is not tried again") or _retried(found):
        return refused
    return await _again(house, workspaces, found, force=force)


async def _again(
    house: House,
    workspaces: Workspaces,
    before: Execution,
    *,
    message: str = "",
    force: bool = False,
    overruled: frozenset[RefusalCode] = frozenset(),
) -> Execution | Refused:
    if before.order.verb is Verb.REVIEW:
        placed = await order_review_again(house, workspaces, before, message)
        return placed if not isinstance(placed, Refused) else _retried(house.store.get(before.id)) or placed
    project = before.order.workspace
    snapshot = await workspaces.of(project).snapshot()
    bead = bead_of(snapshot, before.order.bead)
    actor = await house.actor(project)
    refused = refusal(bead, snapshot, actor, force=force)
    if refused is not None and refused.code not in overruled:
        return refused
    await house.checkouts.check(project, bead.id, base=house.settings_for(project).settings.base)
    # A claim that earlier attempts made and kept is no claim of the person's own.
    found = before.order if is_own(bead, actor) else bead
    order = attrs.evolve(
        before.order,
        title=bead.title,
        force=force or refused is not None,
        forced_over=snapshot.index.blockers(bead.id),
        with_changes=False,
        status=found.status,
        assignee=found.assignee,
        priority=bead.priority,
        resume=before.session,
        message=message,
        walk="",
    )
    house.check(order)
    placed = place(house, order, retry_of=before.id)
    if isinstance(placed, Refused):
        return _retried(house.store.get(before.id)) or placed
    return placed


async def _awaken(house: House, run: str) -> Execution:
    """See that the run hears what waits in its inbox: a live one is nudged, a resting one goes on.

    It may rest or end meanwhile, or have lost its worker: what is not as it was is looked at again.
    """
    for _ in range(_LOOKS):
        now = house.store.get(run)
        if now.state in FINAL or now.state is State.QUEUED:
            return now
        if not now.live:
            with contextlib.suppress(IllegalTransition):  # somebody else was faster
                return house.store.requeue(run)
        elif not nudge_worker(now):
            await recover(house.store, house.state)
            tell_people_of_the_lost(house)
        elif (after := house.store.get(run)).live:
            return after
    return house.store.get(run)


def _deaf(run: Execution) -> Refused | None:
    """Say why the agent of a live run hears nothing any more, if so."""
    if not run.live:
        return None
    if run.intent in {Intent.CANCEL, Intent.TIMEOUT, Intent.SILENCE}:
        return Refused(RefusalCode.NOT_RUNNING, f"{_name(run)} is being ended. Tell it when it has ended.")
    if run.phase in {None, Phase.PREPARING, Phase.AGENT}:
        return None
    words = f"The agent of run {run.id[:8]} has given its last word. Tell it when the run has ended."
    return Refused(RefusalCode.NOT_RUNNING, words)


def _without_agent(run: Execution, what: str) -> Refused | None:
    """Say that a run has no agent to go on with, if so, and what to do in place of that."""
    if run.order.verb.by_agent:
        return None
    first = "" if run.state in FINAL else f"cancel it with `beadwork cancel {run.id[:8]}`, and "
    words = (
        f"{_name(run)} is done without an agent, so it {what}: {first}say `{command_of(run.order)}` again."
    )
    return Refused(RefusalCode.NO_AGENT, words)


def _retried(run: Execution) -> Refused | None:
    if not run.retried_by:
        return None
    words = f"{_name(run)} was tried again: run {run.retried_by[:8]} is the one to speak to."
    return Refused(RefusalCode.RETRIED, words)


def _not_running(run: Execution) -> Refused:
    return Refused(RefusalCode.NOT_RUNNING, f"{_name(run)} is {_words(run)}.")


def _being_ended(run: Execution, how: str) -> Refused:
    return Refused(RefusalCode.NOT_RUNNING, f"{_name(run)} is being {how}. Look at it again when it is.")


def _name(run: Execution) -> str:
    return f"Run {run.id[:8]} of {run.order.bead}"


def _words(run: Execution) -> str:
    return "waiting for an answer" if run.state is State.NEEDS_INPUT else run.state.value
