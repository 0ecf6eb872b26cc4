"""The agent at work: what it says and does, what it asks, and what people say to it meanwhile.

One task reads the agent, one listens to people. The agent is asked about one thing at a time; who does not
answer in time is not waited for: the agent is ended then, and its question stays. What it leaves out:
starting the agent and ending it (`work.py`), and what stands answered already (`permissions.py`).
"""

import asyncio
from collections import deque

import attrs

from beadwork.agents import (
    AgentError,
    AgentEvent,
    AgentRun,
    Asked,
    Denied,
    Spent,
    ToolCalled,
    ToolReturned,
    Withdrawn,
)
from beadwork.executions import (
    Ask,
    AskKind,
    Assignment,
    Choice,
    EventKind,
    EventLog,
    Message,
    MessageKind,
    Permit,
    Question,
    Signs,
)
from beadwork.settings import SettingsError
from beadwork.workflows.working.bench import Bench, Course
from beadwork.workflows.working.journal import (
    log_agent_event,
    log_answer,
    log_error,
    log_message,
    log_question,
    log_undelivered,
)
from beadwork.workflows.working.permissions import Leave, allows, permit_of


class Conversation:
    """What goes on between one agent and people, from its start to its end."""

    def __init__(
        self, run: AgentRun, assignment: Assignment, course: Course, leave: Leave, bench: Bench
    ) -> None:
        """Take over what happens with `run`; what is learnt of it goes into `course`."""
        self._run = run
        self._assignment = assignment
        self._log: EventLog = assignment.log
        self._course = course
        self._leave = leave
        self._settings = bench.settings
        self._announce = bench.announce
        self._asks: deque[Ask] = deque()
        self._turn = asyncio.Lock()
        """Held by who changes what is asked: the agent and people may both at once."""
        self._tools: dict[str, float] = {}
        self._patience = asyncio.timeout(None)

    async def hold(self) -> None:
        """Go on until the agent's output ends, it hangs with its result given, or an answer stays out.

        What the agent waits for then is in `course.ask`. Raises StoreError, LogError.
        """
        now = asyncio.get_running_loop().time
        begun = now()
        signs = Signs(lambda: max(begun, self._run.heard_at), self._silence, self._settings.silence_warning)
        self._assignment.heed(signs)
        try:
            async with self._patience, asyncio.TaskGroup() as group:
                people = group.create_task(self._hear_people())
                await self._hear_agent()
                people.cancel()
        except TimeoutError:
            if not self._patience.expired():
                raise
            self._note("Nobody answered in time: the agent is ended, and goes on when there is an answer.")
        except ExceptionGroup as several:
            raise several.exceptions[0] from several
        finally:
            self._assignment.heed(None)
            self._course.ask = self._asks[0] if self._asks and not self._run.concluded else None
            # From now on an answer is no longer taken here: who gives one has to see that.
            self._assignment.end_ask()

    def _silence(self) -> float:
        """Give how long the agent may be silent now: a tool that it waits for has a limit of its own."""
        return self._settings.silence_limit + max(self._tools.values(), default=0.0)

    async def _hear_agent(self) -> None:
        loop = asyncio.get_running_loop()
        grace = self._settings.result_grace
        limit = asyncio.timeout(None)
        try:
            async with limit:
                async for event in self._run.events():
                    await self._take_in(event)
                    if self._run.concluded and limit.when() is None:
                        limit.reschedule(loop.time() + grace)
        except TimeoutError:
            if not limit.expired():
                raise
            self._note(f"The agent's process went on for {grace:g} s after its result, so it was ended.")

    async def _take_in(self, event: AgentEvent) -> None:
        match event:
            case Asked():
                await self._asked(event)
                return
            case Withdrawn(request):
                await self._withdrawn(request)
                return
            case Spent():
                event = self._in_all(event)
            case Denied():
                self._course.denied.append(event)
            case ToolCalled(call=call, limit=limit):
                self._tools[call] = self._settings.tool_limit if limit is None else limit
            case ToolReturned(call=call):
                self._tools.pop(call, None)
            case _:
                pass
        log_agent_event(self._log, event)

    def _in_all(self, spent: Spent) -> Spent:
        """Add what earlier stretches of the run had cost, and write it down."""
        before = self._course.before
        usd = before.usd if spent.usd is None else spent.usd + (before.usd or 0.0)
        whole = Spent(
            usd, spent.input_tokens + before.input_tokens, spent.output_tokens + before.output_tokens
        )
        self._assignment.note(
            cost_usd=whole.usd, input_tokens=whole.input_tokens, output_tokens=whole.output_tokens
        )
        return whole

    async def _asked(self, asked: Asked) -> None:
        async with self._turn:
            self._asks.append(ask_of_agent(asked, self._log))
            if len(self._asks) == 1:
                await self._ask_next()

    async def _ask_next(self) -> None:
        """Put the first of what is asked to a person, unless its answer stands."""
        while self._asks and await self._settled(self._asks[0]):
            self._asks.popleft()
        if not self._asks:
            return
        ask = self._asks[0]
        self._assignment.begin_ask(ask)
        log_question(self._log, ask)
        self._announce(self._assignment.run)
        self._be_patient(self._settings.answer_patience)

    async def _settled(self, ask: Ask) -> bool:
        if ask.kind is not AskKind.PERMISSION:
            return False
        try:
            standing = self._leave.standing(ask)
        except SettingsError as error:
            log_error(self._log, error)
            return False
        if standing is None:
            return False
        log_question(self._log, ask)
        words = "Allowed" if standing else "Never allowed"
        try:
            await self._run.permit(ask.id, allow=standing, message="" if standing else _NEVER)
        except AgentError as error:
            log_error(self._log, error)
        else:
            log_answer(self._log, ask, words, by="standing")
        return True

    async def _withdrawn(self, request: str) -> None:
        async with self._turn:
            known = next((ask for ask in self._asks if ask.id == request), None)
            if known is not None:
                self._note("The agent no longer waits for an answer to what it asked.")
                await self._put_away(known)

    async def _put_away(self, ask: Ask) -> None:
        """Let go of what was asked, and go on with what else is."""
        open_one = self._asks[0] is ask
        self._asks.remove(ask)
        if open_one:
            self._be_patient(None)
            self._assignment.end_ask()
            await self._ask_next()

    def _be_patient(self, seconds: float | None) -> None:
        if not self._patience.expired():
            now = asyncio.get_running_loop().time()
            self._patience.reschedule(None if seconds is None else now + seconds)

    async def _hear_people(self) -> None:
        async for message in self._assignment.messages():
            try:
                await self._deliver(message)
            except AgentError as error:
                self._course.undelivered.append(message)
                log_undelivered(self._log, message, error.message)
            except asyncio.CancelledError:
                self._course.undelivered.append(message)
                raise

    async def _deliver(self, message: Message) -> None:
        match message.kind:
            case MessageKind.TELL:
                text = "\n".join(message.texts)
                await self._run.tell(text)
                log_message(self._log, text)
            case MessageKind.ANSWER:
                await self._answered(message)

    async def _answered(self, message: Message) -> None:
        async with self._turn:
            ask = self._asks[0] if self._asks else None
            if ask is None or message.ask not in {"", ask.id}:
                log_undelivered(self._log, message, "The agent does not ask that any more.")
                return
            match ask.kind:
                case AskKind.QUESTION:
                    await self._run.answer(ask.id, texts_for(ask, message))
                case AskKind.PERMISSION:
                    await self._permit(ask, message.texts[0])
            log_answer(self._log, ask, "\n".join(message.texts), by="person")
            await self._put_away(ask)

    async def _permit(self, ask: Ask, text: str) -> None:
        permit = permit_of(text)
        await self._run.permit(ask.id, allow=allows(permit), message=refusal_of(text))
        try:
            self._leave.take(ask, permit)
        except SettingsError as error:
            log_error(self._log, error)
            self._note("So this answer counts for this run only.")

    def _note(self, text: str) -> None:
        self._log.write(EventKind.NOTE, text=text)


