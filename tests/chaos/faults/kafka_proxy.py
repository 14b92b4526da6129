"""A link to a Kafka broker that its clients cannot get round, and that can lose one answer in particular."""

import asyncio
from collections.abc import AsyncIterator

from chaos.faults.proxy import HOST, Connection, Proxy

_PRODUCE = (0).to_bytes(2, "big")


class KafkaProxy(Proxy):
    """A link that reads Kafka's frames: a size, then a header that begins with the API's key or the correlation.

    A broker sends its clients to the address it advertises; in its answers the link puts its own in that place.
    """

    def __init__(self, target_port: int) -> None:
        super().__init__(target_port)
        self._broker, self._link = _address(target_port), _address(self.port)
        self._armed: asyncio.Event | None = None
        self._awaited: dict[Connection, tuple[bytes, asyncio.Event]] = {}

    def lose_next_produce_answer(self) -> asyncio.Event:
        """Let the next Produce request be appended, then reset its connection in place of the answer.

        The broker's host lost power, or a firewall forgot the connection, after the append: the producer cannot
        know, and sends again. The event returned is set once the answer has come from the broker and been lost.
        """
        self._armed = asyncio.Event()
        return self._armed

    async def heal(self) -> None:
        """End every fault, also the loss that is still to come."""
        self._armed = None
        self._awaited.clear()
        await super().heal()

    async def _requests_of(self, connection: Connection, requests: asyncio.StreamReader) -> AsyncIterator[bytes]:
        async for frame in _frames(requests):
            if self._armed is not None and frame[4:6] == _PRODUCE:
                self._awaited[connection] = (frame[8:12], self._armed)
                self._armed = None
            yield frame

    async def _answers_of(self, connection: Connection, answers: asyncio.StreamReader) -> AsyncIterator[bytes]:
        async for frame in _frames(answers):
            correlation, lost = self._awaited.get(connection, (b"", None))
            if lost is not None and frame[4:8] == correlation:
                del self._awaited[connection]
                lost.set()
                raise ConnectionResetError
            yield frame.replace(self._broker, self._link)


def _address(port: int) -> bytes:
    """Return an address as Kafka writes it in every answer that names a broker: the host, then the port in 4 bytes."""
    return HOST.encode() + port.to_bytes(4, "big")


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield whole frames, each with its size; one that the end of the stream cuts short is lost with it."""
    try:
        while True:
            size = await reader.readexactly(4)
            yield size + await reader.readexactly(int.from_bytes(size, "big"))
    except asyncio.IncompleteReadError:
        return
