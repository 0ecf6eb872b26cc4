"""Runs that rest although their answer has come: it was on the way as they came to rest, or who gave it died.

What it leaves out: giving an answer (`stepping_in/`), and handing it to the agent (`working/going_on.py`).
"""

import contextlib

from beadwork.executions import Execution, IllegalTransition, MessageKind, State
from beadwork.workflows.house import House


def go_on_with_answered(house: House) -> None:
    """Queue all runs again that rest although their answer is there. Raises StoreError."""
    for run in house.store.list(states=frozenset({State.NEEDS_INPUT})):
        go_on_if_answered(house, run)


def go_on_if_answered(house: House, run: Execution) -> None:
    """Queue `run` again if it rests although its answer is there. Raises StoreError."""
    now = house.store.get(run.id)
    if now.state is not State.NEEDS_INPUT or now.live:
        return
    if any(message.kind is MessageKind.ANSWER for message in house.store.inbox.waiting(run.id)):
        with contextlib.suppress(IllegalTransition):  # somebody else was faster
            house.store.requeue(run.id)
