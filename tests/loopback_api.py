"""A model API on 127.0.0.1 that plays a script: it drives the real agent program without a model or network.

It answers `POST /v1/messages` with the Anthropic event stream, one scripted turn per request of the agent's
main conversation, and keeps every request for the test to look at. What it leaves out: any thought.
"""

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal

import attrs

Block = Mapping[str, Any]
"""One content block of a reply, as the API spells it."""

DUMMY_KEY = "sk-ant-loopback-dummy"


def text(words: str) -> Block:
    """Say something."""
    return {"type": "text", "text": words}


def thinking(words: str) -> Block:
    """Think aloud."""
    return {"type": "thinking", "thinking": words, "signature": "c2lnbmVk"}


def tool(name: str, **arguments: Any) -> Block:
    """Call a tool of the agent, such as `tool("Bash", command="ls", description="List")`."""
    return {"type": "tool_use", "name": name, "input": arguments}


def bash(command: str, **more: Any) -> Block:
    """Run a command."""
    return tool("Bash", command=command, description="Run a command", **more)


def structured(**fields: Any) -> Block:
    """End a schema run with its typed result."""
    return tool("StructuredOutput", **fields)


def done(summary: str) -> Block:
    """End a schema run as done."""
    return structured(status="done", summary=summary, blocker="", question="")


@attrs.frozen
class Reply:
    """An ordinary turn."""

    blocks: tuple[Block, ...]
    times: int = 1


@attrs.frozen
class Stall:
    """A turn that says `blocks` and then nothing more, until the test calls `release` or ends the API."""

    blocks: tuple[Block, ...] = ()
    times: int = 1


@attrs.frozen
class Status:
    """A turn that is an HTTP error, such as 529 (overloaded) or 401."""

    code: int
    kind: str = "api_error"
    message: str = "scripted error"
    times: int = 1


@attrs.frozen
class Malformed:
    """A turn whose event stream is broken in the middle of an event."""

    times: int = 1


Turn = Reply | Stall | Status | Malformed


def reply(*blocks: Block) -> Reply:
    """Make an ordinary turn of `blocks`."""
    return Reply(blocks)


@attrs.frozen
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def is_turn(self) -> bool:
        """Whether it belongs to the main conversation: only that one offers tools."""
        return self.method == "POST" and self.path.startswith("/v1/messages") and bool(self.body.get("tools"))

    def whole_text(self) -> str:
        """Give all that the messages of the conversation say, whoever says it."""
        return "\n".join(_flat(message.get("content")) for message in self.body["messages"])

    def user_text(self) -> str:
        """Give all that the user's messages of the conversation say, tool results included."""
        return "\n".join(
            _flat(message.get("content")) for message in self.body["messages"] if message["role"] == "user"
        )


def _flat(content: object) -> str:
    match content:
        case str():
            return content
        case list():
            return "\n".join(_flat(item) for item in content)
        case {"text": str() as words}:
            return words
        case {"content": inner}:
            return _flat(inner)
        case _:
            return ""


