"""The record of which processes the stack started: one small file each, checked against the living."""

import json
import signal
from dataclasses import dataclass
from pathlib import Path

from devstack.processes import Program, Running


@dataclass(frozen=True, slots=True)
class Record:
    """A process that the stack started, and the fingerprint of the program it was started from."""

    running: Running
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Registry:
    """The folder of records."""

    folder: Path

    def remember(self, program: Program, running: Running) -> None:
        """Record that ``running`` was started from ``program``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        record = {
            "pid": running.pid,
            "born": running.born,
            "stop_signal": running.stop_signal.value,
            "fingerprint": program.fingerprint,
        }
        partial = self._path(program.name).with_suffix(".partial")
        partial.write_text(json.dumps(record))
        partial.replace(self._path(program.name))

    def find(self, name: str) -> Record | None:
        """The process recorded under ``name``, if it is still the one that was started."""
        try:
            record = json.loads(self._path(name).read_text())
        except FileNotFoundError:
            return None
        running = Running(record["pid"], record["born"], signal.Signals(record["stop_signal"]))
        return Record(running, record["fingerprint"]) if running.alive() else None

    def names(self) -> list[str]:
        """The processes that still run."""
        return sorted(path.stem for path in self.folder.glob("*.json") if self.find(path.stem))

    def stop(self, name: str) -> bool:
        """Stop the process recorded under ``name`` and forget it. False: it was not running."""
        record = self.find(name)
        if record is not None:
            record.running.stop()
        self._path(name).unlink(missing_ok=True)
        return record is not None

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
