"""A billing: what one accepted request is sold for, shared among who pays it. The shares make the total at all times.

Source: an action of training often has two payers, an operator of skills that pays the body itself (subrogation) and
the enterprise for the rest; what a funder refuses goes back to the buyer, who owes the price agreed (quote).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.legal_entities import Address
from common.money import format_euros, split
from common.wording import write_day
from training.billings.domain.refusals import (
    AgreementDateWrong,
    AmountTooLarge,
    NothingToBill,
    NothingToInvoice,
    SeatsChanged,
    ShareInvoiced,
    ShareNotFound,
    ShareOfBuyer,
    ShareRefused,
    SharesTooLarge,
)

NOTHING = Decimal("0.00")


class PayerKind(Labelled):
    """Who pays a share."""

    BUYER = "buyer", "acheteur"
    OPCO = "opco", "opérateur de compétences"
    OTHER = "other", "autre financeur"


class ShareStatus(Labelled):
    """Where a share stands."""

    ASKED = "asked", "demandée"
    AGREED = "agreed", "accordée"
    REFUSED = "refused", "refusée"


@dataclass(frozen=True, slots=True, kw_only=True)
class Funder:
    """Who pays in the place of the buyer."""

    kind: PayerKind
    name: str
    siren: str
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a funder answered: its file, the day of its agreement, how much, in euros."""

    amount: Decimal
    file_reference: str
    agreed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one payer pays, in euros. ``funder``: absent of the buyer; ``invoiced``: less what was credited."""

    id: UUID
    status: ShareStatus
    amount: Decimal
    invoiced: Decimal = NOTHING
    funder: Funder | None = None
    file_reference: str | None = None
    agreed_on: date | None = None

    @property
    def kind(self) -> PayerKind:
        """Who pays."""
        return self.funder.kind if self.funder else PayerKind.BUYER

    @property
    def left(self) -> Decimal:
        """What is still to be invoiced."""
        return self.amount - self.invoiced


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """What a request is sold for, in euros, and who pays it: the buyer first.

    ``seats``: those that were taken when the total was reckoned.
    """

    id: UUID
    request_id: UUID
    quote_id: UUID
    session_id: UUID
    member_id: UUID | None
    individual: bool
    reference: str
    title: str
    buyer_name: str
    seats: int
    total: Decimal
    shares: tuple[Share, ...]
    opened_at: datetime
    opened_by: str
    version: int = 1

    @property
    def buyer(self) -> Share:
        """The share of the buyer."""
        return self.shares[0]

    @property
    def invoiced(self) -> Decimal:
        """What is invoiced of it, less what was credited."""
        return sum((one.invoiced for one in self.shares), NOTHING)

    def share(self, share_id: UUID) -> Share:
        """Return one of its shares. Raises ShareNotFound."""
        found = next((one for one in self.shares if one.id == share_id), None)
        if found is None:
            raise ShareNotFound("Cette part n'est pas de cette facturation.")
        return found


def what_is_sold(price: Decimal, asked: int, taken: int, due: Decimal) -> Decimal:
    """Return what a request is sold for: its seats that are taken, and what those given back leave due."""
    return sum(split(price, [Decimal(1)] * asked)[:taken], NOTHING) + due


def opened(billing: Billing, funded: Iterable[tuple[UUID, Funder, Decimal]]) -> Billing:
    """Share a total among those asked to fund it, the rest being the buyer's. Raises NothingToBill, SharesTooLarge."""
    if not billing.total:
        raise NothingToBill("Aucune place n'est prise, et aucune place rendue ne laisse rien de dû.")
    asked = tuple(Share(id=key, status=ShareStatus.ASKED, amount=amount, funder=who) for key, who, amount in funded)
    return _balanced(billing, (billing.buyer, *asked))


def ask(billing: Billing, share_id: UUID, funder: Funder, amount: Decimal) -> Billing:
    """Ask one more funder for a part. Raises SharesTooLarge."""
    share = Share(id=share_id, status=ShareStatus.ASKED, amount=amount, funder=funder)
    return _changed(_balanced(billing, (*billing.shares, share)))


