from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from e2e.platform import Platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The platform after `make up`: started, and the story told."""
    running = Platform.in_folder(Path(mkdtemp(prefix="coorace-platform-")) / "local")
    try:
        running.command("devstack", "up")
        yield running
    finally:
        running.command("devstack", "reset")
