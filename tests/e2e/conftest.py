from collections.abc import Iterator

import pytest
from e2e.platform import Platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform after `make up`: started, and the story told."""
    running = Platform.in_folder(tmp_path_factory.mktemp("platform") / "local")
    try:
        running.command("devstack", "up")
        yield running
    finally:
        running.command("devstack", "reset")
