"""The clients: they send commands for as long as they are told, and note of each what they can honestly say.

Three answers: ok (it was acknowledged), fail (it certainly did not happen), unknown (no answer: only the database
can tell). A client that got no answer may ask again under the same ``Idempotency-Key``, as a screen does.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx

Outcome = Literal["ok", "fail", "unknown"]

_CREATED = 201
_REFUSED = range(400, 500)
_TIMEOUT_SECONDS = 5.0
_PAUSE_SECONDS = 0.1
_LARGEST_AMOUNT = 50


@dataclass(frozen=True, slots=True)
class Command:
    """One command and its answer."""

    token: UUID
    accounts: tuple[UUID, ...]
    amount: int
    outcome: Outcome
    detail: str = ""
    tries: int = 1
    """How often it was sent: again after each time that nobody could tell."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How the clients behave."""

    clients: int = 6
    accounts: int = 24
    """Few, so that commands meet on them."""
    at_once: int = 3
    """Accounts that one command moves, at most."""
    per_second: float = 60.0
    """Commands of all clients together."""
    asks_again: float = 0.5
    """Share of unanswered commands that are sent again."""
    refused: float = 0.05
    """Share of commands that the service must refuse."""


class Load:
    """Commands on a run's accounts."""

    def __init__(self, apis: Callable[[], Sequence[str]], token: str, habits: Habits, seed: int = 1) -> None:
        self._apis = apis
        self._headers = {"Authorization": f"Bearer {token}"}
        self._habits = habits
        self.dice = random.Random(seed)
        self._accounts = [UUID(int=self.dice.getrandbits(128), version=4) for _ in range(habits.accounts)]
        self._turn = 0
        self.sent: list[Command] = []

    @property
    def acknowledged(self) -> int:
        """How many commands were answered ok."""
        return sum(command.outcome == "ok" for command in self.sent)

    @property
    def left_unanswered(self) -> bool:
        """Whether a client could not tell at least once what became of its command."""
        return any(command.tries > 1 or command.outcome == "unknown" for command in self.sent)

    async def send(
        self, amount: int, accounts: Sequence[UUID], *, api: str | None = None, padding: str = ""
    ) -> Command:
        """Send one command, to a given process if one is named, and note its answer. Padding makes its facts large."""
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, headers=self._headers) as client:
            return await self._send(client, amount, accounts, api, padding)

    def note(self, amount: int, accounts: Sequence[UUID]) -> UUID:
        """Note a command that a test carries out by itself and to its end; return its token."""
        command = Command(uuid4(), tuple(accounts), amount, "ok")
        self.sent.append(command)
        return command.token

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Send commands without pause for as long as the block lasts; those under way are waited for."""
        stop = asyncio.Event()
        clients = [asyncio.ensure_future(self._client(stop)) for _ in range(self._habits.clients)]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*clients)

    async def _client(self, stop: asyncio.Event) -> None:
        pause = self._habits.clients / self._habits.per_second
        loop = asyncio.get_running_loop()
        due = loop.time() + self.dice.random() * pause
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, headers=self._headers) as client:
            while not stop.is_set():
                await self._send(client, *self._draw())
                due = max(due + pause, loop.time() - pause)
                await asyncio.sleep(max(0.0, due - loop.time()))

    def _draw(self) -> tuple[int, list[UUID]]:
        dice, habits = self.dice, self._habits
        amount = 0 if dice.random() < habits.refused else dice.randint(1, _LARGEST_AMOUNT)
        return amount, dice.sample(self._accounts, dice.randint(1, habits.at_once))

    async def _send(
        self,
        client: httpx.AsyncClient,
        amount: int,
        accounts: Sequence[UUID],
        api: str | None = None,
        padding: str = "",
    ) -> Command:
        token = uuid4()
        body = {"token": str(token), "accounts": [str(one) for one in accounts], "amount": amount, "padding": padding}
        outcome, detail = await self._ask(client, body, api)
        tries = 1
        while outcome == "unknown" and self.dice.random() < self._habits.asks_again:
            await asyncio.sleep(_PAUSE_SECONDS)
            again, detail = await self._ask(client, body, api)
            outcome = "ok" if again == "ok" else outcome  # the first may have done what a later one cannot
            tries += 1
        command = Command(token, tuple(accounts), amount, outcome, detail, tries)
        self.sent.append(command)
        return command

    async def _ask(self, client: httpx.AsyncClient, body: Mapping[str, Any], api: str | None) -> tuple[Outcome, str]:
        apis = self._apis()
        self._turn += 1
        url = f"{api or apis[self._turn % len(apis)]}/v1/movements"
        try:
            answer = await client.post(url, json=body, headers={"Idempotency-Key": body["token"]})
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return "fail", type(error).__name__
        except httpx.HTTPError as error:
            return "unknown", type(error).__name__
        if answer.status_code == _CREATED:
            return "ok", ""
        return ("fail" if answer.status_code in _REFUSED else "unknown"), answer.text
