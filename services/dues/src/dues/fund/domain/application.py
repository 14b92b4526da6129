"""An application: what a delegation wants to do, what it costs, who pays, and what it asks the fund for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import FieldError
from common.labels import Labelled
from common.money import format_euros
from common.uploads import PDF, FileKind, kind_of
from dues.fund.domain.award import Award, Decision
from dues.fund.domain.call import FundCall, require_preparing, require_receiving
from dues.fund.domain.refusals import (
    FundApplicationEnded,
    FundApplicationIncomplete,
    FundApplicationNotDraft,
    FundApplicationNotWaiting,
    FundAttachmentsTooMany,
    FundAttachmentTooLarge,
    FundAttachmentUnreadable,
    FundAwardMissing,
    FundAwardTooLarge,
    FundDecidedTwice,
    FundReasonMissing,
)
from dues.fund.domain.statement import NOTHING

JOURNAL = "PRJ"
MOST_ATTACHMENTS = 10
MOST_ATTACHMENT_BYTES = 10_000_000


class FundApplicationStatus(Labelled):
    """Where an application stands."""

    DRAFT = "draft", "brouillon"
    SUBMITTED = "submitted", "déposée"
    WITHDRAWN = "withdrawn", "retirée"
    AWARDED = "awarded", "accordée"
    REFUSED = "refused", "refusée"


class FundAttachmentKind(Labelled):
    """What a document of an application is."""

    SUPPORT = "support", "pièce de la demande"
    REPORT = "report", "bilan du projet"


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A cost, or what somebody else than the fund brings."""

    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FundProject:
    """A project and its budget: the costs are what others bring and what the fund is asked for."""

    title: str
    description: str
    asked: Decimal
    costs: tuple[BudgetLine, ...]
    funding: tuple[BudgetLine, ...]
    starts_on: date
    ends_on: date

    @property
    def cost(self) -> Decimal:
        """All that the project costs."""
        return sum((line.amount for line in self.costs), NOTHING)

    @property
    def funded(self) -> Decimal:
        """All that is to pay for it."""
        return sum((line.amount for line in self.funding), self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundApplication:
    """An application of a delegation to a call. ``reference`` is its number, once it was submitted."""

    id: UUID
    call: FundCall
    delegation: str
    project: FundProject
    status: FundApplicationStatus = FundApplicationStatus.DRAFT
    reference: str | None = None
    award: Award | None = None
    version: int = 1


def require_complete(project: FundProject, call: FundCall) -> None:
    """Let only a whole project be submitted, and say all that it lacks. Raises FundApplicationIncomplete."""
    errors = tuple(_faults(project, call))
    if errors:
        raise FundApplicationIncomplete(" ".join(one.message for one in errors), errors=errors)


def _faults(project: FundProject, call: FundCall) -> Iterator[FieldError]:
    most = call.said.max_award or call.said.envelope
    if not project.description:
        yield FieldError("/description", "missing", "Le projet n'est pas décrit.")
    if not project.costs:
        yield FieldError("/costs", "missing", "Le budget n'a pas de dépense.")
    elif project.cost != project.funded:
        yield FieldError(
            "/funding",
            "unbalanced",
            f"Les dépenses font {format_euros(project.cost)}, les ressources avec l'aide demandée "
            f"{format_euros(project.funded)}.",
        )
    if project.asked <= 0:
        yield FieldError("/asked", "missing", "Le montant demandé n'est pas donné.")
    elif project.asked > most:
        yield FieldError("/asked", "too_large", f"L'appel accorde {format_euros(most)} au plus à un projet.")
    if project.ends_on < project.starts_on:
        yield FieldError("/ends_on", "wrong", "Le projet finit après son début.")


def require_waiting(application: FundApplication) -> None:
    """Let only a draft or what waits for the board change. Raises FundApplicationEnded."""
    if application.status not in (FundApplicationStatus.DRAFT, FundApplicationStatus.SUBMITTED):
        raise FundApplicationEnded(f"Cette demande est {application.status.label} : elle ne change plus.")


def require_changeable(application: FundApplication, today: date) -> None:
    """Let an application be written until its call closes. Raises FundApplicationEnded, FundCallNotOpen."""
    require_waiting(application)
    require_preparing(application.call, today)


def require_submittable(application: FundApplication, today: date) -> None:
    """Let a whole draft be submitted while its call is open.

    Raises FundApplicationEnded, FundApplicationNotDraft, FundCallNotOpen, FundApplicationIncomplete.
    """
    require_waiting(application)
    if application.status is not FundApplicationStatus.DRAFT:
        raise FundApplicationNotDraft("Cette demande est déjà déposée ; elle se corrige jusqu'à la clôture.")
    require_receiving(application.call, today)
    require_complete(application.project, application.call)


def require_awarded(application: FundApplication) -> Award:
    """Return what was awarded. Raises FundAwardMissing."""
    if application.award is None:
        raise FundAwardMissing("Aucune aide n'a été accordée à cette demande.")
    return application.award


def require_decisions(waiting: Sequence[FundApplication], decisions: Sequence[Decision]) -> None:
    """Let the board decide of what waits, each once, and say why it gives less than was asked for.

    Raises FundDecidedTwice, FundApplicationNotWaiting, FundAwardTooLarge, FundReasonMissing.
    """
    found = {one.id: one for one in waiting}
    if len({one.application_id for one in decisions}) < len(decisions):
        raise FundDecidedTwice("Une demande se décide une fois.")
    for decision in decisions:
        application = found.get(decision.application_id)
        if application is None:
            raise FundApplicationNotWaiting("Une de ces demandes n'attend pas de décision sur cet appel.")
        asked, given = application.project.asked, decision.amount or NOTHING
        if given > asked:
            raise FundAwardTooLarge(f"{application.reference} demande {format_euros(asked)}.")
        if given < asked and not decision.reason:
            raise FundReasonMissing(f"Dites à {application.reference} pourquoi la demande n'est pas suivie en entier.")


def require_attachable(application: FundApplication, kind: FundAttachmentKind, today: date, held: int) -> None:
    """Let documents come with what is being written, and a report with what was awarded.

    Raises FundApplicationEnded, FundCallNotOpen, FundAwardMissing, FundAttachmentsTooMany.
    """
    if kind is FundAttachmentKind.REPORT:
        require_awarded(application)
    else:
        require_changeable(application, today)
    if held >= MOST_ATTACHMENTS:
        raise FundAttachmentsTooMany(f"Une demande a {MOST_ATTACHMENTS} pièces au plus, et autant pour son bilan.")


def recognise_attachment(content: bytes) -> FileKind:
    """Return what a document is by its content. Raises FundAttachmentTooLarge, FundAttachmentUnreadable."""
    if len(content) > MOST_ATTACHMENT_BYTES:
        raise FundAttachmentTooLarge(f"Une pièce fait {MOST_ATTACHMENT_BYTES // 1_000_000} Mo au plus.")
    kind = kind_of(content, {PDF})
    if kind is None:
        raise FundAttachmentUnreadable("Ce fichier n'est pas un PDF.")
    return kind
