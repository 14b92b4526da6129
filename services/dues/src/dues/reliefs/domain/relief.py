"""A solidarity request: what a member asks for, what its region advises, what is decided nationally."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros
from common.uploads import PDF, FileKind, kind_of
from common.wording import write_day
from dues.reliefs.domain.refusals import (
    ReliefAdviceAwaited,
    ReliefAdvised,
    ReliefAskedWrong,
    ReliefAttachmentsTooMany,
    ReliefAttachmentTooLarge,
    ReliefAttachmentUnreadable,
    ReliefDecisionWrong,
    ReliefEnded,
    ReliefNotDecided,
    ReliefNothingOwed,
    ReliefNotRevocable,
    ReliefRevokeTooLarge,
    ReliefSittingWrong,
    ReliefTooLarge,
)

JOURNAL = "SOL"
"""The series of the references of requests: ``SOL-2026-00003``."""
MOST_CALLS = 20
"""As many as one plan covers."""
MOST_ATTACHMENTS = 10
MOST_ATTACHMENT_BYTES = 10_000_000


class ReliefKind(Labelled):
    """What a member asks for, or is granted."""

    REDUCTION = "reduction", "réduction"
    PLAN = "plan", "échéancier"


class ReliefStatus(Labelled):
    """Where a request stands."""

    SUBMITTED = "submitted", "déposée"
    ADVISED = "advised", "avis donné"
    GRANTED = "granted", "accordée"
    GRANTED_IN_PART = "granted_in_part", "accordée en partie"
    GRANTED_AS_PLAN = "granted_as_plan", "accordée en échéancier"
    REFUSED = "refused", "refusée"
    WITHDRAWN = "withdrawn", "retirée"
    REVOKED = "revoked", "remise annulée"


class Opinion(Labelled):
    """What a region advises."""

    FAVOURABLE = "favourable", "favorable"
    RESERVED = "reserved", "réservé"
    UNFAVOURABLE = "unfavourable", "défavorable"


class ReliefStepKind(Labelled):
    """What was done with a request."""

    SUBMITTED = "submitted", "déposée"
    ADVISED = "advised", "avis de la délégation"
    DECIDED = "decided", "décidée"
    WITHDRAWN = "withdrawn", "retirée"
    REVOKED = "revoked", "remise annulée"
    REVOKED_IN_PART = "revoked_in_part", "remise annulée en partie"
    DETACHED = "detached", "pièce retirée"


class ReliefOutcome(Labelled):
    """What is decided."""

    REDUCTION = "reduction", "réduction"
    PLAN = "plan", "échéancier"
    REFUSAL = "refusal", "refus"


UNDER_STUDY = (ReliefStatus.SUBMITTED, ReliefStatus.ADVISED)
PAID_BY_FUND = (ReliefStatus.GRANTED, ReliefStatus.GRANTED_IN_PART)


@dataclass(frozen=True, slots=True)
class AdviceRule:
    """How many days a delegation has to give its advice; after them the decision may be taken without it."""

    since: date
    days: int
    status: str
    source: str

    def by(self, submitted_on: date, delegation: str | None) -> date | None:
        """Return its last day; None for a member of no delegation, of whom nobody is asked."""
        return submitted_on + timedelta(days=self.days) if delegation else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """A request. ``amount`` is the reduction asked for, None for all of it; ``advice_by`` is the region's last day."""

    id: UUID
    reference: str
    member_id: UUID
    asks: ReliefKind
    amount: Decimal | None
    invoice_ids: tuple[UUID, ...]
    submitted_on: date
    advice_by: date | None
    status: ReliefStatus = ReliefStatus.SUBMITTED
    opinion: Opinion | None = None
    granted: Decimal | None = None
    receipt_id: UUID | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided nationally: by whom, when, why. ``amount`` is absent where all that was asked is granted."""

    outcome: ReliefOutcome
    amount: Decimal | None
    scheduled: bool
    sitting_on: date


def require_asked(asks: ReliefKind, amount: Decimal | None, *, scheduled: bool) -> None:
    """Let a reduction be asked without a schedule, and a plan without an amount. Raises ReliefAskedWrong."""
    if asks is ReliefKind.REDUCTION and scheduled:
        raise ReliefAskedWrong("Une réduction se demande sans échéances ; demandez plutôt un échéancier.")
    if asks is ReliefKind.PLAN and amount is not None:
        raise ReliefAskedWrong("Un échéancier partage tout ce qui reste dû : il se demande sans montant.")


def require_owed(amount: Decimal | None, owed: Decimal) -> None:
    """Let no more be asked or granted than is owed, where something is. Raises ReliefNothingOwed, ReliefTooLarge."""
    if not owed:
        raise ReliefNothingOwed("Plus rien n'est dû des appels de cette demande.")
    if amount is not None and amount > owed:
        raise ReliefTooLarge(
            f"{format_euros(owed)} restent dus de ces appels, et non {format_euros(amount)}.",
            extra={"owed": str(owed)},
        )


def require_under_study(relief: Relief) -> None:
    """Let only a request under study go on. Raises ReliefEnded."""
    if relief.status not in UNDER_STUDY:
        raise ReliefEnded(f"{relief.reference} est {relief.status.label} : elle n'est plus à l'étude.")


def require_unadvised(relief: Relief) -> None:
    """Let a region advise once. Raises ReliefEnded, ReliefAdvised."""
    require_under_study(relief)
    if relief.opinion is not None:
        raise ReliefAdvised(f"L'avis de la délégation sur {relief.reference} est déjà donné.")


def require_decidable(relief: Relief, today: date) -> None:
    """Let a request be decided once its region said something, or has had its days to.

    Raises ReliefEnded, ReliefAdviceAwaited.
    """
    require_under_study(relief)
    if relief.opinion is None and relief.advice_by is not None and today <= relief.advice_by:
        raise ReliefAdviceAwaited(
            f"La délégation a jusqu'au {write_day(relief.advice_by)} pour donner son avis.",
            extra={"advice_by": str(relief.advice_by)},
        )


def require_decision(relief: Relief, decision: Decision, today: date) -> None:
    """Let a decision say what it needs to, of a day when it could be taken.

    Raises ReliefSittingWrong, ReliefDecisionWrong.
    """
    if not relief.submitted_on <= decision.sitting_on <= today:
        raise ReliefSittingWrong(f"La séance se situe du {write_day(relief.submitted_on)} (demande) à aujourd'hui.")
    if decision.amount is not None and decision.outcome is not ReliefOutcome.REDUCTION:
        raise ReliefDecisionWrong("Seule une réduction se dit avec un montant.")
    if decision.scheduled != (decision.outcome is ReliefOutcome.PLAN):
        raise ReliefDecisionWrong("Un échéancier se dit avec ses échéances, et lui seul.")
    if decision.outcome is ReliefOutcome.REDUCTION and decision.amount is None and relief.asks is ReliefKind.PLAN:
        raise ReliefDecisionWrong("Un échéancier était demandé : dites le montant de la réduction.")


def reduction(relief: Relief, decision: Decision, owed: Decimal) -> Decimal:
    """Return what the fund is to pay: what is said, else all that was asked of what is still owed.

    Raises ReliefNothingOwed, ReliefTooLarge.
    """
    require_owed(decision.amount, owed)
    return _asked(relief, owed) if decision.amount is None else decision.amount


def status_of(relief: Relief, granted: Decimal, owed: Decimal) -> ReliefStatus:
    """Tell whether a reduction is all that was asked for."""
    return ReliefStatus.GRANTED if granted >= _asked(relief, owed) else ReliefStatus.GRANTED_IN_PART


def was_decided(status: ReliefStatus) -> bool:
    """Tell whether something was decided of a request, be it undone since."""
    return status not in (*UNDER_STUDY, ReliefStatus.WITHDRAWN)


def require_decided(status: ReliefStatus) -> None:
    """Let what was decided be read. Raises ReliefNotDecided."""
    if not was_decided(status):
        raise ReliefNotDecided("Rien n'a été décidé de cette demande.")


def require_revocable(relief: Relief) -> tuple[Decimal, UUID]:
    """Let only what the fund pays be undone: return how much, and its receipt. Raises ReliefNotRevocable."""
    if relief.status not in PAID_BY_FUND or relief.granted is None or relief.receipt_id is None:
        raise ReliefNotRevocable(f"{relief.reference} est {relief.status.label} : le fonds n'y paie rien à reprendre.")
    return relief.granted, relief.receipt_id


def taken_back(granted: Decimal, amount: Decimal | None) -> Decimal:
    """Return what the fund has back of what it pays: what is said, else all of it. Raises ReliefRevokeTooLarge."""
    if amount is not None and amount > granted:
        raise ReliefRevokeTooLarge(
            f"Le fonds paie {format_euros(granted)} à ce titre, et non {format_euros(amount)}.",
            extra={"granted": str(granted)},
        )
    return granted if amount is None else amount


def require_attachable(relief: Relief, held: int) -> None:
    """Let a document be added while a request is under study. Raises ReliefEnded, ReliefAttachmentsTooMany."""
    require_under_study(relief)
    if held >= MOST_ATTACHMENTS:
        raise ReliefAttachmentsTooMany(f"Une demande a {MOST_ATTACHMENTS} pièces au plus.")


def recognise_attachment(content: bytes) -> FileKind:
    """Return what a document is by its content. Raises ReliefAttachmentTooLarge, ReliefAttachmentUnreadable."""
    if len(content) > MOST_ATTACHMENT_BYTES:
        raise ReliefAttachmentTooLarge(f"Une pièce fait {MOST_ATTACHMENT_BYTES // 1_000_000} Mo au plus.")
    kind = kind_of(content, {PDF})
    if kind is None:
        raise ReliefAttachmentUnreadable("Une pièce est un PDF.")
    return kind


def _asked(relief: Relief, owed: Decimal) -> Decimal:
    return owed if relief.amount is None else min(relief.amount, owed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefCall:
    """A call that a request is about: what was owed when it was asked, what the fund paid, what is owed now."""

    invoice_id: UUID
    number: str
    year: int
    due_on: date
    asked_owed: Decimal
    granted: Decimal
    owed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedCall:
    """A call after a decision: what the fund paid of it, what is still owed.."""

    number: str
    year: int
    due_on: date
    granted: Decimal
    owed: Decimal
    exempt: bool


def still_paid(calls: Sequence[ReliefCall], left: Decimal) -> dict[UUID, Decimal]:
    """Return what the fund still pays of each call when so much is left: the oldest due first, as it was granted."""
    paid: dict[UUID, Decimal] = {}
    for call in calls:
        paid[call.invoice_id] = min(call.granted, left)
        left -= paid[call.invoice_id]
    return paid


_ROLL = "La liste électorale suit cette situation, telle que les cotisations la disent au registre des adhérents."
UNDONE = "Remise annulée : ce que le fonds mutualisé avait payé est dû de nouveau, à l'échéance d'origine."
UNDONE_IN_PART = (
    "Remise annulée en partie : ce que le fonds mutualisé a repris est dû de nouveau, à l'échéance d'origine ; la "
    "lettre dit la remise d'alors."
)


def effects(status: ReliefStatus, calls: Sequence[DecidedCall]) -> list[str]:
    """Say what a decision makes of the standing of each call, and what that means for the vote."""
    if status is ReliefStatus.GRANTED_AS_PLAN:
        said = ["Échéancier en cours : la structure n'est pas en retard tant que chaque échéance est réglée à temps."]
    else:
        said = [_effect(call) for call in calls]
    return [*said, _ROLL]


def _effect(call: DecidedCall) -> str:
    about = f"Cotisation {call.year}, appel {call.number} : "
    if call.exempt:
        return f"{about}pris en charge en entier par le fonds mutualisé, la structure est exemptée de cette année."
    if not call.owed:
        return f"{about}à jour, plus rien n'en est dû."
    return (
        f"{about}{format_euros(call.owed)} restent dus, échéance du {write_day(call.due_on)} ; au-delà du délai de "
        "grâce, la structure est en retard."
    )
