"""How editors end servers, properly and rudely: none stays, and no run is harmed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from eventually import eventually
from lsp_window import SERVER, Place

SHUTDOWN = {"id": "bye", "method": "shutdown"}
EXIT = {"method": "exit"}


class Wire:
    """A server, and the bytes between it and us."""

    def __init__(self, process: Process) -> None:
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self.to_server, self.from_server = process.stdin, process.stdout

    def send(self, *messages: Mapping[str, object]) -> None:
        """Send messages back to back."""
        for message in messages:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            self.to_server.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def hear(self) -> Any:
        """Give the next message."""
        async with asyncio.timeout(30):
            head = await self.from_server.readuntil(b"\r\n\r\n")
            length = int(head.split(b":")[1].split(b"\r")[0])
            return json.loads(await self.from_server.readexactly(length))

    async def answer_to(self, request: object) -> Any:
        """Give the answer to a request, past whatever comes before it."""
        while (message := await self.hear()).get("id") != request or "method" in message:
            pass
        return message

    async def join(self, place: Place, process_id: int | None = None) -> None:
        """Initialize."""
        folder = place.workspace.as_uri()
        params: dict[str, object] = {
            "processId": process_id,
            "rootUri": folder,
            "capabilities": {},
            "workspaceFolders": [{"uri": folder, "name": "it"}],
        }
        self.send({"id": 1, "method": "initialize", "params": params})
        assert (await self.answer_to(1))["result"]["serverInfo"]["name"] == "beadwork"
        self.send({"method": "initialized", "params": {}})

    async def ask(self, command: str, argument: Mapping[str, object]) -> Any:
        """Run a command, and give its answer."""
        params = {"command": f"beadwork.{command}", "arguments": [argument]}
        self.send({"id": command, "method": "workspace/executeCommand", "params": params})
        return (await self.answer_to(command))["result"]

    async def gone(self) -> int:
        """Wait for the end of the server, and give its exit code; its output need not have been read."""
        await eventually("the server is gone", lambda: self.process.returncode is not None, within=20)
        assert self.process.returncode is not None
        return self.process.returncode


Starter = Callable[..., Awaitable[Wire]]


@pytest.fixture
async def start(place: Place) -> AsyncIterator[Starter]:
    """Starts servers."""
    wires: list[Wire] = []

    async def start_one(*argv: str) -> Wire:
        process = await asyncio.create_subprocess_exec(
            *(argv or (sys.executable, str(SERVER))),
            stdin=PIPE,
            stdout=PIPE,
            env=place.environment,
            limit=1 << 24,
        )
        wires.append(Wire(process))
        return wires[-1]

    yield start_one
    for wire in wires:
        with contextlib.suppress(ProcessLookupError):
            wire.process.kill()
        wire.process._transport.close()  # type: ignore[attr-defined]


@pytest.fixture
async def wire(start: Starter, place: Place) -> Wire:
    """A server that was joined."""
    started = await start()
    await started.join(place)
    return started


async def test_shutdown_then_exit_is_a_clean_end(wire: Wire) -> None:
    """Its exit code says so."""
    wire.send(SHUTDOWN)
    assert (await wire.answer_to("bye"))["result"] is None
    wire.send(EXIT)
    assert await wire.gone() == 0


async def test_shutdown_and_exit_back_to_back_are_both_heard(wire: Wire) -> None:
    """Helix and Kate wait for no answer, but get it."""
    wire.send(SHUTDOWN, EXIT)
    assert (await wire.answer_to("bye"))["result"] is None
    assert await wire.gone() == 0


async def test_exit_without_shutdown_is_an_error(wire: Wire) -> None:
    """As the protocol has it."""
    wire.send(EXIT)
    assert await wire.gone() == 1


async def test_the_end_of_input_ends_the_server(wire: Wire) -> None:
    """An editor that was killed says nothing."""
    wire.to_server.close()
    assert await wire.gone() == 1


async def test_shutdown_and_no_exit_ends_with_the_input(wire: Wire) -> None:
    """Neovim's `:qa` sends shutdown and is gone."""
    wire.send(SHUTDOWN)
    await wire.answer_to("bye")
    wire.to_server.close()
    assert await wire.gone() == 0


async def test_the_end_of_input_before_initialize_ends_the_server(start: Starter) -> None:
    """An editor may change its mind."""
    wire = await start()
    wire.to_server.close()
    assert await wire.gone() == 1


