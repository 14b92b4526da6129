"""The service with a key to sign with."""

from pathlib import Path

import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from dues.app import service
from dues.certificates.domain import KeyPair

from .closing import key_pair


@pytest.fixture
def keys(tmp_path: Path) -> KeyPair:
    return key_pair(tmp_path)


@pytest_asyncio.fixture
async def signing(assemble: Assemble, keys: KeyPair) -> ServiceUnderTest:
    return await assemble(service, signing_key_file=keys.key, signing_certificate_file=keys.certificate)
