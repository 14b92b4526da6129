"""What is exported and printed of the accounts: the aged balance for the treasurer, a member's account for both."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import write_day
from dues.grids.domain import delegation_name
from dues.legal_entities.domain import LegalEntity
from dues.receivables.domain import NOTHING, Bucket, LineKind
from dues.receivables.schemas import AccountOut, AgedBalanceOut, AgedLineOut, AgedSumsOut

_TEMPLATES: Final = Path(__file__).parent / "templates"
_PLAIN: Final = str.maketrans(" éà", "_ea")
MOST_PRINTED: Final = 2_000
"""Members on one paper: some sixty pages."""


def export_header(buckets: Sequence[Bucket]) -> tuple[str, ...]:
    """Return the columns of an export, one for each bucket."""
    named = (bucket.label.translate(_PLAIN) for bucket in buckets)
    return ("adherent", "delegation", "appels", "du", "echu", *named, "plus_ancienne_echeance")


def export_lines(lines: Sequence[AgedLineOut]) -> Iterator[Sequence[object]]:
    """Write what each member owes, in the order of ``export_header``."""
    for one in lines:
        amounts = (bucket.amount for bucket in one.buckets)
        owes = (one.calls, one.owed, one.overdue, *amounts, one.oldest_due_on)
        yield (one.member_name, delegation_name(one.delegation), *owes)


async def print_balance(seller: LegalEntity, balance: AgedBalanceOut, kept_to: Sequence[str]) -> bytes:
    """Return the PDF of an aged balance; ``kept_to`` are the filters that made it shorter."""
    data = {
        "seller": _seller(seller),
        "as_of": write_day(balance.as_of),
        "kept_to": list(kept_to),
        "buckets": [bucket.label for bucket in balance.totals.buckets],
        "lines": [
            {"name": one.member_name, "delegation": delegation_name(one.delegation) or "–", **_sums(one)}
            for one in balance.items
        ],
        "members": str(balance.totals.members),
        "total": _sums(balance.totals),
    }
    return await print_pdf(_TEMPLATES / "aged-balance.typ", data, on=balance.as_of)


async def print_account(seller: LegalEntity, account: AccountOut) -> bytes:
    """Return the PDF of a member's account."""
    data = {
        "seller": _seller(seller),
        "member": account.member_name,
        "as_of": write_day(account.as_of),
        "since": write_day(account.since) if account.since else "",
        "opening": format_euros(account.opening),
        "lines": [
            {
                "day": f"{one.day:%d/%m/%Y}",
                "piece": one.piece,
                "label": f"{one.kind_label.capitalize()} · {one.label}",
                "due_on": f"échéance le {one.due_on:%d/%m/%Y}" if one.due_on and one.kind is LineKind.CALL else "",
                "debit": _amount(one.debit),
                "credit": _amount(one.credit),
                "balance": format_euros(one.balance),
            }
            for one in account.lines
        ],
        "balance": format_euros(account.balance),
        "settled": account.balance == 0,
        "past_years": _amount(account.owed_on_past_years),
        "overdue": _amount(account.aged.overdue),
        "advance": _amount(account.advance or NOTHING),
        "buckets": [{"label": one.label, "amount": format_euros(one.amount)} for one in account.aged.buckets],
    }
    return await print_pdf(_TEMPLATES / "account.typ", data, on=account.as_of)


def _sums(sums: AgedSumsOut) -> dict[str, Any]:
    return {
        "owed": format_euros(sums.owed),
        "amounts": [_amount(bucket.amount) for bucket in sums.buckets],
    }


def _amount(amount: Decimal) -> str:
    """Write an amount, nothing for none: a table of zeros hides what is owed."""
    return format_euros(amount) if amount else ""


def _seller(seller: LegalEntity) -> dict[str, Any]:
    return {
        "name": seller.name,
        "legal_form": seller.legal_form,
        "siren": seller.siren,
        "email": seller.email,
        "address": list(seller.address.lines),
    }
