"""What a collection says of the mandate it is made under, and under which of a member's it is made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from dues.mandates.domain.account import Account
from dues.mandates.domain.lapse import LapseRule
from dues.mandates.domain.mandate import (
    LIVE,
    Creditor,
    Mandate,
    MandateKind,
    Scheme,
    account_on,
    creditor_on,
    require_live,
    require_presentable,
)
from dues.mandates.domain.refusals import MandateNotSigned

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Original:
    """What the banks were last told where it has changed since (``AmdmntInfDtls``); None where it has not."""

    iban: str | None
    creditor_name: str | None
    creditor_ics: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentable:
    """A mandate as a collection of one day carries it. ``original`` is None where nothing was amended since the last.

    ``last_presented_on`` tells a first collection from those that follow: the scheme no longer asks for another
    sequence type (RCUR from the first on), and a creditor may still say FRST.
    """

    mandate_id: UUID
    member_id: UUID
    rum: str
    kind: MandateKind
    scheme: Scheme
    signed_on: date
    account: Account
    debtor_address: tuple[str, ...]
    creditor: Creditor
    last_presented_on: date | None
    original: Original | None


def presentable(mandates: Sequence[Mandate], rule: LapseRule, on: date) -> Presentable:
    """Return what a collection of a day needs of one member's mandates.

    Raises MandateNotSigned, MandateEnded, MandateLapsed, MandateSuspended.
    """
    if not mandates:
        raise MandateNotSigned("Aucun mandat de prélèvement n'est signé.")
    mandate = max(mandates, key=_precedence)
    signing = require_live(mandate, rule, on)
    require_presentable(mandate, rule, on)
    return Presentable(
        mandate_id=mandate.id,
        member_id=mandate.member_id,
        rum=mandate.rum,
        kind=mandate.kind,
        scheme=mandate.scheme,
        signed_on=signing.signed_on,
        account=account_on(mandate, on),
        debtor_address=mandate.debtor_address,
        creditor=creditor_on(mandate, on),
        last_presented_on=mandate.last_presented_on,
        original=original_on(mandate, on),
    )


def original_on(mandate: Mandate, on: date) -> Original | None:
    """Return what the banks were last told of what has changed since: an account given back has not."""
    told = [one for one in mandate.in_force_order if one.presented_on]
    iban = _last((one.account for one in told), mandate.account).iban
    creditor = _last((one.creditor for one in told), mandate.creditor)
    now_iban, now = account_on(mandate, on).iban, creditor_on(mandate, on)
    original = Original(
        iban=iban if iban != now_iban else None,
        creditor_name=creditor.name if creditor.name != now.name else None,
        creditor_ics=creditor.ics if creditor.ics != now.ics else None,
    )
    return original if original != Original(None, None, None) else None


def _precedence(mandate: Mandate) -> tuple[bool, bool, date, str]:
    """A live mandate before others, then what was signed, then the latest: a structure merged from two may hold two."""
    signed_on = mandate.signing.signed_on if mandate.signing else mandate.prepared_on
    return mandate.state in LIVE, mandate.signing is not None, signed_on, mandate.rum


def _last(known: Iterable[T | None], signed: T) -> T:
    return [signed, *(one for one in known if one is not None)][-1]
