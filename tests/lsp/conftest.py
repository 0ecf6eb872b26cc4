"""Editor windows for each test, each with a server of its own that is gone when the test ends."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lsp_window import JOINED, Opener, Place, Window, close_window, open_window


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A repository with three beads, the second blocked by the first; nothing that ran for it outlives it."""
    made = Place(tmp_path)
    made.make_workspace()
    yield made
    for pid in made.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
async def opener(place: Place) -> AsyncIterator[Opener]:
    """Opens windows as `open_window` does, and closes them."""
    windows: list[Window] = []

    async def open_one(**how: object) -> Window:
        window = await open_window(place, **how)  # type: ignore[arg-type]
        windows.append(window)
        return window

    yield open_one
    for window in windows:
        await close_window(window)


@pytest.fixture
async def window(opener: Opener) -> Window:
    """A window like VS Code's with our extension."""
    return await opener(editor="visual_studio_code", options=JOINED)