def agree(billing: Billing, share_id: UUID, given: Agreement, today: date) -> Billing:
    """Write what a funder agreed to; what it does not pay is the buyer's.

    Raises ShareNotFound, ShareOfBuyer, ShareRefused, ShareInvoiced, SharesTooLarge, AgreementDateWrong.
    """
    share = _of_funder(billing, share_id)
    if given.agreed_on > today:
        raise AgreementDateWrong(f"Un accord n'est pas daté d'après aujourd'hui, {write_day(today)}.")
    if given.amount < share.invoiced:
        raise ShareInvoiced(f"{format_euros(share.invoiced)} de cette part sont facturés : un avoir d'abord.")
    agreed = replace(
        share,
        status=ShareStatus.AGREED,
        amount=given.amount,
        file_reference=given.file_reference,
        agreed_on=given.agreed_on,
    )
    return _changed(_balanced(billing, _with(billing, agreed)))


def refuse(billing: Billing, share_id: UUID) -> Billing:
    """Give the whole of a funder's part back to the buyer.

    Raises ShareNotFound, ShareOfBuyer, ShareRefused, ShareInvoiced.
    """
    share = _of_funder(billing, share_id)
    if share.invoiced:
        raise ShareInvoiced(f"{format_euros(share.invoiced)} de cette part sont facturés : un avoir d'abord.")
    return _changed(_balanced(billing, _with(billing, replace(share, status=ShareStatus.REFUSED, amount=NOTHING))))


def require_unchanged(billing: Billing, sold: Decimal) -> None:
    """Let nothing be invoiced on a total that is not what is sold any more. Raises SeatsChanged."""
    if sold != billing.total:
        raise SeatsChanged(
            f"{format_euros(sold)} sont vendus aujourd'hui, la facturation en dit {format_euros(billing.total)} : "
            "des places ont été rendues, revoyez son total.",
            extra={"sold": str(sold), "total": str(billing.total)},
        )


def revise(billing: Billing, seats: int, sold: Decimal) -> Billing:
    """Take the total again from the seats; the difference is the buyer's. Raises ShareInvoiced, SharesTooLarge."""
    return _changed(_balanced(replace(billing, seats=seats, total=sold), billing.shares))


def invoice(billing: Billing, share_id: UUID, amount: Decimal | None) -> tuple[Billing, Decimal]:
    """Count as invoiced an amount of a share, all that is left of it without one; return how much.

    Raises ShareNotFound, NothingToInvoice, AmountTooLarge.
    """
    share = billing.share(share_id)
    if not share.left:
        raise NothingToInvoice("Il ne reste rien à facturer de cette part.")
    asked = share.left if amount is None else amount
    if asked > share.left:
        raise AmountTooLarge(f"Il reste {format_euros(share.left)} à facturer de cette part.")
    return _counted(billing, share, asked), asked


def credit(billing: Billing, share_id: UUID, amount: Decimal) -> Billing:
    """Count as invoiced no more what a credit note takes back. Raises ShareNotFound."""
    return _counted(billing, billing.share(share_id), -amount)


def _counted(billing: Billing, share: Share, amount: Decimal) -> Billing:
    return _changed(replace(billing, shares=_with(billing, replace(share, invoiced=share.invoiced + amount))))


def _of_funder(billing: Billing, share_id: UUID) -> Share:
    share = billing.share(share_id)
    if share.funder is None:
        raise ShareOfBuyer("La part de l'acheteur est ce que les autres ne paient pas.")
    if share.status is ShareStatus.REFUSED:
        raise ShareRefused("Cette part a été refusée : un autre dossier est une autre part.")
    return share


def _with(billing: Billing, share: Share) -> tuple[Share, ...]:
    return tuple(share if one.id == share.id else one for one in billing.shares)


def _balanced(billing: Billing, shares: tuple[Share, ...]) -> Billing:
    """Give the buyer what the others do not pay."""
    buyer, *others = shares
    rest = billing.total - sum((one.amount for one in others), NOTHING)
    if rest < 0:
        raise SharesTooLarge(f"Les financeurs paieraient plus que le total de {format_euros(billing.total)}.")
    if rest < buyer.invoiced:
        raise ShareInvoiced(
            f"{format_euros(buyer.invoiced)} sont facturés à l'acheteur, à qui il ne resterait que "
            f"{format_euros(rest)} : un avoir d'abord."
        )
    return replace(billing, shares=(replace(buyer, amount=rest), *others))


def _changed(billing: Billing) -> Billing:
    return replace(billing, version=billing.version + 1)
