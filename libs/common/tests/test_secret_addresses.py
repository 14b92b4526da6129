"""Secret addresses: until when one serves, how many serve at once, and that a revoked one never does again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.secret_addresses import (
    SecretAddress,
    SecretAddressesTooMany,
    SecretAddressRevoked,
    digest,
    require_room,
    require_unrevoked,
    revoke,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
ADDRESS = SecretAddress(id=UUID(int=1), token_hash=digest("x"), created_at=NOW, expires_on=TODAY)


@pytest.mark.parametrize(
    ("address", "day", "serves"),
    [
        pytest.param(ADDRESS, TODAY, True, id="son dernier jour"),
        pytest.param(ADDRESS, TODAY + timedelta(days=1), False, id="le lendemain"),
        pytest.param(revoke(ADDRESS, NOW, "x"), TODAY, False, id="retirée"),
    ],
)
def test_until_when_an_address_serves(address: SecretAddress, day: date, *, serves: bool) -> None:
    assert address.serves(day) is serves


@pytest.mark.parametrize(
    ("revoked", "expired", "refused"),
    [
        pytest.param(0, 0, True, id="vingt qui servent"),
        pytest.param(1, 0, False, id="une retirée"),
        pytest.param(0, 1, False, id="une expirée"),
    ],
)
def test_twenty_addresses_are_enough(revoked: int, expired: int, *, refused: bool) -> None:
    addresses = [ADDRESS] * (20 - revoked - expired)
    addresses += [revoke(ADDRESS, NOW, "x")] * revoked + [replace(ADDRESS, expires_on=YESTERDAY)] * expired
    if refused:
        with pytest.raises(SecretAddressesTooMany):
            require_room(addresses, TODAY, 20)
    else:
        require_room(addresses, TODAY, 20)


def test_a_revoked_address_is_revoked_for_good() -> None:
    gone = revoke(ADDRESS, NOW, "x")
    assert (gone.revoked_at, gone.revoked_by) == (NOW, "x")
    for act in (lambda: revoke(gone, NOW, "y"), lambda: require_unrevoked(gone)):
        with pytest.raises(SecretAddressRevoked, match="retirée le 23 novembre 2026"):
            act()
    require_unrevoked(replace(ADDRESS, expires_on=YESTERDAY))
