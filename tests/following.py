"""Reads an agent's events in the background, so that a test can talk to the agent meanwhile."""

import asyncio
from typing import TypeVar

from beadwork.agents import AgentEvent, AgentRun

DEADLINE = 60.0
E = TypeVar("E")


class Following:
    """Reads `agent_run` from now on; it ends with the run."""

    def __init__(self, agent_run: AgentRun) -> None:
        self.events: list[AgentEvent] = []
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._follow(agent_run))

    async def _follow(self, agent_run: AgentRun) -> None:
        async for event in agent_run.events():
            async with self._changed:
                self.events.append(event)
                self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()

    async def until(self, kind: type[E], count: int = 1) -> E:
        """Wait for `count` events of `kind`, and give the last of them; fail when the run ends before."""

        def found() -> list[E]:
            return [event for event in self.events if isinstance(event, kind)]

        async with asyncio.timeout(DEADLINE), self._changed:
            while len(found()) < count:
                assert not self._task.done(), f"it ended without {kind.__name__}: {self.events}"
                await self._changed.wait()
        return found()[count - 1]

    async def rest(self) -> list[AgentEvent]:
        """Wait for the end, and give all events."""
        async with asyncio.timeout(DEADLINE):
            await self._task
        return self.events
