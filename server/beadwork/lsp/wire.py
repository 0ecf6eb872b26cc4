"""JSON-RPC as an editor speaks it, over pygls: reading messages, and answering each request exactly once.

Three things that pygls does otherwise cost an answer or say too much, and are replaced here: a request that
cannot be read is answered, an error never carries a traceback, `shutdown` leaves what is under way alone.
It leans on names of pygls 2 that are not public, hence its upper bound in pyproject.toml.

What it leaves out: what is asked for (`server.py`).
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, Protocol

import attrs
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidRequest,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol.language_server import lsp_method

from beadwork.errors import BeadworkError
from beadwork.lsp.errors import InvalidArguments, UnknownCommand
from beadwork.lsp.traits import Traits
from beadwork.lsp.wire_texts import WireOfTexts, announce_texts

if TYPE_CHECKING:
    from beadwork.lsp.texts import Texts

logger = logging.getLogger(__name__)

REQUEST_FAILED = -32803
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
LONGEST = 64 * 1024 * 1024
"""Bytes of the longest message that is read."""

_LENGTH = re.compile(rb"^content-length:\s*(\d{1,18})\s*$", re.IGNORECASE)


class WireBroken(Exception):  # noqa: N818
    """What comes in cannot be understood any more, and nothing that follows can."""


async def read_body(reader: asyncio.StreamReader) -> bytes | None:
    """Give the body of the next message; None at the end of input. Lines that are no header are passed over.

    Raises WireBroken for a message that is too long to be one.
    """
    length: int | None = None
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # a line without an end: passed over in pieces
            continue
        if not line:
            return None
        if found := _LENGTH.match(line.rstrip(b"\r\n")):
            length = int(found[1])
        elif length is not None and not line.strip():
            break
    if length > LONGEST:
        raise WireBroken(f"a message of {length} bytes was announced, more than the {LONGEST} that are read")
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        return None


def error_of(error: BaseException) -> types.ResponseError:
    """Give an exception as an editor reads it: one sentence and a code; never a traceback."""
    match error:
        case BeadworkError():
            invalid = isinstance(error, InvalidArguments | UnknownCommand)
            data = {"code": error.code, "detail": error.detail}
            return types.ResponseError(INVALID_PARAMS if invalid else REQUEST_FAILED, error.message, data)
        case JsonRpcException():
            return types.ResponseError(error.code, error.message)
        case asyncio.CancelledError() | CancelledError():
            return types.ResponseError(JsonRpcRequestCancelled.CODE, "The request was cancelled.")
        case _:
            logger.error("A defect of Beadwork", exc_info=error)
            sentence = (
                f"This is a defect of Beadwork ({type(error).__name__}); its server's log has the details."
            )
            return types.ResponseError(INTERNAL_ERROR, sentence, {"code": "defect", "detail": ""})


@attrs.frozen
class Reply:
    """What a command answers, and what comes after the answer."""

    answer: object
    """In the types of JSON, once the server sends it."""
    then: Callable[[], None] | None = None
    """Called when the answer was sent: what it does may send more."""


@attrs.frozen
class Welcome:
    """What an editor that joins is answered with."""

    commands: Sequence[str]
    """The names of those that it can use."""
    traits: Traits


class Desk(Protocol):
    """Who hears what an editor asks for. Nothing but `execute` may wait."""

    @property
    def texts(self) -> "Texts":
        """Who is told of texts."""
        ...

    def joined(self, params: types.InitializeParams) -> Welcome:
        """An editor joined; gives what it is answered with."""
        ...

    def ready(self) -> None:
        """The editor has heard our answer, and may be spoken to."""
        ...

    async def execute(self, command: str, arguments: Sequence[object] | None) -> Reply:
        """Run a command and give its answer. Raises BeadworkError."""
        ...

    def folders_changed(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """Workspace folders came and went."""
        ...

    def progress_cancelled(self, token: str | int) -> None:
        """A person cancelled a work-done progress."""
        ...

    def leave(self, why: str) -> None:
        """The editor wants the server to end."""
        ...


class Wire(WireOfTexts):
    """One editor's connection."""

    desk: Desk
    """Set before the first message."""
    joined: bool = False
    """Whether `initialize` was answered."""

    def texts(self) -> "Texts":
        """Give who is told of texts."""
        return self.desk.texts

    @property
    def shut_down(self) -> bool:
        """Whether `shutdown` was asked for."""
        return bool(self._shutdown)

    def notify_json(self, method: str, params: Mapping[str, object]) -> None:
        """Send a notification whose parameters are in the types of JSON already, which is quick for many."""
        self._send_data({"jsonrpc": self.VERSION, "method": method, "params": params})

    async def converse(self, reader: asyncio.StreamReader) -> None:
        """Handle messages until the end of input. Raises WireBroken."""
        while (body := await read_body(reader)) is not None:
            try:
                message = json.loads(body)
            except (ValueError, RecursionError) as error:
                logger.warning("A message is not JSON and is passed over: %s", error)
                continue
            if isinstance(message, dict) and "jsonrpc" in message:
                self._take(message)
            else:
                logger.warning("A message that is no JSON-RPC object is passed over.")

    def _take(self, message: dict[str, Any]) -> None:
        request = message.get("id") if "method" in message else None
        try:
            self._require_its_time(message.get("method"), request)
            self.handle_message(self.structure_message(message))
        except JsonRpcException as error:
            if request is None:
                logger.warning("A message cannot be understood and is passed over: %s", error)
                self.heed_lost(message)
            else:
                self._send_response(request, error=error_of(error))
        except Exception:
            logger.exception("A message could not be handled and is passed over.")

    def _require_its_time(self, method: object, request: object) -> None:
        if request is None:
            return
        if self.shut_down:
            raise JsonRpcInvalidRequest("The server is shutting down; nothing more can be asked of it.")
        if not self.joined and method != types.INITIALIZE:
            raise JsonRpcServerNotInitialized("Send `initialize` first.")
        if self.joined and method == types.INITIALIZE:
            raise JsonRpcInvalidRequest("The server was initialized before.")

    def _send_handler_result(self, future: Future[Any], *, msg_id: str | int) -> None:
        self._request_futures.pop(msg_id, None)
        try:
            result = future.result()
        except (Exception, asyncio.CancelledError, CancelledError) as error:  # noqa: BLE001  (all are answered)
            self._send_response(msg_id, error=error_of(error))
        else:
            if not isinstance(result, Reply):
                self._send_response(msg_id, result=result)
                return
            # It is JSON already: pygls would copy each value of it, as many as 10,000 beads have.
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": result.answer})
            if result.then is not None:
                result.then()

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Answer with what we can do."""
        welcome = self.desk.joined(params)
        result = yield from super().lsp_initialize(params)
        announce_texts(result.capabilities, welcome.traits)
        commands = list(welcome.commands)
        result.capabilities.execute_command_provider = types.ExecuteCommandOptions(commands=commands)
        self.joined = True
        return result

    @lsp_method(types.INITIALIZED)
    def lsp_initialized(self, *_: object) -> None:
        """Begin to speak to the editor."""
        self.desk.ready()

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Reply:  # type: ignore[override]
        """Run a command to its end: what was ordered stays ordered when the request is cancelled."""
        answer = asyncio.ensure_future(self.desk.execute(params.command, params.arguments))
        answer.add_done_callback(_retrieve)
        return await asyncio.shield(answer)

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> None:
        """Take in which folders there are."""
        added = [folder.uri for folder in params.event.added]
        self.desk.folders_changed(added, [folder.uri for folder in params.event.removed])

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """Pass the wish on; pygls would cancel a future of its own, which is nobody's."""
        self.desk.progress_cancelled(params.token)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: object) -> None:  # type: ignore[override]
        """Answer at once: no run depends on this server, so there is nothing to end."""
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]
        """Leave."""
        self.desk.leave("the editor sent `exit`")


def _retrieve(task: "asyncio.Future[Reply]") -> None:
    # A failure of a command whose request was cancelled has nobody else to hear of it.
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.debug("A command failed: %s", error)
