"""What a person sees while the stack starts: each step as it runs, then how long it took."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@dataclass(slots=True)
class Step:
    """A step under way; ``note`` is what its last line adds to its title."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """Shows steps that run side by side. Away from a terminal, one line per finished step."""

    console: Console
    progress: Progress = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        object.__setattr__(self, "progress", Progress(*columns, console=self.console, transient=True))

    def __enter__(self) -> "Screen":
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show ``title`` while the block runs, then its outcome and its seconds."""
        step, started = Step(), time.monotonic()
        task = self.progress.add_task(escape(title), total=None)
        mark = "[red]✗[/red]"
        try:
            yield step
            mark = "[green]✓[/green]"
        finally:
            self.progress.remove_task(task)
            seconds = f"{time.monotonic() - started:.1f}".replace(".", ",")
            note = f" [dim]{escape(step.note)}[/dim]" if step.note else ""
            with self.lock:
                self.console.print(
                    f"{mark} {escape(title)}{note} [dim]{seconds} s[/dim]", highlight=False, soft_wrap=True
                )
