"""From when a share may be invoiced, and how much of it."""

from datetime import date, datetime
from decimal import Decimal

from common.money import format_euros, round_to_cents
from common.wording import write_day
from training.billings.domain import PayerKind, Share, ShareStatus
from training.invoices.domain.refusals import InstalmentTooLarge, SessionNotOver, ShareNotAgreed, WithdrawalPending
from training.invoices.domain.terms import InstalmentRule


def require_agreed(share: Share) -> None:
    """Invoice a funder under its file alone. Raises ShareNotAgreed."""
    if share.status is not ShareStatus.AGREED:
        raise ShareNotAgreed("Un financeur se facture sur son accord : notez son dossier, sa date et son montant.")


def require_over(share: Share, last_ends_at: datetime | None, now: datetime) -> None:
    """Have an operator of skills pay what was carried out. Raises SessionNotOver.

    It pays on a certificate of completion (arrêté du 21 décembre 2018). As long as no certificate is kept here, the end
    of the last half-day stands for it: an assumption, said where the invoice is refused.
    """
    if share.kind is PayerKind.OPCO and (last_ends_at is None or now < last_ends_at):
        when = f" : elle finit le {write_day(last_ends_at.date())}" if last_ends_at else ""
        raise SessionNotOver(
            f"Un opérateur de compétences se facture une fois la session finie{when}. Joignez-y le certificat de "
            "réalisation, qui n'est pas encore tenu ici."
        )


def require_instalment(
    share: Share, asked: Decimal, rule: InstalmentRule, free_after: date, today: date, progress: tuple[int, int]
) -> None:
    """Ask a person for nothing while they may withdraw, then for no more than is due by this day.

    ``asked``: with what was invoiced already. Labour code, L6353-6: nothing before the delay ends, then 30 % at most,
    the balance as the training goes; ``progress``: half-days over, of how many. Raises WithdrawalPending,
    InstalmentTooLarge.
    """
    if today <= free_after:
        raise WithdrawalPending(
            f"Rétractation possible jusqu'au {write_day(free_after)} compris : rien ne se facture avant le lendemain.",
            extra={"until": free_after.isoformat()},
        )
    most = most_of_person(share.amount, rule, progress)
    if asked > most:
        raise InstalmentTooLarge(
            f"{format_euros(most)} au plus peuvent être demandés à ce jour, factures déjà émises comprises : "
            f"{rule.first_percent} % du prix, puis le solde au fil des demi-journées ({rule.source}).",
            extra={"most": str(most), "left": str(max(most - share.invoiced, Decimal(0)))},
        )


def most_of_person(price: Decimal, rule: InstalmentRule, progress: tuple[int, int]) -> Decimal:
    """Return how much of a price a person may have been asked, so many half-days being over."""
    over, of = progress
    first = price * rule.first_percent / 100
    return round_to_cents(first + (price - first) * over / of) if of else round_to_cents(first)
