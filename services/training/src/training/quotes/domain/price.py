"""The price of seats on a day, and why: every figure comes with the sentence that explains it.

Sources: the price of the programme's version (indicator 1 of the Qualiopi referential: the price is published); who has
the member price is dated data (``data/member_price.toml``). Training is exempt from VAT: CGI, art. 261-4-4° a.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from common.labels import Labelled
from common.money import format_euros, round_to_cents
from common.wording import counted, write_day
from training.quotes.domain.refusals import DiscountTooLarge, FundingTooLarge, PriceMissing

VAT_EXEMPTION: Final = "Exonéré de TVA, article 261-4-4° a du code général des impôts."


class PriceBasis(Labelled):
    """Where the price of a seat comes from."""

    MEMBER = "member", "prix adhérent"
    STANDARD = "standard", "prix public"
    TAILOR_MADE = "tailor_made", "prix donné par Coorace Formation"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPriceRule:
    """Which members have not the member price, from a day on: by their status, and by where they stand with dues."""

    since: date
    losing_statuses: tuple[str, ...]
    losing_standings: tuple[str, ...]
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidityRule:
    """For how many days a price is held."""

    since: date
    days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was known of a buyer on the day of a price: the evidence that a quote keeps.

    ``status``: absent of who is not in the register. ``standing``: with the dues of ``standing_year``; absent where
    dues told nothing.
    """

    is_member: bool
    status: str | None = None
    joined_on: date | None = None
    left_on: date | None = None
    standing: str | None = None
    standing_year: int | None = None
    standing_since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What a version of a programme sells a seat for, in euros. Absent: on request."""

    code: str
    number: int
    price: Decimal | None
    member_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPrice:
    """The price of a seat that the training team gives by hand, and why."""

    unit: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A reduction of the whole that the training team grants, and why: so many euros, or so many per cent."""

    reason: str
    amount: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Funding:
    """What somebody else pays, as the asker announces it."""

    funder: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a price, as a reader is told it."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A price, in euros, and its steps. ``remainder``: what is left to the buyer of the total."""

    basis: PriceBasis
    unit: Decimal
    gross: Decimal
    discount: Decimal
    total: Decimal
    funded: Decimal
    remainder: Decimal
    steps: tuple[Step, ...]


def price(
    tariff: Tariff,
    seats: int,
    proof: Proof,
    rule: MemberPriceRule,
    *,
    given: GivenPrice | None = None,
    discount: Discount | None = None,
    funding: tuple[Funding, ...] = (),
) -> Priced:
    """Return what so many seats cost. Raises PriceMissing, DiscountTooLarge, FundingTooLarge."""
    basis, unit, steps = _unit(tariff, proof, rule, given)
    gross = round_to_cents(unit * seats)
    steps.append(Step("seats", f"{counted(seats, 'place')} à {format_euros(unit)} : {format_euros(gross)}."))
    cut = _discounted(gross, discount, steps)
    total = gross - cut
    steps.append(Step("vat", VAT_EXEMPTION))
    funded = sum((line.amount for line in funding), Decimal(0))
    if funded > total:
        raise FundingTooLarge(f"Les financements annoncés dépassent le total de {format_euros(total)}.")
    steps += [
        Step("funding", f"{line.funder} : {format_euros(line.amount)} annoncés par le demandeur, sans accord vérifié.")
        for line in funding
    ]
    return Priced(
        basis=basis,
        unit=unit,
        gross=gross,
        discount=cut,
        total=total,
        funded=funded,
        remainder=total - funded,
        steps=tuple(steps),
    )


def changes(before: Proof, now: Proof) -> tuple[str, ...]:
    """Name what is not as it was when a price was given, in sentences."""
    found = []
    if (before.is_member, before.status) != (now.is_member, now.status):
        found.append(f"la structure était {_membership(before)}, elle est {_membership(now)}")
    if (before.joined_on, before.left_on) != (now.joined_on, now.left_on):
        found.append("ses dates d'adhésion ne sont plus les mêmes")
    if before.standing != now.standing:
        found.append(f"sa cotisation était {_standing(before)}, elle est {_standing(now)}")
    return tuple(found)


def _unit(
    tariff: Tariff, proof: Proof, rule: MemberPriceRule, given: GivenPrice | None
) -> tuple[PriceBasis, Decimal, list[Step]]:
    sheet = f"{tariff.code}, version {tariff.number}"
    if given is not None:
        text = (
            f"{sheet} : {format_euros(given.unit)} par stagiaire, donné par Coorace Formation. Raison : {given.reason}"
        )
        return PriceBasis.TAILOR_MADE, given.unit, [Step("tailor_made", text)]
    if tariff.price is None:
        raise PriceMissing("Ce programme se vend sur devis : Coorace Formation en donne le prix.")
    why_not = _why_not(proof, rule)
    step = Step("standing", why_not or _since(proof))
    if why_not is not None or tariff.member_price is None:
        unit, basis = tariff.price, PriceBasis.STANDARD
    else:
        unit, basis = tariff.member_price, PriceBasis.MEMBER
    return basis, unit, [step, Step("tariff", f"{sheet} : {basis.label}, {format_euros(unit)} par stagiaire.")]


def _since(proof: Proof) -> str:
    since = f" depuis le {write_day(proof.joined_on)}" if proof.joined_on else ""
    return f"Structure adhérente{since}, cotisation {_standing(proof)} : prix adhérent."


def _why_not(proof: Proof, rule: MemberPriceRule) -> str | None:
    if proof.status is None:
        return "Pas une structure du registre de la fédération : prix public."
    if not proof.is_member or proof.status in rule.losing_statuses:
        return f"Structure {_membership(proof)} : prix public."
    if proof.standing in rule.losing_standings:
        since = f" depuis le {write_day(proof.standing_since)}" if proof.standing_since else ""
        return f"Cotisation {_standing(proof)}{since} : prix public."
    return None


_STATUSES = {"active": "adhérente", "suspended": "suspendue", "left": "sortie"}
_STANDINGS = {
    "up_to_date": "à jour", "grace": "dans son délai de paiement", "overdue": "en retard",
    "plan": "en échéancier", "exempt": "non due",
}  # fmt: skip
"""The words of membership and of dues; one that is not here is shown as it came."""


def _membership(proof: Proof) -> str:
    if proof.status is None:
        return "hors du registre"
    told = _STATUSES.get(proof.status, f"« {proof.status} »")
    return told if proof.is_member else f"non adhérente ce jour-là ({told})"


def _standing(proof: Proof) -> str:
    if proof.standing is None:
        return "non communiquée"
    return f"{proof.standing_year} {_STANDINGS.get(proof.standing, f'« {proof.standing} »')}"


def _discounted(gross: Decimal, discount: Discount | None, steps: list[Step]) -> Decimal:
    if discount is None:
        return Decimal(0)
    cut = discount.amount if discount.percent is None else round_to_cents(gross * discount.percent / 100)
    cut = cut or Decimal(0)
    if cut > gross:
        raise DiscountTooLarge(f"La remise dépasse le prix de {format_euros(gross)}.")
    steps.append(Step("discount", f"Remise de {format_euros(cut)}. Raison : {discount.reason}"))
    return cut
