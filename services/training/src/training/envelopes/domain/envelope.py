"""An envelope: money for training that a funder or the members set aside for a time, and whom it may pay for."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day
from training.envelopes.domain.movement import Position
from training.envelopes.domain.refusals import (
    EnvelopeClosed,
    EnvelopeDatesWrong,
    EnvelopeFunderWrong,
    EnvelopeInUse,
    EnvelopeNotOpen,
    EnvelopeShort,
    EnvelopeUnsourced,
)


class EnvelopeKind(Labelled):
    """What an envelope is. Source: Coorace, Rapports d'activité 2015 and 2020; page of February 2026."""

    GROUP_ACCOUNT = "group_account", "compte groupe auprès d'un OPCO"
    SOLIDARITY_FUND = "solidarity_fund", "fonds mutualisés solidaires"
    OTHER = "other", "autre enveloppe"


class EnvelopeState(Labelled):
    """Where an envelope stands on a day."""

    ANNOUNCED = "announced", "annoncée"
    OPEN = "open", "ouverte"
    CLOSED = "closed", "close"


class MemberType(Labelled):
    """The types of structures that the rules of the group account tell apart (Coorace, February 2026)."""

    ETTI = "etti", "ETTI"
    ACI = "aci", "ACI"
    AI = "ai", "AI"
    OTHER = "other", "autre structure de la convention collective des SIAE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Whom an envelope pays for, and how much; what nobody has set is absent.

    ``member_types``: empty, all of them. ``hours_ceiling``: hours paid to one trainee. ``hourly_ceiling``: euros for
    one hour of one trainee. ``source``: where the ceilings come from.
    """

    member_types: tuple[MemberType, ...] = ()
    hours_ceiling: Decimal | None = None
    hourly_ceiling: Decimal | None = None
    source: str = ""

    @property
    def has_ceiling(self) -> bool:
        """Whether somebody has set how much it pays."""
        return self.hours_ceiling is not None or self.hourly_ceiling is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeText:
    """What is said of an envelope. It is reserved on from ``opens_on`` to ``closes_on``, both included, in Paris."""

    kind: EnvelopeKind
    title: str
    year: int
    funder: str
    opens_on: date
    closes_on: date
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An envelope and where its money stands; ``in_use``: something was reserved on it, at least once."""

    id: UUID
    said: EnvelopeText
    position: Position
    in_use: bool
    version: int = 1


def state_on(said: EnvelopeText, day: date) -> EnvelopeState:
    """Return where an envelope stands on a day."""
    if day > said.closes_on:
        return EnvelopeState.CLOSED
    return EnvelopeState.OPEN if day >= said.opens_on else EnvelopeState.ANNOUNCED


def require_sound(said: EnvelopeText, operator: str | None) -> None:
    """Refuse an envelope that contradicts itself; ``operator`` is who holds the group account in its year, if known.

    Raises EnvelopeDatesWrong, EnvelopeFunderWrong, EnvelopeUnsourced.
    """
    if said.closes_on < said.opens_on:
        raise EnvelopeDatesWrong("Une enveloppe se clôt le jour de son ouverture, ou après.")
    if said.kind is EnvelopeKind.GROUP_ACCOUNT and operator is not None and said.funder != operator:
        raise EnvelopeFunderWrong(f"Le compte groupe de {said.year} est tenu auprès de {operator}.")
    if not said.funder:
        raise EnvelopeFunderWrong("Dites qui finance cette enveloppe.")
    if said.rules.has_ceiling and not said.rules.source:
        raise EnvelopeUnsourced("Dites d'où viennent les plafonds : sans source, laissez-les absents.")


def require_changeable(envelope: Envelope, said: EnvelopeText) -> None:
    """Let an envelope be rewritten; once something was reserved, only its title and last day. Raises EnvelopeInUse."""
    kept = replace(envelope.said, title=said.title, closes_on=said.closes_on)
    if envelope.in_use and said != kept:
        raise EnvelopeInUse(
            "Des réservations ont suivi ces règles : seuls le titre et le dernier jour changent encore."
        )


def require_open(envelope: Envelope, day: date) -> None:
    """Let money be reserved while the envelope is open. Raises EnvelopeNotOpen."""
    if state_on(envelope.said, day) is not EnvelopeState.OPEN:
        raise EnvelopeNotOpen(
            f"Cette enveloppe se réserve du {write_day(envelope.said.opens_on)} au "
            f"{write_day(envelope.said.closes_on)} inclus."
        )


def require_not_closed(envelope: Envelope, day: date) -> None:
    """Let money come in until the envelope closes. Raises EnvelopeClosed."""
    if state_on(envelope.said, day) is EnvelopeState.CLOSED:
        raise EnvelopeClosed(f"Cette enveloppe est close depuis le {write_day(envelope.said.closes_on)}.")


def require_available(amount: Decimal, position: Position) -> None:
    """Let only what is available be reserved or taken out. Raises EnvelopeShort."""
    if amount > position.available:
        raise EnvelopeShort(
            f"L'enveloppe a {format_euros(position.available)} de disponible, et non {format_euros(amount)}.",
            extra={"available": str(position.available)},
        )
