"""Doing what must not be broken off half-way. What it leaves out: what that is."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Do `work` to its end; that its caller is cancelled meanwhile is heard after. Raises what it raises."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:  # once more: it is cancelled anyway
                continue
        if not task.cancelled() and (error := task.exception()):
            raise error from None
        raise
