"""Waiting for a named condition, with a deadline: what tests do in place of sleeping."""

import asyncio
from collections.abc import Callable

_LOOK_AGAIN = 0.01


async def eventually(what: str, holds: Callable[[], object], *, within: float = 60.0) -> None:
    """Return as soon as `holds()` is true; fail with `what` when it is not within so many seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not holds():
        assert loop.time() < deadline, f"never happened: {what}"
        await asyncio.sleep(_LOOK_AGAIN)
