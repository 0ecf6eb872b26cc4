"""The server: from the first message of an editor until it leaves.

It answers `initialize` before it opens anything, so that an editor waits for imports alone.
"""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer

from beadwork import __version__
from beadwork.errors import BeadworkError
from beadwork.lsp import arguments
from beadwork.lsp.editor import Editor, Level
from beadwork.lsp.errors import UnknownCommand
from beadwork.lsp.folders import Folders
from beadwork.lsp.joining import Client, client_of
from beadwork.lsp.leaving import Leaving, end_without_fail, there
from beadwork.lsp.stdio import Stdio
from beadwork.lsp.table import COMMANDS
from beadwork.lsp.wire import Reply, Welcome, Wire, WireBroken

if TYPE_CHECKING:
    from beadwork.lsp.answering import Answers
    from beadwork.lsp.texts import Texts
    from beadwork.settings import Layer
    from beadwork.state_folder import StateFolder
    from beadwork.workflows import Application

    Make = Callable[[StateFolder, Layer | None], Application]

logger = logging.getLogger(__name__)

_YOUNG = 50_000
"""Objects that are made before those without an owner are looked for: about as many as a list of 10,000 beads
is made of, which with Python's own 700 would be looked through again and again while it is made."""


class _Pygls(LanguageServer):
    """pygls, which tells the log and not the person about what it cannot do."""

    def report_server_error(self, error: Exception, source: type[PyglsError | JsonRpcException]) -> None:
        logger.error("%s: %s", source.__name__, error)


class Server:
    """The one server of a process."""

    def __init__(self, stdio: Stdio, wire: Wire, tasks: asyncio.TaskGroup, make: "Make | None") -> None:
        self.leaving = Leaving()
        self._wire = wire
        self._editor = Editor(wire, stdio)
        self._group = tasks
        self._tasks: set[asyncio.Task[None]] = set()
        self._make = make
        self._client: Client | None = None
        self._folders = Folders(())
        self._answers: Answers | None = None
        self._texts: Texts | None = None

    def spawn(self, coroutine: Coroutine[object, object, None], name: str) -> "asyncio.Task[None]":
        """Start a task that is cancelled on leaving; a defect ends it alone, and is logged and shown."""
        task = self._group.create_task(self._guarded(coroutine, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Cancelled before it began, it would never be awaited; closing what has ended does nothing.
        task.add_done_callback(lambda _task: coroutine.close())
        return task

    @property
    def texts(self) -> "Texts":
        """See `Desk`."""
        if self._texts is None:
            from beadwork.lsp.texts import Texts  # noqa: PLC0415  (see `_open`)

            self._texts = Texts()
        return self._texts

    def joined(self, params: types.InitializeParams) -> Welcome:
        """See `Desk`."""
        self._client = client_of(params)
        self._folders = Folders(self._client.folders)
        pid = self._client.process_id
        if pid is not None and there(pid):  # looked for before our answer, after which it may go at any time
            self.spawn(self.leaving.watch_process(pid), "watching the editor")
        return Welcome(tuple(COMMANDS), self._client.traits)

    def ready(self) -> None:
        """See `Desk`."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(_YOUNG)
        gc.enable()
        for trouble in self._client.troubles if self._client else ():
            self._editor.show(Level.WARNING, trouble)
        try:
            self._open()
        except BeadworkError as error:
            self._editor.show(Level.ERROR, error.message)

    async def execute(self, command: str, given: Sequence[object] | None) -> Reply:
        """See `Desk`."""
        found = COMMANDS.get(command)
        if found is None:
            raise UnknownCommand(f"There is no command {command!r}; there are {', '.join(COMMANDS)}.")
        ask: object = arguments.read(command, found.argument, given)
        answers = self._open()
        from beadwork.workflows import as_json  # noqa: PLC0415  (loaded by now)

        reply = await found.answer(answers, ask)
        return Reply(as_json(reply.answer), reply.then)

    def folders_changed(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """See `Desk`."""
        self._folders.change(added, removed)

    def progress_cancelled(self, token: str | int) -> None:
        """See `Desk`."""
        if self._answers is not None:
            self._answers.session.progress_cancelled(token)

    def leave(self, why: str) -> None:
        """See `Desk`."""
        self.leaving.decide(why)

    async def converse(self, reader: asyncio.StreamReader) -> None:
        """Handle what the editor sends, and leave when it ends."""
        try:
            await self._wire.converse(reader)
        except WireBroken as error:
            self.leave(str(error))
        else:
            self.leave("the input has ended")

    def close(self) -> None:
        """Let go of everything. No run is touched."""
        for task in self._tasks:
            task.cancel()
        if self._answers is not None:
            self._answers.session.close()

    def _open(self) -> "Answers":
        """Give what answers commands; what could not be opened is tried again with each of them."""
        if self._answers is None:
            # All of Beadwork is loaded here, and not before: an editor waits for the answer to `initialize`.
            from beadwork.lsp import opening  # noqa: PLC0415

            client = self._client
            assert client is not None, "the wire lets nothing through before initialize"  # noqa: S101
            self._answers = opening.open_session(
                client, self._editor, self._folders, self.texts, self.spawn, self._make
            )
        return self._answers

    async def _guarded(self, coroutine: Coroutine[object, object, None], name: str) -> None:
        try:
            await coroutine
        except Exception:
            logger.exception("A defect ended the task %r", name)
            self._editor.show(
                Level.ERROR, f"A defect of Beadwork ended {name}; its server's log has the details."
            )


def set_up_logging() -> None:
    """Log to standard error, from the level that `BEADWORK_LOG_LEVEL` names; pygls from WARNING on."""
    named = os.environ.get("BEADWORK_LOG_LEVEL", "WARNING").upper()
    level = logging.getLevelNamesMapping().get(named, logging.WARNING)
    logging.basicConfig(
        stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("pygls").setLevel(max(level, logging.WARNING))


async def converse(stdio: Stdio, make: "Make | None" = None) -> int:
    """Serve one editor until it leaves; gives the exit code, 0 only when it asked for `shutdown` first."""
    pygls = _Pygls(
        "beadwork", __version__, text_document_sync_kind=types.TextDocumentSyncKind.None_, protocol_cls=Wire
    )
    wire = pygls.protocol
    assert isinstance(wire, Wire)  # noqa: S101  (it is made from the class just given)
    async with asyncio.TaskGroup() as tasks:
        server = Server(stdio, wire, tasks, make)
        wire.desk = server
        wire.set_writer(stdio)
        server.leaving.heed_signals()
        reader = stdio.open(lambda: server.leave("the editor reads no more"))
        server.spawn(server.converse(reader), "conversation")
        await server.leaving.wait()
        end_without_fail(0 if wire.shut_down else 1)
        server.close()
    stdio.close()
    return 0 if wire.shut_down else 1
