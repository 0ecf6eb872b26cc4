"""An editor as small as can be: it starts the real language server and speaks its protocol over stdio.

It shows that nothing more than JSON-RPC is needed, and loads no protocol library. What it leaves out: text.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from beadwork.errors import BeadworkError
from beadwork.own_programs import own_program


class EditorError(BeadworkError):
    """The server did not do what an editor may expect."""

    code = "demo"


class Editor:
    """A client of one server; made by `opened`."""

    def __init__(self, server: asyncio.subprocess.Process) -> None:
        """Speak with a server that has just been started with pipes."""
        self._server = server
        self._number = 0
        self.killed = False
        """Whether `kill` was called."""
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self.told: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        """Notifications of the server, method and params, as they arrive."""
        self.shown: dict[str, Sequence[Mapping[str, Any]]] = {}
        """The diagnostics of each file, by its URI."""
        self._showing = asyncio.Event()
        self._gone = False

    async def command(self, name: str, **argument: object) -> dict[str, Any]:
        """Run a command of the server and give its answer. Raises EditorError with the server's words."""
        answer: dict[str, Any] = await self.request(
            "workspace/executeCommand",
            {"command": f"beadwork.{name}", "arguments": [argument]},
        )
        return answer

    async def request(self, method: str, params: object) -> Any:  # noqa: ANN401  (whatever the server answers)
        """Send a request and wait for its answer. Raises EditorError."""
        self._number += 1
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._replies[self._number] = reply
        await self._send({"id": self._number, "method": method, "params": params})
        return await reply

    async def notify(self, method: str, params: object = None) -> None:
        """Send a notification."""
        await self._send({"method": method} | ({"params": params} if params is not None else {}))

    async def until_shown(self, holds: Callable[[Mapping[str, Sequence[Mapping[str, Any]]]], bool]) -> None:
        """Wait until the diagnostics of all files are such that `holds`. Raises EditorError."""
        while not holds(self.shown):
            if self._gone:
                raise EditorError("The language server has gone.")
            self._showing.clear()
            await self._showing.wait()

    async def open_file(self, path: Path) -> None:
        """Open a file, as it is on the disk."""
        text = await asyncio.to_thread(path.read_text, "utf-8")
        document = {"uri": path.as_uri(), "languageId": "", "version": 0, "text": text}
        await self.notify("textDocument/didOpen", {"textDocument": document})

    async def insert(self, path: Path, line: int, text: str) -> None:
        """Type `text` before a line of an open file, which is not saved; once for each file."""
        at = {"line": line, "character": 0}
        change = {"range": {"start": at, "end": at}, "text": text}
        document = {"uri": path.as_uri(), "version": 1}
        await self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    async def close_file(self, path: Path) -> None:
        """Close a file; what was not saved is lost."""
        await self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def kill(self) -> None:
        """Kill the server, as a crash would."""
        self.killed = True
        self._server.kill()

    async def listen(self) -> None:
        """Take in what the server says, until it says no more."""
        try:
            while True:
                self._take(await self._message())
        except (asyncio.IncompleteReadError, EOFError):
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(EditorError("The language server has gone."))
            self.told.put_nowait(("exit", None))
            self._gone = True
            self._showing.set()

    def _take(self, message: Mapping[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self.shown[message["params"]["uri"]] = message["params"]["diagnostics"]
            self._showing.set()
        if "method" in message:
            self.told.put_nowait((message["method"], message.get("params")))
            return
        reply = self._replies.pop(message["id"])
        if "error" in message:
            reply.set_exception(EditorError(message["error"]["message"]))
        else:
            reply.set_result(message.get("result"))

    async def _message(self) -> Mapping[str, Any]:
        if self._server.stdout is None:
            raise EOFError
        length = 0
        while line := (await self._server.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if not length:
            raise EOFError
        message: Mapping[str, Any] = json.loads(await self._server.stdout.readexactly(length))
        return message

    async def _send(self, message: Mapping[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        if self._server.stdin is None:
            raise EditorError("The language server cannot be spoken to.")
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await self._server.stdin.drain()


@contextlib.asynccontextmanager
async def opened(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[Editor]:
    """Open `folder` in an editor with a server of its own, and leave properly at the end."""
    server = await asyncio.create_subprocess_exec(
        *own_program("beadwork", "serve"),
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    editor = Editor(server)
    listening = asyncio.create_task(editor.listen())
    try:
        uri = folder.as_uri()
        await editor.request(
            "initialize",
            {
                "processId": None,
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": folder.name}],
                "capabilities": {
                    "workspace": {"workspaceFolders": True},
                    "textDocument": {"publishDiagnostics": {}},
                },
                "initializationOptions": {"beadwork": {"notifications": True, "asks": True}},
            },
        )
        await editor.notify("initialized", {})
        yield editor
        if not editor.killed:
            await editor.request("shutdown", None)
            await editor.notify("exit")
        await server.wait()
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()
        listening.cancel()
        await asyncio.wait({listening})
