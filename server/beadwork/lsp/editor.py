"""The editor at the other end, as the rest of this room speaks to it.

What it leaves out: what it is told, and when.
"""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from beadwork.lsp.stdio import Stdio
from beadwork.lsp.wire import Wire

logger = logging.getLogger(__name__)


class Level(Enum):
    """How grave a message is."""

    ERROR = types.MessageType.Error
    WARNING = types.MessageType.Warning
    INFO = types.MessageType.Info


class Editor:
    """The editor. Nothing here waits, except for a person's answer."""

    def __init__(self, wire: Wire, stdio: Stdio) -> None:
        self._wire = wire
        self._stdio = stdio

    @property
    def pending(self) -> int:
        """How many bytes the editor has not taken yet."""
        return self._stdio.pending

    def notify(self, method: str, params: object) -> None:
        """Send a notification of ours."""
        if not self._wire.shut_down:
            self._wire.notify(method, params)

    def notify_json(self, method: str, params: Mapping[str, object]) -> None:
        """Send a notification of the protocol whose parameters are in the types of JSON already."""
        if not self._wire.shut_down:
            self._wire.notify_json(method, params)

    def show(self, level: Level, text: str) -> None:
        """Show a message to the person."""
        self.notify(types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(type=level.value, message=text))

    async def ask(self, level: Level, text: str, choices: tuple[str, ...]) -> str | None:
        """Ask the person to choose; None when they do not, or when the editor cannot ask."""
        params = types.ShowMessageRequestParams(
            type=level.value,
            message=text,
            actions=[types.MessageActionItem(title=title) for title in choices],
        )
        try:
            answer = await self._wire.send_request_async(types.WINDOW_SHOW_MESSAGE_REQUEST, params)
        except JsonRpcException as error:
            logger.warning("The editor cannot ask (%s); it is shown the message instead.", error)
            self.show(level, text)
            return None
        return answer.title if answer is not None else None

    async def open(self, path: str) -> bool:
        """Open a file in the editor; False, and the person is told where it is, when the editor cannot."""
        params = types.ShowDocumentParams(uri=Path(path).as_uri(), take_focus=True)
        try:
            done = await self._wire.send_request_async(types.WINDOW_SHOW_DOCUMENT, params)
        except JsonRpcException as error:
            logger.warning("The editor opens no files: %s", error)
        else:
            if done is not None and done.success:
                return True
        self.show(Level.INFO, path)
        return False

    async def refresh_diagnostics(self) -> None:
        """Tell the editor to ask for diagnostics again."""
        try:
            await self._wire.send_request_async(types.WORKSPACE_DIAGNOSTIC_REFRESH, None)
        except JsonRpcException as error:
            logger.warning("The editor does not ask for diagnostics again: %s", error)

    async def begin_progress(self, title: str, message: str) -> str | None:
        """Begin a progress that a person can cancel; gives its token, or None when the editor takes none."""
        token = str(uuid.uuid4())
        try:
            await self._wire.send_request_async(
                types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(token=token)
            )
        except JsonRpcException as error:
            logger.warning("The editor takes no progress: %s", error)
            return None
        self._progress(
            token, types.WorkDoneProgressBegin(title=title, cancellable=True, message=message or None)
        )
        return token

    def report_progress(self, token: str, message: str) -> None:
        """Change the message of a progress."""
        self._progress(token, types.WorkDoneProgressReport(message=message, cancellable=True))

    def end_progress(self, token: str, message: str) -> None:
        """End a progress."""
        self._progress(token, types.WorkDoneProgressEnd(message=message))

    def _progress(
        self,
        token: str,
        value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd,
    ) -> None:
        self.notify(types.PROGRESS, types.ProgressParams(token=token, value=value))


async def drained(editor: Editor, limit: int) -> None:
    """Wait until the editor has taken all but `limit` bytes of what it was sent."""
    while editor.pending > limit:  # noqa: ASYNC110  (the writing thread would wake us for every message)
        await asyncio.sleep(0.05)
