"""A broker that a test may kill and start again."""

from pathlib import Path

from common.contracts.platform import ReplayRequested
from devstack.broker import Broker, Lane, choose_lane, start_broker
from devstack.ports import free_port

TOPIC = "mortal.note"


class MortalBroker:
    """A broker of the test's own, on one port for all its lives."""

    def __init__(self, folder: Path) -> None:
        self.lane: Lane = choose_lane().lane
        self._folder = folder
        self._port = free_port()
        self._life: Broker | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        self._life = start_broker(self.lane, self._folder, self._port, {TOPIC: 6, ReplayRequested.topic: 1})

    def kill(self) -> None:
        if self._life:
            self._life.kill()
