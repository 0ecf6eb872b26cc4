"""Services on 127.0.0.1 that take notifications, and answer well, badly, at length or never.

What it leaves out: any service but Apprise's `json://`, which posts what it is given.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence


async def request_of(reader: asyncio.StreamReader) -> dict[str, object]:
    """Read one HTTP request, and give its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line.lower()
    )
    return dict(json.loads(await reader.readexactly(length)))


class Service:
    """An HTTP service on the loopback that takes what it is sent, and answers as it was told to."""

    def __init__(
        self, status: str = "200 OK", *, answer: int = 0, answers: bool = True, after: float = 0.0
    ) -> None:
        self.status = status
        self.answer = answer
        """Bytes of its answer's body."""
        self.answers = answers
        """Whether it answers at all; else it holds the connection open, a byte now and then."""
        self.after = after
        """Seconds of silence before it answers."""
        self.taken: list[dict[str, object]] = []
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one notification."""
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                self.taken.append(await request_of(reader))
                head = f"HTTP/1.1 {self.status}\r\nContent-Length: {self.answer}\r\nConnection: close\r\n\r\n"
                while not self.answers:
                    writer.write(b"X")  # a service that says something all the time outwits a read timeout
                    await writer.drain()
                    await asyncio.sleep(0.5)
                await asyncio.sleep(self.after)
                writer.write(head.encode())
                for _ in range(self.answer // 1024):
                    writer.write(b"x" * 1024)
                    await writer.drain()
                await writer.drain()
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def serving(*services: Service) -> AsyncIterator[Sequence[str]]:
    """Open the services, and give their addresses."""
    async with contextlib.AsyncExitStack() as stack:
        for service in services:
            tasks: set[asyncio.Task[None]] = set()

            def begin(
                reader: asyncio.StreamReader,
                writer: asyncio.StreamWriter,
                service: Service = service,
                tasks: set[asyncio.Task[None]] = tasks,
            ) -> None:
                tasks.add(asyncio.create_task(service.serve(reader, writer)))

            server = await asyncio.start_server(begin, "127.0.0.1", 0)
            stack.push_async_callback(_end, server, tasks)
            port = server.sockets[0].getsockname()[1]
            service.address = f"json://127.0.0.1:{port}/s3cret-path/"
        yield [service.address for service in services]


async def _end(server: asyncio.Server, tasks: set[asyncio.Task[None]]) -> None:
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
