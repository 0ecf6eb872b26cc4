"""The Agent port: starts a coding agent in a box, and says what it does and how it ended.

It knows no agent's own words. Cancelled and timed out are never an agent's to say: who ends a run knows.
Implementations beside it: `claude.py` (Claude Code), `scripted.py` (the demo and fault agent).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import attrs

from beadwork.errors import BeadworkError
from beadwork.runners import Box, Ending, Probe, Runner


class AgentError(BeadworkError):
    """An agent cannot be found or started."""

    code = "agent"


class AgentName(StrEnum):
    """The agents that a person can choose."""

    CLAUDE = "claude"
    SCRIPTED = "scripted"


@attrs.frozen
class Said:
    """A piece of the agent's text, as it arrives."""

    text: str
    thinking: bool = False


@attrs.frozen
class ToolCalled:
    """The agent started a tool."""

    call: str
    """The id that its result will carry."""
    tool: str
    """The agent's own name of the tool, such as `Bash`."""
    title: str
    """One line for a person: the command, the file, the pattern."""
    data: dict[str, object]
    """The tool's input as the agent gave it."""
    limit: float | None = None
    """Seconds after which the agent itself ends the tool; None where that is not known."""


@attrs.frozen
class ToolReturned:
    """A tool ended."""

    call: str
    ok: bool
    text: str
    """What the agent was given back, whole."""


@attrs.frozen
class Denied:
    """A tool call that was refused; a run that met one may be done in words only."""

    tool: str
    title: str
    reason: str


@attrs.frozen
class Spent:
    """Cost and tokens so far; each event replaces the one before."""

    usd: float | None
    input_tokens: int
    output_tokens: int


@attrs.frozen
class Remark:
    """Something for the log that is none of the other events: a retry, a broken line, an unknown event."""

    text: str
    problem: bool = False


@attrs.frozen
class AskedChoice:
    """One of the answers that an agent offers."""

    label: str
    description: str = ""


@attrs.frozen
class AskedQuestion:
    """One thing that an agent wants to know."""

    text: str
    choices: tuple[AskedChoice, ...] = ()
    several: bool = False
    """Whether several of the choices may be given."""


@attrs.frozen
class Asked:
    """The agent waits in its turn for a person: see `AgentRun.answer` and, for `permission`, `permit`."""

    request: str
    """The id to answer by."""
    questions: tuple[AskedQuestion, ...]
    """At least one; for a permission exactly one, without choices: those are not the agent's to name."""
    permission: bool = False
    """Whether it wants leave to call a tool."""
    tool: str = ""
    """With `permission`: the tool."""
    title: str = ""
    """With `permission`: the call as one line, as in `ToolCalled`."""


@attrs.frozen
class Withdrawn:
    """The agent waits for an answer no more."""

    request: str


AgentEvent = Said | ToolCalled | ToolReturned | Denied | Spent | Remark | Asked | Withdrawn


class OutcomeKind(StrEnum):
    """What the agent says of its own work. Evidence decides whether it is true."""

    DONE = "done"
    BLOCKED = "blocked"
    NEEDS_INPUT = "needs_input"
    FAILED = "failed"
    REFUSED = "refused"


@attrs.frozen
class Outcome:
    """The one final word of a run of an agent."""

    kind: OutcomeKind
    summary: str
    """What was done, or what went wrong, in the agent's words or ours; never empty."""
    blocker: str = ""
    """With BLOCKED: what stands in the way."""
    question: str = ""
    """With NEEDS_INPUT: what the agent wants to know."""
    session: str = ""
    """What `AgentTask.resume` takes to go on; empty when the agent keeps nothing."""
    passing: bool = False
    """With FAILED: whether the cause usually passes by itself: the model's API overloaded or out of reach."""
    over_budget: bool = False
    """With FAILED: whether it reached the cost that it was allowed."""
    typed: bool = False
    """Whether it came through the agent's schema, not from reading its text."""
    answer: object = None
    """With `AgentTask.schema`: what the agent filled in, as JSON gives it; None without that."""
    text: str = ""
    """With `AgentTask.schema`: its last words as it wrote them, whatever they are."""


@attrs.frozen
class AgentTask:
    """What an agent is asked to do."""

    prompt: str
    session: str
    """A uuid chosen beforehand, so that a run that crashed can be resumed."""
    resume: str = ""
    """The session to go on with, if any."""
    model: str = ""
    """The model to use; empty for the agent's own default."""
    budget_usd: float = 0.0
    """What the run may cost; 0 for any. An agent that knows no cost lets it be."""
    schema: Mapping[str, object] | None = None
    """A JSON schema for the result, instead of the usual one that asks for a status; then an agent that
    comes to its end is DONE, and `Outcome.answer` and `text` have what it said."""
    read_only: bool = False
    """Whether it is only to read: an agent that knows tools for writing goes without them."""


@attrs.frozen
class Capabilities:
    """What an agent can do here; unknown is false."""

    resume: bool = False
    schema: bool = False
    cost: bool = False
    chosen_session: bool = False
    tell: bool = False
    ask: bool = False
    """Whether it can wait in its turn for an answer."""
    budget: bool = False


class AgentRun(Protocol):
    """One agent at work."""

    def events(self) -> AsyncIterator[AgentEvent]:
        """Give what happens, in order, until the agent's output ends. To be iterated once.

        Ends also when the process has gone, or has been ended, or hangs with its result given: the caller
        decides by `concluded` and its own limits, and calls `end`.
        """
        ...

    @property
    def concluded(self) -> bool:
        """Whether the agent has given its result (its process may hang on after it)."""
        ...

    @property
    def heard_at(self) -> float:
        """When the last byte of it came, in seconds of the loop's clock; at first, when it was started."""
        ...

    async def answer(self, request: str, texts: Sequence[str]) -> None:
        """Answer the questions of an `Asked`, a text for each. Raises AgentError where none waits."""
        ...

    async def permit(self, request: str, *, allow: bool, message: str = "") -> None:
        """Allow or refuse what an `Asked` wants leave for; `message` tells the agent why not.

        Raises AgentError where nobody waits for it.
        """
        ...

    async def tell(self, text: str) -> None:
        """Hand the running agent a message; raises AgentError where it takes none."""
        ...

    async def end(self, *, grace: float) -> Ending:
        """End the agent and all it has started, see BoxedProcess.end; always called, also at a good end."""
        ...

    async def outcome(self) -> Outcome:
        """Give the final word, once `events` has ended. A process that ended without a result has FAILED."""
        ...


class Agent(Protocol):
    """A coding agent."""

    @property
    def name(self) -> AgentName:
        """Its name in settings and on every run."""
        ...

    @property
    def label(self) -> str:
        """What a person is told, such as `Claude Code 2.1.197` or `scripted agent (no model)`."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def readable(self) -> tuple[Path, ...]:
        """Give the paths that its box must be able to read: its program, wherever it is installed."""
        ...

    async def probe(self) -> Probe:
        """Find out whether it can be started here; never raises."""
        ...

    def check(self) -> None:
        """Raise AgentError when it can be seen at once, without starting anything, that it cannot start."""
        ...

    def resumable(self, session: str, home: Path) -> bool:
        """Whether `session` was kept in the private home `home`, so that it can be gone on with."""
        ...

    async def start(self, task: AgentTask, runner: Runner, box: Box) -> AgentRun:
        """Start it. Raises AgentError when it is missing, RunnerError when its box cannot be made."""
        ...
