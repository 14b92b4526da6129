"""A run of collections and its lines: where each stands, and what may be done with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day
from dues.collections.domain.refusals import (
    CollectionLineStateWrong,
    CollectionReturnDayWrong,
    CollectionStateWrong,
    SettlementDayWrong,
)
from dues.receipts.domain import Receipt

JOURNAL = "PRV"
"""The series of the runs: ``PRV-2026-00007``; a line adds its rank, and is thereby known to the banks."""


class CollectionState(Labelled):
    """Where a run stands."""

    PREPARED = "prepared", "préparée"
    ANNOUNCING = "announcing", "avis en cours"
    ANNOUNCED = "announced", "annoncée"
    PRESENTED = "presented", "fichier produit"
    SETTLING = "settling", "règlements en cours"
    SETTLED = "settled", "réglée"
    CANCELLED = "cancelled", "annulée"


class CollectionLineState(Labelled):
    """Where one collection stands."""

    PREPARED = "prepared", "préparé"
    ANNOUNCED = "announced", "annoncé"
    PRESENTED = "presented", "présenté"
    SETTLED = "settled", "réglé"
    WITHDRAWN = "withdrawn", "retiré"
    RETURNED = "returned", "revenu impayé"


LIVE = frozenset(
    {
        CollectionLineState.PREPARED,
        CollectionLineState.ANNOUNCED,
        CollectionLineState.PRESENTED,
        CollectionLineState.SETTLED,
    }
)
"""While a collection stands so, what it collects is in no other."""


class CollectionAct(Labelled):
    """What was done with a run."""

    PREPARED = "prepared", "préparée"
    ANNOUNCING = "announcing", "avis demandés"
    ANNOUNCED = "announced", "avis produits"
    INTERRUPTED = "interrupted", "travail interrompu"
    PRESENTED = "presented", "fichier produit"
    SETTLING = "settling", "règlement demandé"
    SETTLED = "settled", "réglée"
    CANCELLED = "cancelled", "annulée"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as the rules see it."""

    id: UUID
    reference: str
    state: CollectionState
    collection_on: date
    last_notice_on: date
    filed_on: date | None = None
    settled_on: date | None = None
    version: int = 1


def require_state(run: Run, *states: CollectionState) -> None:
    """Let a run be taken up from some states only. Raises CollectionStateWrong."""
    if run.state not in states:
        expected = ", ".join(f"« {state.label} »" for state in states)
        raise CollectionStateWrong(f"La remise {run.reference} est « {run.state.label} », et non {expected}.")


def require_cancellable(run: Run) -> None:
    """Let a run be given up as long as none of its money was noted as come. Raises CollectionStateWrong."""
    require_state(run, CollectionState.PREPARED, CollectionState.ANNOUNCED, CollectionState.PRESENTED)


def require_settleable(run: Run, settled_on: date, today: date) -> None:
    """Let money be noted as come from its day on. Raises CollectionStateWrong, SettlementDayWrong."""
    require_state(run, CollectionState.PRESENTED)
    if not run.collection_on <= settled_on <= today:
        raise SettlementDayWrong(
            f"Cette remise se prélève le {write_day(run.collection_on)} : elle se règle ce jour-là ou après, et pas"
            " après aujourd'hui."
        )


def require_withdrawable(state: CollectionLineState) -> None:
    """Let a collection be taken out before its file is made. Raises CollectionLineStateWrong."""
    _require_line(state, {CollectionLineState.PREPARED, CollectionLineState.ANNOUNCED})


def require_returnable(state: CollectionLineState) -> None:
    """Let a collection come back that was presented. Raises CollectionLineStateWrong."""
    _require_line(state, {CollectionLineState.PRESENTED, CollectionLineState.SETTLED})


def require_return_day(run: Run, returned_on: date, today: date) -> None:
    """Let a collection come back between its file and today. Raises CollectionReturnDayWrong."""
    if run.filed_on is None or not run.filed_on <= returned_on <= today:
        raise CollectionReturnDayWrong(
            "Un prélèvement revient après la remise de son fichier, et pas après aujourd'hui."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BankedRun:
    """A run as the bank tells of it: what it credited, and what it may have credited too before it took it back."""

    id: UUID
    reference: str
    state: CollectionState
    credited: Decimal
    rejected: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BankedLine:
    """A collection as the bank tells of its return. ``receipt_id`` is the money that it brought."""

    id: UUID
    run_id: UUID
    end_to_end: str
    member_name: str
    state: CollectionLineState
    amount: Decimal
    receipt_id: UUID | None


def overtaken(receipt: Receipt) -> CollectionLineState | None:
    """Return where a settled collection stands once its money was returned, or cancelled, by another way; else None."""
    if receipt.returned_on:
        return CollectionLineState.RETURNED
    return CollectionLineState.WITHDRAWN if receipt.cancelled_on else None


def _require_line(state: CollectionLineState, states: Collection[CollectionLineState]) -> None:
    if state not in states:
        raise CollectionLineStateWrong(f"Ce prélèvement est {state.label} : il n'en est plus, ou pas encore, là.")
