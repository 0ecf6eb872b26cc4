"""The room of context: what an agent is told. This is its door."""

from beadwork.context.prompt import Telling, work_prompt

__all__ = ["Telling", "work_prompt"]
