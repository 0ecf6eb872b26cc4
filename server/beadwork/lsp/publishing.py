"""Sends an editor the diagnostics of its files: all of a file at once, for they have no identity.

One source of truth is asked for a file when something in it changed; what was sent is only remembered to be
taken back. Changes that came together are sent once, and many files in slices, so that nothing waits behind
them. An editor that asks for diagnostics is only told to ask again.

What it leaves out: what the diagnostics are (`diagnostics.py`) and where (`findings.py`).
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from lsprotocol import types

from beadwork.lsp.diagnostics import Json
from beadwork.lsp.traits import Traits

SLICE = 0.02
"""Seconds that are spent on sending at once."""


@attrs.frozen
class Window:
    """Of the editor, what findings need."""

    traits: Traits
    notify: Callable[[str, Json], None]
    refresh: Callable[[], None]
    """Says that diagnostics are to be asked for again."""
    changed: Callable[[Path], None]
    """Is told of a project whose findings are others than before."""


@attrs.frozen
class Sheet:
    """What is to be shown of a file."""

    uri: str
    version: int | None
    """Of an open file."""
    diagnostics: Sequence[Json]


class Publisher:
    """What one editor has been sent."""

    def __init__(
        self,
        notify: Callable[[str, Json], None],
        sheet_of: Callable[[str], Sheet],
        refresh: Callable[[], None] | None = None,
    ) -> None:
        """Send with `notify`; an editor that asks by itself has `refresh`, and is sent nothing."""
        self._notify = notify
        self._sheet_of = sheet_of
        self._refresh = refresh
        self._due: dict[str, None] = {}
        self._sent: dict[str, str] = {}
        """The URI under which each file has diagnostics."""
        self._called = False

    def mark(self, key: str, *, edited: bool = False) -> None:
        """Send a file again soon; `edited`: by the editor, which asks again if it asks at all."""
        if self._refresh is not None and edited:
            return
        self._due[key] = None
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._called = False
        if self._refresh is not None:
            self._due.clear()
            self._refresh()
            return
        until = time.monotonic() + SLICE
        while self._due and time.monotonic() < until:
            key = next(iter(self._due))
            del self._due[key]
            self._send_one(key, self._sheet_of(key))
        if self._due:
            self._called = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send_one(self, key: str, sheet: Sheet) -> None:
        before = self._sent.get(key)
        if before is not None and before != sheet.uri:
            self._notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, {"uri": before, "diagnostics": []})
        if before is None and not sheet.diagnostics:
            return
        params: Json = {"uri": sheet.uri, "diagnostics": sheet.diagnostics}
        if sheet.version is not None:
            params["version"] = sheet.version
        self._notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)
        if sheet.diagnostics:
            self._sent[key] = sheet.uri
        else:
            del self._sent[key]