class LoopbackApi:
    """The API while it runs; use `serving`."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = [turn for turn in turns for _ in range(turn.times)]
        self._changed = threading.Condition()
        self._released = threading.Event()
        self.requests: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """Give what an agent's environment needs in order to talk to this API and to nothing else."""
        return {"ANTHROPIC_BASE_URL": self.url, "ANTHROPIC_API_KEY": DUMMY_KEY}

    @property
    def turns_asked(self) -> list[Asked]:
        """Give the requests of the main conversation."""
        return [asked for asked in self.requests if asked.is_turn]

    @property
    def turns_left(self) -> int:
        """Give how many scripted turns were not asked for."""
        return len(self._turns)

    def wait_for_turns(self, count: int, *, deadline: float = 60.0) -> None:
        """Wait (in this thread) until `count` turns were asked for."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.turns_asked) >= count, deadline):
                raise AssertionError(f"{len(self.turns_asked)} of {count} turns within {deadline} s")

    def release(self) -> None:
        """Let stalled turns end."""
        self._released.set()

    def add(self, *turns: Turn) -> None:
        """Put further turns at the end of the script."""
        with self._changed:
            self._turns += [turn for turn in turns for _ in range(turn.times)]

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """End, with all that is stalled."""
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def _next_turn(self, asked: Asked) -> Turn | None:
        with self._changed:
            self.requests.append(asked)
            turn: Turn | None = reply(text("ok"))
            if asked.is_turn:
                turn = self._turns.pop(0) if self._turns else None
            self._changed.notify_all()
            return turn

    def _wait_for_release(self) -> None:
        self._released.wait()


@contextlib.contextmanager
def serving(*turns: Turn) -> Iterator[LoopbackApi]:
    """Serve `turns` until the block ends."""
    api = LoopbackApi(turns)
    api.start()
    try:
        yield api
    finally:
        api.stop()


def _handler_of(api: LoopbackApi) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served = api

    return Handler


class _Handler(BaseHTTPRequestHandler):
    served: ClassVar[LoopbackApi]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names it so)
        """Say nothing on stderr."""

    def do_HEAD(self) -> None:
        """Answer the agent's look whether anybody is there."""
        self._note({})
        self._json(200, {})

    def do_GET(self) -> None:
        """Answer it with a body."""
        self.do_HEAD()

    def do_POST(self) -> None:
        """Answer with the next turn."""
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if "count_tokens" in self.path:
            self._note(body)
            self._json(200, {"input_tokens": 10})
            return
        turn = self._note(body)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._play(turn, body)

    def _note(self, body: Mapping[str, Any]) -> Turn | None:
        return self.served._next_turn(Asked(self.command, self.path, dict(self.headers), body))

    def _play(self, turn: Turn | None, body: Mapping[str, Any]) -> None:
        match turn:
            case None:
                self._error(400, "invalid_request_error", "the loopback script has no more turns")
            case Status():
                self._error(turn.code, turn.kind, turn.message)
            case Malformed():
                self._begin_stream(body)
                self.wfile.write(b'event: content_block_start\ndata: {"type":"content_bl')
                self.close_connection = True
            case Stall():
                self._begin_stream(body)
                self._blocks(turn.blocks)
                self.served._wait_for_release()
                self._end_stream("end_turn")
            case Reply():
                self._begin_stream(body)
                self._blocks(turn.blocks)
                calls = any(block["type"] == "tool_use" for block in turn.blocks)
                self._end_stream("tool_use" if calls else "end_turn")

    def _error(self, code: int, kind: str, message: str) -> None:
        self._json(code, {"type": "error", "error": {"type": kind, "message": message}})

    def _json(self, code: int, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("retry-after", "0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _begin_stream(self, body: Mapping[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        message = {
            "id": f"msg_{len(self.served.requests)}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model", "loopback"),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 1},
        }
        self._event("message_start", message=message)

    def _blocks(self, blocks: Sequence[Block]) -> None:
        for index, block in enumerate(blocks):
            start, delta = _in_parts(block, f"toolu_{len(self.served.requests)}_{index}")
            self._event("content_block_start", index=index, content_block=start)
            self._event("content_block_delta", index=index, delta=delta)
            self._event("content_block_stop", index=index)

    def _end_stream(self, reason: Literal["end_turn", "tool_use"]) -> None:
        delta = {"stop_reason": reason, "stop_sequence": None}
        self._event("message_delta", delta=delta, usage={"output_tokens": 7})
        self._event("message_stop")

    def _event(self, kind: str, **fields: Any) -> None:
        data = json.dumps({"type": kind, **fields})
        self.wfile.write(f"event: {kind}\ndata: {data}\n\n".encode())
        self.wfile.flush()


def _in_parts(block: Block, call: str) -> tuple[Block, Block]:
    match block["type"]:
        case "text":
            return {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
        case "thinking":
            start = {"type": "thinking", "thinking": "", "signature": block["signature"]}
            return start, {"type": "thinking_delta", "thinking": block["thinking"]}
        case "tool_use":
            start = {"type": "tool_use", "id": call, "name": block["name"], "input": {}}
            return start, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        case other:
            raise ValueError(f"the loopback API knows no block {other!r}")
