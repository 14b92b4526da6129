"""The funding composer: who pays what of a purchase, in which order, to the cent, and why the others do not.

The legal funding of the operator comes first, the group account on top of it (Coorace, February 2026), then what was
awarded to the buyer, and the rest is the buyer's. Funders of one rank share in proportion to what each could pay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from common.labels import Labelled
from common.money import format_euros, round_to_cents, split
from common.wording import counted, write_day
from training.envelopes.domain.envelope import MemberType
from training.envelopes.domain.movement import NOTHING


class FunderKind(Labelled):
    """Who may pay a part, in the order in which each is asked."""

    LEGAL_PLAN = "legal_plan", "financement légal de l'OPCO"
    ENVELOPE = "envelope", "enveloppe"
    AWARD = "award", "aide des fonds mutualisés solidaires"

    @property
    def order(self) -> int:
        """Return the rank at which it is asked, from 1."""
        return list(FunderKind).index(self) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys. ``member_type``: None where nobody has said."""

    is_member: bool
    member_type: MemberType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What is bought: all seats for ``price``, ``hours`` for each trainee, from ``starts_on``."""

    price: Decimal
    seats: int
    hours: Decimal
    starts_on: date
    buyer: Buyer


@dataclass(frozen=True, slots=True, kw_only=True)
class Funder:
    """Who may pay a part, and how much at most; what nobody has set is None.

    ``ceiling`` and ``available``: euros in all. ``hours_ceiling``: hours of one trainee. ``hourly_ceiling``: euros for
    an hour of one trainee. ``joined``: False where the buyer had to join it first and has not.
    """

    kind: FunderKind
    label: str
    order: int
    ceiling: Decimal | None = None
    available: Decimal | None = None
    hours_ceiling: Decimal | None = None
    hourly_ceiling: Decimal | None = None
    member_types: tuple[MemberType, ...] = ()
    members_only: bool = False
    joined: bool = True
    opens_on: date | None = None
    closes_on: date | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one funder pays, with each step of the reckoning."""

    funder: Funder
    amount: Decimal
    explanation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """A funder that pays nothing, and why."""

    funder: Funder
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stack:
    """How a price is paid: the shares and what is left to the buyer are the price, to the cent."""

    shares: tuple[Share, ...]
    passed: tuple[Passed, ...]
    remainder: Decimal


def compose(purchase: Purchase, funders: Sequence[Funder]) -> Stack:
    """Return who pays what of a purchase. Each funder is in the stack or among those passed, with its reason."""
    left, shares, passed = purchase.price, list[Share](), list[Passed]()
    for _, rank in groupby(sorted(funders, key=lambda one: one.order), key=lambda one: one.order):
        offers = [_offer(purchase, funder) for funder in rank]
        passed += [one for one in offers if isinstance(one, Passed)]
        for share in _shared(left, [one for one in offers if isinstance(one, Share)]):
            if share.amount > 0:
                shares.append(share)
            else:
                passed.append(Passed(share.funder, "nothing_left", "Il ne reste rien à financer à son rang."))
        left = purchase.price - sum((share.amount for share in shares), NOTHING)
    return Stack(tuple(shares), tuple(passed), left)


def _offer(purchase: Purchase, funder: Funder) -> Share | Passed:
    """Return the most that a funder could pay, or why it may not for this buyer or on this day."""
    for code, applies, reason in _conditions(purchase, funder):
        if applies:
            return Passed(funder, code, reason)
    amount, steps = _most(purchase, funder)
    return Share(funder, amount, steps) if amount > 0 else Passed(funder, "ceiling_reached", steps[-1])


def _conditions(purchase: Purchase, funder: Funder) -> Iterator[tuple[str, bool, str]]:
    buyer, day = purchase.buyer, purchase.starts_on
    yield "not_member", funder.members_only and not buyer.is_member, "Réservé aux adhérents au jour du début."
    yield "not_joined", not funder.joined, "La structure n'a pas versé sa part au compte groupe de l'année."
    types = funder.member_types
    yield "type_unknown", bool(types) and buyer.member_type is None, "Le type de la structure n'est pas dit."
    paid_for = ", ".join(one.label for one in types)
    yield "type_not_paid_for", bool(types) and buyer.member_type not in types, f"Finance seulement : {paid_for}."
    opens, closes = funder.opens_on, funder.closes_on
    yield "not_open_yet", opens is not None and day < opens, f"Ouvre le {write_day(opens)}." if opens else ""
    yield "closed", closes is not None and day > closes, f"Close le {write_day(closes)}." if closes else ""


def _most(purchase: Purchase, funder: Funder) -> tuple[Decimal, tuple[str, ...]]:
    """Return the most that a funder can pay, and how it was reckoned; the last step is what holds it there."""
    most, steps = purchase.price, [f"Prix de {counted(purchase.seats, 'place')} : {format_euros(purchase.price)}."]
    for amount, sentence in _limits(purchase, funder):
        if amount < most:
            most = amount
            steps.append(sentence)
    return max(most, NOTHING), tuple(steps)


def _limits(purchase: Purchase, funder: Funder) -> Iterator[tuple[Decimal, str]]:
    hours = purchase.hours
    if funder.hours_ceiling is not None and funder.hours_ceiling < hours:
        hours = funder.hours_ceiling
        paid = round_to_cents(purchase.price * hours / purchase.hours)
        yield paid, f"{_number(hours)} h payées sur {_number(purchase.hours)} : {format_euros(paid)}."
    if funder.hourly_ceiling is not None:
        paid = round_to_cents(funder.hourly_ceiling * hours * purchase.seats)
        rate, of = format_euros(funder.hourly_ceiling), f"{_number(hours)} h, {counted(purchase.seats, 'place')}"
        yield paid, f"{rate} au plus l'heure d'un stagiaire, {of} : {format_euros(paid)}."
    if funder.ceiling is not None:
        yield funder.ceiling, f"Plafond : {format_euros(funder.ceiling)}."
    if funder.available is not None:
        yield funder.available, f"Disponible : {format_euros(funder.available)}."


def _shared(left: Decimal, offers: Sequence[Share]) -> list[Share]:
    """Share what is left among the funders of one rank: each all it can, or its part of what is left."""
    if sum((one.amount for one in offers), NOTHING) <= left:
        return list(offers)
    parts = split(left, [one.amount for one in offers])
    after = f"Reste à financer à son rang : {format_euros(left)}"
    after += ", en proportion de ce que chacun pourrait." if len(offers) > 1 else "."
    return [Share(one.funder, part, (*one.explanation, after)) for one, part in zip(offers, parts, strict=True)]


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
