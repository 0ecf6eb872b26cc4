"""A worker that plays the script of its order without an agent or a checkout."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from beadwork.executions import (
    Ask,
    AskKind,
    Assignment,
    Choice,
    Conclusion,
    EventKind,
    Phase,
    Question,
    Queue,
    Reason,
    State,
    Store,
    serve_one,
    start_workers,
)
from beadwork.state_folder import StateFolder

SLOTS = 3


async def play(assignment: Assignment) -> Conclusion:
    """Play the steps; the last decides how it ends, after all questions were asked together."""
    assignment.note(agent_label="rehearsed agent", runner_label="no box")
    assignment.enter(Phase.AGENT)
    questions: list[Question] = []
    for step in json.loads(Path(assignment.run.order.script).read_text("utf-8"))["steps"]:
        match step:
            case {"say": str(text)}:
                assignment.log.write(EventKind.TEXT, text=text)
            case {"long_line": int(length)}:
                assignment.log.write(EventKind.TEXT, text="x" * length)
            case {"stall": True, "until": str(path)}:
                await assignment.unless_stopped(_there(Path(path)))
            case {"question": str(text), "choices": list(labels)}:
                questions.append(Question(text, tuple(Choice(label, f"{label} it is") for label in labels)))
            case {"fail": str(summary)}:
                return Conclusion(State.FAILED, Reason.AGENT_FAILED, summary, {})
            case {"done": str(summary)}:
                if questions:
                    await assignment.unless_stopped(_ask(assignment, questions))
                return Conclusion(State.COMPLETED, Reason.VERIFIED, summary, {})
            case other:
                raise ValueError(f"no step of this worker: {other}")
    return Conclusion(State.FAILED, Reason.AGENT_FAILED, "No result.", {})


async def _ask(assignment: Assignment, questions: Sequence[Question]) -> None:
    assignment.begin_ask(Ask("all of them", AskKind.QUESTION, tuple(questions)))
    message = await anext(assignment.messages())
    assignment.end_ask()
    assignment.log.write(EventKind.TEXT, text=f"The answers were: {' and '.join(message.texts)}")


async def _there(path: Path) -> None:
    while not path.exists():  # noqa: ASYNC110  (the test makes it)
        await asyncio.sleep(0.02)


async def main() -> None:
    """Serve one execution, then start the next worker."""
    state = StateFolder.of_user()
    store = Store(state.database)
    await serve_one(store, state, Queue(SLOTS), play, deadline=lambda _run: 120.0)
    start_workers(store, Queue(SLOTS), [sys.executable, __file__], state)
    store.close()


asyncio.run(main())
