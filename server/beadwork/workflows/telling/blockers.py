"""What blocks an agent as a bead of its own: the blocked bead depends on it, and is ready when it closes.

The same blocker met again is the same bead: it gets a comment, and is opened again if somebody closed it.
What it leaves out: telling the blocked bead (`report.py`).
"""

import contextlib
import difflib
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import attrs

from beadwork.beads import (
    Bead,
    Draft,
    Edge,
    Tracker,
    TrackerError,
    TrackerLocked,
    TrackerMissing,
    TrackerTimeout,
)
from beadwork.executions import StoreError
from beadwork.state_folder import StateFolder
from beadwork.workflows.locking import alone

LABEL = "agent-blocker"
"""The label of beads that stand for what blocked an agent."""
_LONGEST_TITLE = 120
_NEARLY = 0.9
"""From which likeness on two titles mean the same."""
_WAIT = 60.0
"""Seconds to wait for another process that looks for, or makes, a blocker in the same project."""
TRACKER_IS_AWAY = (TrackerLocked, TrackerTimeout, TrackerMissing)
"""Errors after which a blocker can be made later."""


@attrs.frozen
class Blocked:
    """A run that was blocked."""

    bead: str
    run: str
    reason: str
    """What stands in the way, in the agent's words."""
    agent: str


async def depend_on_blocker(
    tracker: Tracker, blocked: Blocked, actor: str, state: StateFolder, project: Path
) -> str:
    """Make the bead depend on its blocker, which is found or made; give the blocker's id.

    Safe to be done again for the same run. Empty when the bead itself is that blocker. Raises TrackerError.
    """
    async with _alone(state, project):
        beads = (await tracker.list()).beads
        known = _known(beads, blocked.reason)
        if known is None:
            (made,) = await tracker.create([_draft(blocked)])
            await tracker.depend(blocked.bead, made)
            return made
        if known.id == blocked.bead:
            return ""
        await _met_again(tracker, known, blocked, actor)
        await tracker.depend(blocked.bead, known.id)
        return known.id


def reference_of(reason: str) -> str:
    """Give the reference that beads for the same blocker share."""
    return f"blocker:{hashlib.sha256(_plain(reason).encode('utf-8', 'replace')).hexdigest()[:16]}"


def title_of(reason: str) -> str:
    """Give the first sentence of what blocks, as a title."""
    line = next((line.strip() for line in reason.splitlines() if line.strip()), "An agent was blocked")
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0].rstrip(".")
    if len(sentence) <= _LONGEST_TITLE:
        return sentence
    return sentence[: _LONGEST_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _known(beads: Sequence[Bead], reason: str) -> Bead | None:
    reference, title = reference_of(reason), _plain(title_of(reason))
    same = [bead for bead in beads if bead.external_ref == reference]
    if same:
        return min(same, key=lambda bead: bead.closed)
    ours = (bead for bead in beads if LABEL in bead.labels and not bead.closed)
    return next((bead for bead in ours if _alike(_plain(bead.title), title)), None)


async def _met_again(tracker: Tracker, known: Bead, blocked: Blocked, actor: str) -> None:
    if known.closed:
        await tracker.reopen(known.id)
    told = await tracker.comments(known.id)
    if f"run {blocked.run[:8]}" in known.description or any(blocked.run[:8] in each.text for each in told):
        return
    await tracker.comment(known.id, f"It blocked work on {blocked.bead} too. {_account(blocked)}", actor)


def _draft(blocked: Blocked) -> Draft:
    return Draft(
        title=title_of(blocked.reason),
        description=f"It blocks work on {blocked.bead}. {_account(blocked)}",
        type="bug",
        priority=1,
        labels=(LABEL,),
        edges=(Edge(blocked.bead, "discovered-from"),),
        external_ref=reference_of(blocked.reason),
    )


def _account(blocked: Blocked) -> str:
    return f"{blocked.agent or 'An agent'} said in run {blocked.run[:8]}:\n\n{blocked.reason.strip()}"


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= _NEARLY


def _plain(text: str) -> str:
    """Give `text` without what differs between two ways to write the same."""
    return " ".join(re.findall(r"\w+", text.casefold()))


@contextlib.asynccontextmanager
async def _alone(state: StateFolder, project: Path) -> AsyncIterator[None]:
    """Be the only one who looks for blockers in a project; what is in the way is a tracker's error."""
    name = f"blockers-{state.project(project)}"
    try:
        async with alone(state, name, _WAIT) as ours:
            if not ours:
                raise TrackerLocked("Another process is busy with the blockers of this project.")
            yield
    except StoreError as error:
        raise TrackerError(f"The lock {state.locks / name}.lock cannot be made: {error.message}") from error