_NEVER = "The user never allows this in this project. Do it another way, or do without."


def refusal_of(text: str) -> str:
    """Give what an agent is told when `text` is a person's answer to its request; empty for leave."""
    permit = permit_of(text)
    if allows(permit):
        return ""
    if permit is Permit.NEVER:
        return _NEVER
    return "The user denied this." if permit is Permit.DENY else f"The user denied this: {text}"


def texts_for(ask: Ask, message: Message) -> tuple[str, ...]:
    """Give a text for each question; what a person left out is empty."""
    missing = len(ask.questions) - len(message.texts)
    return (*message.texts, *("",) * missing)[: len(ask.questions)]


def ask_of_agent(asked: Asked, log: EventLog) -> Ask:
    """Give what an agent asks as a person is to see it: without secrets, and leave with its choices."""
    questions = tuple(
        Question(
            log.masked(question.text),
            tuple(
                Choice(log.masked(choice.label), log.masked(choice.description))
                for choice in question.choices
            ),
            question.several,
        )
        for question in asked.questions
    )
    if not asked.permission:
        return Ask(asked.request, AskKind.QUESTION, questions)
    choices = tuple(Choice(permit.value) for permit in Permit)
    return Ask(
        asked.request,
        AskKind.PERMISSION,
        (attrs.evolve(questions[0], choices=choices, several=False),),
        tool=asked.tool,
        title=log.masked(asked.title),
    )