async def test_an_empty_input_is_an_end(place: Place) -> None:
    """`beadwork serve < /dev/null` does not wait for anything."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVER), stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, env=place.environment
    )
    async with asyncio.timeout(20):
        assert await process.wait() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_the_server_though_the_input_stays_open(
    wire: Wire, number: signal.Signals
) -> None:
    """In good order, not by the signal."""
    wire.process.send_signal(number)
    assert await wire.gone() == 1


async def test_nothing_is_answered_but_with_an_error_after_shutdown(wire: Wire) -> None:
    """Each request is answered once, also then."""
    wire.send(
        SHUTDOWN, {"id": 7, "method": "workspace/executeCommand", "params": {"command": "beadwork.list"}}
    )
    assert (await wire.answer_to(7))["error"]["code"] == -32600


async def test_a_request_before_initialize_is_an_error(start: Starter, place: Place) -> None:
    """The server can still be joined after it."""
    wire = await start()
    wire.send({"id": 7, "method": "workspace/executeCommand", "params": {"command": "beadwork.list"}})
    assert (await wire.answer_to(7))["error"]["code"] == -32002
    await wire.join(place)


async def test_a_command_under_way_at_shutdown_does_no_harm(wire: Wire) -> None:
    """Both are answered, and the end is clean."""
    request = {"method": "workspace/executeCommand", "params": {"command": "beadwork.list"}}
    wire.send(*({"id": number, **request} for number in range(10, 20)), SHUTDOWN)
    answers = [await wire.hear() for _ in range(11)]
    assert {answer["id"] for answer in answers if "id" in answer} == {*range(10, 20), "bye"}
    assert not [answer for answer in answers if "error" in answer]
    wire.send(EXIT)
    assert await wire.gone() == 0


async def test_the_server_ends_with_the_editors_process(start: Starter, place: Place) -> None:
    """Also when somebody else holds its input open."""
    editor = await asyncio.create_subprocess_exec("sleep", "600")
    wire = await start()
    await wire.join(place, process_id=editor.pid)
    editor.kill()
    await editor.wait()
    assert await wire.gone() == 1


async def test_an_editor_that_cannot_be_seen_is_not_taken_for_dead(start: Starter, place: Place) -> None:
    """An editor outside of our container has a number that nobody has here."""
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    wire = await start()
    await wire.join(place, process_id=gone.pid)
    assert len((await wire.ask("list", {}))["projects"]) == 1


async def test_a_run_outlives_every_end_of_its_server(start: Starter, place: Place) -> None:
    """The end of input, SIGTERM and SIGKILL right after the reply to shutdown (Emacs) touch no worker."""
    script, go = place.held()
    wire = await start()
    await wire.join(place)
    asked = {"id": "demo-1", "agent": "scripted", "script": script}
    run = (await wire.ask("work", asked))["run"]["id"]
    wire.send(SHUTDOWN)
    await wire.answer_to("bye")
    wire.process.kill()
    await wire.gone()
    for number in (signal.SIGTERM, signal.SIGKILL, None):
        wire = await start()
        await wire.join(place)
        assert (await wire.ask("runs", {}))["runs"][0]["state"] in {"queued", "running"}
        if number is None:
            wire.to_server.close()
        else:
            wire.process.send_signal(number)
        await wire.gone()
    go.touch()
    wire = await start()
    await wire.join(place)
    await wire.ask("output", {"run": run})
    events: list[Any] = []
    while True:
        message = await wire.hear()
        if message.get("method") == "beadwork/output":
            events += message["params"]["events"]
            if message["params"]["ended"]:
                break
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert "I go on." in [event.get("text") for event in events]
    assert (await wire.ask("runs", {}))["runs"][0]["state"] == "completed"


@pytest.mark.parametrize(
    "garbage",
    [
        b"what is this?\r\n",
        b"\0\xff\n" * 1000,
        b"x" * 200_000 + b"\n",
        b"Content-Length: 4\r\n\r\n{{{{",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: 2\r\n\r\n{}",
        b'Content-Length: 17\r\n\r\n{"jsonrpc":"2.0"}',
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 5\r\nContent-Type: nonsense\r\n\r\n\xff\xfe\xfd\xfc\xfb",
    ],
)
async def test_garbage_is_passed_over(wire: Wire, garbage: bytes) -> None:
    """The next message is understood."""
    wire.to_server.write(garbage)
    assert len((await wire.ask("list", {}))["projects"]) == 1


async def test_a_request_that_cannot_be_read_is_answered(wire: Wire) -> None:
    """Nobody waits for ever; and the answer carries no traceback."""
    wire.send({"id": 5, "method": "workspace/executeCommand", "params": {"command": ["no name"]}})
    answer = await wire.answer_to(5)
    assert answer["error"]["code"] in {-32602, -32603}
    assert "Traceback" not in json.dumps(answer)


async def test_a_message_without_an_end_ends_with_the_server(wire: Wire) -> None:
    """What announces more than anybody sends cannot be followed by anything."""
    wire.to_server.write(b"Content-Length: 99999999999\r\n\r\n")
    assert await wire.gone() == 1


async def test_what_others_print_stays_off_the_wire(start: Starter, place: Place) -> None:
    """A chatty child of the server and a print of its own go to standard error; its children read nothing."""
    chatty = Path(__file__).parents[1] / "programs" / "lsp_chatty_server.py"
    wire = await start(sys.executable, str(chatty))
    await wire.join(place)
    assert len((await wire.ask("list", {}))["projects"]) == 1
    wire.send(SHUTDOWN, EXIT)
    await wire.answer_to("bye")
    assert await wire.from_server.read() == b""
    assert await wire.gone() == 0


async def test_an_editor_that_stops_reading_can_still_end_the_server(wire: Wire) -> None:
    """What it does not take never keeps a signal from being heard."""
    wire.process._transport.get_pipe_transport(1).pause_reading()  # type: ignore[attr-defined]
    request = {"method": "workspace/executeCommand", "params": {"command": "beadwork.list"}}
    wire.send(*({"id": number, **request} for number in range(500)))
    await wire.to_server.drain()
    wire.process.terminate()
    assert await wire.gone() == 1


async def test_an_idle_server_uses_next_to_no_processor(wire: Wire) -> None:
    """A server whose editor is idle is idle; one that spins would use a whole core."""
    await wire.ask("list", {})
    ticks = _ticks(wire.process.pid)
    await asyncio.sleep(3)
    used = (_ticks(wire.process.pid) - ticks) / os.sysconf("SC_CLK_TCK")
    assert used < 1.0


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def test_no_server_stays_when_its_wire_breaks_in_mid_message(wire: Wire) -> None:
    """Half a message and then the end of input is the end."""
    wire.to_server.write(b'Content-Length: 100\r\n\r\n{"jsonrpc"')
    wire.to_server.close()
    assert await wire.gone() == 1
    await eventually("the process is gone", lambda: not Path(f"/proc/{wire.process.pid}/stat").exists())
