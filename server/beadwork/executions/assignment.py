"""What a job is handed: its execution, and means to say where it stands and to hear what people say to it.

What it leaves out: claiming it before, and ending it after (`worker.py`).
"""

from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

import attrs

from beadwork.executions.asking import Ask, Message
from beadwork.executions.events import EventKind
from beadwork.executions.log import EventLog
from beadwork.executions.model import Execution, Intent, Order, Phase, State
from beadwork.executions.silence import Signs
from beadwork.executions.store import Store
from beadwork.executions.watch import Watch
from beadwork.settings import SECRET
from beadwork.storage import StoreError

T = TypeVar("T")

KEPT_IN_LOG = {
    "session": "session",
    "branch": "branch",
    "base": "base",
    "agent_label": "agentLabel",
    "runner_label": "runnerLabel",
}
"""What is noted of a run that its log holds as well, by the name it has there: a store that was lost is made
anew from logs, and a run that rests could not go on without them."""


class Assignment:
    """One stretch of an execution: from its claim to its end, or until it rests."""

    def __init__(
        self, store: Store, run: Execution, log: EventLog, watch: Watch, *, resumed: bool = False
    ) -> None:
        self.store = store
        self.run = run
        """The execution as last written."""
        self.log = log
        self.resumed = resumed
        """Whether it goes on after a rest, in the log it had before."""
        self._watch = watch

    def begin(self) -> None:
        """Write into the log which run this is, and that it begins. Raises StoreError, LogError."""
        run = self.run
        self.log.write(
            EventKind.RUN,
            text=f"Run {run.id[:8]} of {run.order.bead}: {run.order.title}",
            run=run.id,
            order=attrs.asdict(_without_secrets(run.order)),
            queuedAt=run.queued_at,
            startedAt=run.started_at,
            attempt=run.attempt,
            retryOf=run.retry_of,
            resumed=run.resumed,
            worker=attrs.asdict(run.worker) if run.worker else None,
        )
        self.enter(Phase.PREPARING)

    def enter(self, phase: Phase, text: str = "") -> None:
        """Say that a phase begins: in the store, and as an event. Raises StoreError, LogError."""
        self.note(phase=phase)
        said = {"text": text} if text else {}
        self.log.write(EventKind.STATE, state=State.RUNNING.value, phase=phase.value, **said)

    def note(self, **fields: object) -> None:
        """Write what is known by now: session, branch, cost … Raises StoreError, LogError."""
        self.run = self._watch.mending(lambda: self.store.note(self.run.id, **fields))
        kept = {KEPT_IN_LOG[name]: value for name, value in fields.items() if name in KEPT_IN_LOG}
        if kept:
            words = ", ".join(f"{name} {value}" for name, value in kept.items() if value)
            self.log.write(EventKind.RUN, text=words, run=self.run.id, **kept)

    def give(self, **results: object) -> None:
        """Add to what the run gives beside its summary, in types of JSON. Raises StoreError, LogError."""
        self.note(results={**self.run.results, **results})
        words = f"results: {', '.join(results)}"
        self.log.write(EventKind.RUN, text=words, run=self.run.id, results=results)

    def begin_ask(self, ask: Ask) -> None:
        """Say that the agent waits for a person; until `end_ask` neither wall clock nor silence count.

        Raises StoreError, LogError; IllegalTransition when it waits for an answer already.
        """
        self.note(used=self.used)
        self.run = self._watch.mending(lambda: self.store.begin_ask(self.run.id, ask))
        self._watch.hold()
        self._say_state(ask.text)

    def end_ask(self) -> None:
        """Say that the agent waits no more; nothing to do when it does not. Raises StoreError, LogError."""
        self._watch.go_on()
        before = self.run.state
        self.run = self._watch.mending(lambda: self.store.end_ask(self.run.id))
        if self.run.state is not before:
            self._say_state()

    async def messages(self) -> AsyncIterator[Message]:
        """Give what people say to this run, one by one, first what waits already; never ends by itself.

        Each is taken when it is given. A store that cannot be read is said in the log, and tried again.
        """
        while True:
            try:
                message = self._watch.mending(lambda: self.store.inbox.take_first(self.run.id))
            except StoreError as error:
                self._watch.say(str(error))
                message = None
            if message is None:
                await self._watch.until_mail()
            else:
                yield message

    def heed(self, signs: Signs | None) -> None:
        """Watch the silence of an agent from now on, by its signs; with None, nobody's."""
        self._watch.heed(signs)

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` and give its result; raise Stopped when the run is to end before it is done.

        `work` is then cancelled, and its own cleaning up awaited. Once the run is to end, no further work is
        begun here: what a job does to clean up, it does outside.
        """
        return await self._watch.unless_stopped(work)

    @property
    def stopped(self) -> Intent | None:
        """What the run is being ended for, as far as this worker has heard; None also for a bare signal."""
        return self._watch.intent

    @property
    def used(self) -> float:
        """Seconds of its wall clock that the run has used, those before earlier rests included."""
        return self._watch.used

    def _say_state(self, text: str = "") -> None:
        phase = self.run.phase.value if self.run.phase else None
        said = {"text": text} if text else {}
        self.log.write(EventKind.STATE, state=self.run.state.value, phase=phase, **said)


def _without_secrets(order: Order) -> Order:
    """Give `order` as others may read it: logs are shown, exported and sent around."""
    return attrs.evolve(order, settings={name: v for name, v in order.settings.items() if name not in SECRET})
