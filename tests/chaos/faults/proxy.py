"""A TCP link that fails on demand: it stands before a server, in the test's own event loop."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"

_READ_BYTES = 65_536
_CHUNKS_UNDER_WAY = 256
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER of no time at all: closing answers with RST instead of FIN."""


@dataclass(eq=False)
class Connection:
    """A client's connection and, once the target has accepted it, the one to the target."""

    client: asyncio.StreamWriter
    target: asyncio.StreamWriter | None = None

    def reset(self) -> None:
        """Close both ends with RST, losing what is under way."""
        for writer in filter(None, (self.client, self.target)):
            if not writer.transport.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()


class Proxy:
    """Forwards a port of its own to ``target_port`` of 127.0.0.1; ``async with`` opens it, healthy.

    Faults hold until ``heal`` and add up. They act on every connection, those that exist and those to come.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self._listening = _bound(0)
        self.port: int = self._listening.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._requests, self._answers = asyncio.Event(), asyncio.Event()
        self._delay = 0.0

    async def __aenter__(self) -> Self:
        await self.heal()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = list(self._connections)
        self.cut()
        self._listening.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many connections clients hold now."""
        return len(self._connections)

    def cut(self) -> None:
        """Reset all connections, refuse new ones: a process that died, a firewall that rejects."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._listening = _bound(self.port)  # bound, not listening: the port refuses, and stays ours
        for task, connection in self._connections.items():
            connection.reset()
            task.cancel()

    def stall(self) -> None:
        """Keep all connections, accept new ones, carry nothing: a switch that drops packets, a host that vanished.

        Nobody is told. What was sent meanwhile arrives after ``heal``, as TCP's retransmission has it.
        """
        self._requests.clear()
        self._answers.clear()

    def hold_answers(self) -> None:
        """Carry requests and no answer: a one-way loss. Held answers arrive after ``heal``, unless the client left."""
        self._answers.clear()

    def forget(self) -> None:
        """Carry nothing more on the connections that exist, for good; new ones are healthy.

        A firewall that restarted with an empty table, an address that moved to another host: nobody is told.
        """
        self.stall()
        self._requests, self._answers = asyncio.Event(), asyncio.Event()
        self._requests.set()
        self._answers.set()

    def delay(self, seconds: float) -> None:
        """Carry everything ``seconds`` later, each way and in order: a far site, a full pipe."""
        self._delay = seconds

    async def heal(self) -> None:
        """End every fault. Connections that were reset stay so."""
        self._delay = 0.0
        self._requests.set()
        self._answers.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, sock=self._listening)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer)
        task = asyncio.ensure_future(self._serve(connection, reader))
        self._connections[task] = connection
        task.add_done_callback(self._connections.pop)

    async def _serve(self, connection: Connection, requests: asyncio.StreamReader) -> None:
        requests_pass, answers_pass = self._requests, self._answers
        try:
            await requests_pass.wait()
            answers, connection.target = await asyncio.open_connection(HOST, self.target_port)
            async with asyncio.TaskGroup() as directions:
                directions.create_task(
                    self._carry(self._requests_of(connection, requests), connection.target, requests_pass)
                )
                directions.create_task(
                    self._carry(self._answers_of(connection, answers), connection.client, answers_pass)
                )
        except* OSError:
            connection.reset()
        finally:
            for writer in filter(None, (connection.client, connection.target)):
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _carry(self, chunks: AsyncIterator[bytes], sink: asyncio.StreamWriter, passing: asyncio.Event) -> None:
        """Carry one direction: reading goes on while what was read waits for its time and for the link."""
        under_way: asyncio.Queue[tuple[float, bytes | OSError]] = asyncio.Queue(_CHUNKS_UNDER_WAY)
        async with asyncio.TaskGroup() as ends:
            ends.create_task(self._take_in(chunks, under_way))
            ends.create_task(self._give_out(under_way, sink, passing))

    async def _take_in(
        self, chunks: AsyncIterator[bytes], under_way: asyncio.Queue[tuple[float, bytes | OSError]]
    ) -> None:
        """Fill the pipe; the end of the stream, or its reset, travels in it like the rest."""
        now = asyncio.get_running_loop().time
        last: bytes | OSError = b""
        try:
            async for chunk in chunks:
                await under_way.put((now() + self._delay, chunk))
        except OSError as error:
            last = error
        await under_way.put((now() + self._delay, last))

    async def _give_out(
        self,
        under_way: asyncio.Queue[tuple[float, bytes | OSError]],
        sink: asyncio.StreamWriter,
        passing: asyncio.Event,
    ) -> None:
        while True:
            due, chunk = await under_way.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await passing.wait()
            if isinstance(chunk, OSError):
                raise chunk
            if not chunk:
                sink.write_eof()
                return
            sink.write(chunk)
            await sink.drain()

    def _requests_of(self, connection: Connection, requests: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Yield what a client sends; a proxy that knows the protocol looks at it here."""
        return _as_they_come(requests)

    def _answers_of(self, connection: Connection, answers: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Yield what the target answers."""
        return _as_they_come(answers)


async def _as_they_come(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await reader.read(_READ_BYTES):
        yield chunk


def _bound(port: int) -> socket.socket:
    """Return a socket that holds ``port``, any free one for 0, without listening yet."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((HOST, port))
    return bound
