from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from e2e.platform import Platform


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """A platform after `make up`, started and its story told: one for each file of tests."""
    with TemporaryDirectory(prefix="coorace-platform-") as folder:
        running = Platform.in_folder(Path(folder) / "local")
        try:
            running.command("devstack", "up")
            yield running
        finally:
            running.command("devstack", "reset")
