"""How a due is shared out: national offer, the member's delegation, the mutual fund for regional projects.

A call announces each one's part; the part is due to them as the money comes in, and is taken back with it.

Source: general assembly of 27 June 2024, activity report 2024 (50 %, 40 %, up to 10 %).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.money import split
from common.sourced import DatumStatus
from dues.grids.domain import Beneficiary, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one beneficiary receives of a due, in euros. ``code`` names the very delegation."""

    code: str
    beneficiary: Beneficiary
    percent: Decimal
    amount: Decimal
    status: DatumStatus
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A call for dues and what it said each beneficiary would receive, in euros, by code."""

    invoice_id: UUID
    number: str
    year: int
    member_name: str
    parts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """Money put on a call, or taken back: what was paid of it before, and after. ``piece`` is what it is called by."""

    id: UUID
    invoice_id: UUID
    piece: str
    paid_before: Decimal
    paid_after: Decimal


def apportion(total: Decimal, shares: Sequence[Share], *, delegation: str) -> tuple[Part, ...]:
    """Share a due out to the cent: the parts always sum to the total (largest remainder)."""
    amounts = split(total, [share.percent.value for share in shares])
    return tuple(
        Part(
            code=_code(share.beneficiary, delegation),
            beneficiary=share.beneficiary,
            percent=share.percent.value,
            amount=amount,
            status=share.percent.status,
            note=share.percent.note,
        )
        for share, amount in zip(shares, amounts, strict=True)
    )


def cash_parts(paid_before: Decimal, paid_after: Decimal, parts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Share out money put on a call, or taken back from it, in proportion to the parts it announced.

    Each receives what it is due of all that is now paid, less what it was due before: whatever the way, what it has of
    a call paid in full is what was announced, and of a call of which nothing is paid, nothing. A part that does not
    move is left out.
    """
    before, after = _shared(paid_before, parts), _shared(paid_after, parts)
    return {code: after[code] - before[code] for code in after if after[code] != before[code]}


def delegation_of(code: str) -> str | None:
    """Return the delegation that a beneficiary is, None where it is none.

    >>> delegation_of("delegation-occitanie"), delegation_of("mutual-fund")
    ('occitanie', None)
    """
    prefix = _code(Beneficiary.DELEGATION, "")
    return code.removeprefix(prefix) if code.startswith(prefix) else None


def beneficiary_of(code: str) -> Beneficiary:
    """Return which kind of beneficiary a code names."""
    return Beneficiary.DELEGATION if delegation_of(code) is not None else Beneficiary(code)


def _shared(paid: Decimal, parts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    codes = sorted(parts, key=lambda code: (-parts[code], code))
    return dict(zip(codes, split(paid, [parts[code] for code in codes]), strict=True))


def _code(beneficiary: Beneficiary, delegation: str) -> str:
    return f"delegation-{delegation}" if beneficiary is Beneficiary.DELEGATION else beneficiary.value
