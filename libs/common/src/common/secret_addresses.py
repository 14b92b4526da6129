"""Secret addresses: who knows one reads what it shows, without a token, for as long as it serves. Pure.

Calendars ask for nothing but an address, and no token lives as long as a subscription. The secret is shown once and
kept nowhere: of it stays a digest, enough to recognise it. A service says of its own addresses what they show and to
whom they were given (``class …(SecretAddress)``, and a row on ``common.tables.SecretAddressColumns``).
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from common.errors import Conflict, NotFound
from common.wording import write_day

_SECRET_BYTES = 32


class SecretAddressNotFound(NotFound):
    """No such address within reach; or what is read at it was revoked, or has expired."""

    code = "secret_address_not_found"


class SecretAddressRevoked(Conflict):
    """A revoked address never serves again: another is asked for."""

    code = "secret_address_revoked"


class SecretAddressesTooMany(Conflict):
    """As many addresses serve already as one may have."""

    code = "secret_addresses_too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretAddress:
    """One address: ``token_hash`` is the ``digest`` of its secret, ``expires_on`` the last day on which it serves."""

    id: UUID
    token_hash: str
    created_at: datetime
    expires_on: date
    last_used_on: date | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None

    def serves(self, today: date) -> bool:
        """Tell whether something is read at it."""
        return self.revoked_at is None and today <= self.expires_on


Address = TypeVar("Address", bound=SecretAddress)


def new_secret() -> str:
    """Return a secret that nobody guesses (256 bits), as an address writes it.

    >>> len(new_secret()), new_secret() == new_secret()
    (43, False)
    """
    return secrets.token_urlsafe(_SECRET_BYTES)


def digest(secret: str) -> str:
    """Return what is kept of a secret: enough to recognise it and not to say it.

    >>> len(digest("secret")), digest("secret") == digest("another")
    (64, False)
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def require_room(addresses: Iterable[SecretAddress], today: date, most: int) -> None:
    """Let one more address serve beside those that one has. Raises SecretAddressesTooMany."""
    if sum(one.serves(today) for one in addresses) >= most:
        raise SecretAddressesTooMany(f"Déjà {most} adresses servent : retirez-en une.")


def require_unrevoked(address: SecretAddress) -> None:
    """Let an address be renewed or revoked that was not revoked before, expired or not. Raises SecretAddressRevoked."""
    if address.revoked_at is not None:
        revoked = write_day(address.revoked_at.date())
        raise SecretAddressRevoked(f"Cette adresse a été retirée le {revoked} : demandez-en une autre.")


def revoke(address: Address, at: datetime, by: str) -> Address:
    """Have an address serve no more, at once and for good. Raises SecretAddressRevoked."""
    require_unrevoked(address)
    return replace(address, revoked_at=at, revoked_by=by)
