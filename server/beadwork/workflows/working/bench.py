"""What a worker has at hand for one run of work, and how far that run has come.

What it leaves out: the steps that use them (`work.py` and its neighbours).
"""

from collections.abc import Callable, Sequence
from enum import Enum

import attrs

from beadwork.agents import Agent, Denied, Outcome, Spent
from beadwork.beads import Bead, Tracker
from beadwork.checkouts import Checkout, Checkouts
from beadwork.errors import BeadworkError
from beadwork.executions import Ask, Execution, Message
from beadwork.gates import GateReport
from beadwork.settings import Settings
from beadwork.state_folder import StateFolder
from beadwork.workflows.working.telling_agent import Desk
from beadwork.workflows.working.verdict import Halt


@attrs.frozen
class Bench:
    """What a worker has at hand for one run."""

    settings: Settings
    state: StateFolder
    tracker: Tracker
    checkouts: Checkouts
    agent: Agent
    actor: str
    """Who claims the bead and signs comments."""
    desk: Desk
    """What it takes to tell the agent what to do."""
    open_findings: Callable[[str, Sequence[Bead]], Sequence[str]] = lambda _bead, _beads: ()
    """Gives the findings of earlier reviews of a bead that still count, each as a line; of all beads."""
    findings_of: Callable[[Sequence[str]], Sequence[str]] = lambda _names: ()
    """Gives findings by their ids with all that was said of them. Raises FindingNotFound."""
    announce: Callable[[Execution], None] = lambda _run: None
    """Tells people away from the editor how it stands with the run; returns at once, and never fails."""


class Claim(Enum):
    """What the run has to do with its bead."""

    NONE = "none"
    """It never came to claim it."""
    UNSURE = "unsure"
    """The tracker was asked to, and nobody knows what it did."""
    TAKEN = "taken"
    """It is claimed for this run, and given back when nothing comes of it."""
    KEPT = "kept"
    """It was this person's before, and stays so."""


@attrs.define
class Course:
    """How far a run has come: what its later steps, and a stop at any moment, need to know."""

    before: Spent
    """What the run had cost before the agent's present turn; nothing for one that begins."""
    claim: Claim = Claim.NONE
    overtaken: bool = False
    """Whether the bead was closed, deleted or taken before the work could begin."""
    checkout: Checkout | None = None
    outcome: Outcome | None = None
    denied: list[Denied] = attrs.field(factory=list)
    ask: Ask | None = None
    """What the agent waited for when it was ended."""
    gates: GateReport | None = None
    """What became of the gates the last time that they ran, on whichever commit that was."""
    words: str = ""
    """What the agent was to be told, as long as it has not started; without a session, beside the prompt."""
    undelivered: list[Message] = attrs.field(factory=list)
    """What people said and the agent did not get to hear."""
    error: BeadworkError | OSError | None = None
    halt: Halt | None = None
