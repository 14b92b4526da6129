"""A call for regional projects: a part of the fund that delegations may apply for, until a day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day
from dues.fund.domain.refusals import (
    FundCallAmountsWrong,
    FundCallDatesWrong,
    FundCallNotClosed,
    FundCallNotDraft,
    FundCallNotOpen,
    FundEnvelopeExceeded,
    FundSittingDayWrong,
)
from dues.fund.domain.statement import require_free


class FundCallState(Labelled):
    """Where a call stands. Of one that was opened, the day tells the rest: nobody has to close it."""

    DRAFT = "draft", "brouillon"
    ANNOUNCED = "announced", "annoncé"
    OPEN = "open", "ouvert"
    CLOSED = "closed", "clos, à décider"
    DECIDED = "decided", "décidé"


@dataclass(frozen=True, slots=True, kw_only=True)
class FundCallText:
    """What a call says. Applications are taken from ``opens_on`` to ``closes_on``, both included, in Paris."""

    title: str
    text: str
    criteria: str
    year: int
    envelope: Decimal
    max_award: Decimal | None
    opens_on: date
    closes_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FundCall:
    """A call; ``opened_on`` is the day on which its envelope was reserved, ``decided_on`` that on which it ended."""

    id: UUID
    said: FundCallText
    opened_on: date | None = None
    decided_on: date | None = None
    version: int = 1


def state_on(call: FundCall, day: date) -> FundCallState:
    """Return where a call stands on a day."""
    if call.decided_on is not None:
        return FundCallState.DECIDED
    if call.opened_on is None:
        return FundCallState.DRAFT
    if day > call.said.closes_on:
        return FundCallState.CLOSED
    return FundCallState.OPEN if day >= call.said.opens_on else FundCallState.ANNOUNCED


def require_sound(said: FundCallText) -> None:
    """Refuse a call that contradicts itself. Raises FundCallDatesWrong, FundCallAmountsWrong."""
    if said.closes_on < said.opens_on:
        raise FundCallDatesWrong("Un appel se clôt le jour de son ouverture, ou après.")
    if said.max_award is not None and said.max_award > said.envelope:
        raise FundCallAmountsWrong("Une aide ne dépasse pas l'enveloppe de son appel.")


def require_draft(call: FundCall) -> None:
    """Let only a draft change. Raises FundCallNotDraft."""
    if call.opened_on is not None:
        raise FundCallNotDraft("Cet appel est ouvert : les délégations l'ont lu, il ne change plus.")


def require_openable(call: FundCall, available: Decimal, today: date) -> None:
    """Let a draft be opened while somebody can still answer, with what the fund has.

    Raises FundCallNotDraft, FundCallDatesWrong, FundShort.
    """
    require_draft(call)
    if call.said.closes_on < today:
        raise FundCallDatesWrong(f"Le {write_day(call.said.closes_on)} est passé : personne ne pourrait y répondre.")
    require_free(call.said.envelope, available)


def require_receiving(call: FundCall, today: date) -> None:
    """Let applications come in and change while the call is open. Raises FundCallNotOpen."""
    if state_on(call, today) is not FundCallState.OPEN:
        raise FundCallNotOpen(
            f"Cet appel reçoit les demandes du {write_day(call.said.opens_on)} au {write_day(call.said.closes_on)} "
            "inclus."
        )


def require_preparing(call: FundCall, today: date) -> None:
    """Let an application be prepared as soon as the call is announced. Raises FundCallNotOpen."""
    if state_on(call, today) is not FundCallState.ANNOUNCED:
        require_receiving(call, today)


def require_closed(call: FundCall, today: date) -> None:
    """Let only a call be decided that takes no application any more, and is not decided. Raises FundCallNotClosed."""
    state = state_on(call, today)
    if state is FundCallState.DECIDED:
        raise FundCallNotClosed("Cet appel est déjà décidé.")
    if state is not FundCallState.CLOSED:
        raise FundCallNotClosed(f"Cet appel se décide après sa clôture, le {write_day(call.said.closes_on)}.")


def require_sitting(call: FundCall, sitting_on: date, today: date) -> None:
    """Let the board have sat after the call closed. Raises FundSittingDayWrong."""
    if not call.said.closes_on < sitting_on <= today:
        raise FundSittingDayWrong("Le conseil décide après la clôture de l'appel, et aujourd'hui au plus tard.")


def require_within_envelope(call: FundCall, awarded: Decimal) -> None:
    """Let the awards of a call be its envelope at most. Raises FundEnvelopeExceeded."""
    if awarded > call.said.envelope:
        raise FundEnvelopeExceeded(
            f"Les aides de cet appel feraient {format_euros(awarded)}, pour une enveloppe de "
            f"{format_euros(call.said.envelope)}.",
            extra={"awarded": str(awarded), "envelope": str(call.said.envelope)},
        )
