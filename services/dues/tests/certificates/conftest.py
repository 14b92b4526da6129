"""The service with a key to sign with."""

import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from dues.app import service
from dues.certificates.domain import KeyPair

from .closing import key_pair


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """One for all tests: what was signed with it is put back for each of them."""
    return key_pair(tmp_path_factory.mktemp("keys"))


@pytest_asyncio.fixture
async def signing(assemble: Assemble, keys: KeyPair) -> ServiceUnderTest:
    return await assemble(service, signing_key_file=keys.key, signing_certificate_file=keys.certificate)
