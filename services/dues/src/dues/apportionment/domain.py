"""How a due is shared out: national offer, the member's delegation, the mutual fund for regional projects.

Source: general assembly of 27 June 2024, activity report 2024 (50 %, 40 %, up to 10 %).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.money import split
from dues.grids.domain import Beneficiary, DatumStatus, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one beneficiary receives of a due, in euros. ``code`` names the very delegation."""

    code: str
    beneficiary: Beneficiary
    percent: Decimal
    amount: Decimal
    status: DatumStatus
    note: str


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


def _code(beneficiary: Beneficiary, delegation: str) -> str:
    return f"delegation-{delegation}" if beneficiary is Beneficiary.DELEGATION else beneficiary.value
