"""Requests for support of a structure in difficulty: asked, taken up by its delegation, planned, closed or declined."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled


class SupportStatus(Labelled):
    """Where a request stands."""

    ASKED = "asked", "demandée"
    TAKEN_UP = "taken_up", "prise en charge"
    PLANNED = "planned", "plan en cours"
    CLOSED = "closed", "close"
    DECLINED = "declined", "sans suite"


class SupportOrigin(Labelled):
    """Who asked."""

    FG2I = "fg2i", "comité FG2I"
    NETWORK = "network", "réseau"
    DELEGATION = "delegation", "délégation"
    MEMBER = "member", "la structure"


class SupportOutcome(Labelled):
    """How it ended. The list is assumed: no source gives one."""

    RECOVERED = "recovered", "difficulté surmontée"
    FOLLOWED = "followed", "suivi engagé ailleurs"
    RESTRUCTURED = "restructured", "restructuration"
    CEASED = "ceased", "cessation d'activité"
    GIVEN_UP = "given_up", "la structure y a renoncé"


class SupportActionState(Labelled):
    """Where an action of a plan stands."""

    TODO = "todo", "à faire"
    DONE = "done", "faite"
    DROPPED = "dropped", "abandonnée"


class SupportRequestNotFound(NotFound):
    """No such request within reach."""

    code = "support_request_not_found"


class SupportActionNotFound(NotFound):
    """No such action in this plan."""

    code = "support_action_not_found"


class SupportReasonUnknown(Invalid):
    """A person who asks names a reason of the list."""

    code = "support_reason_unknown"


class SupportAlreadyTakenUp(Conflict):
    """Only what nobody took up is taken up or declined."""

    code = "support_already_taken_up"


class TakenUpAnotherDay(Invalid):
    """A first contact is made once it was asked for, today or before."""

    code = "support_taken_up_another_day"


class SupportNotRunning(Conflict):
    """A plan is that of a request which was taken up and is not closed."""

    code = "support_not_running"


class SupportNotSettled(Conflict):
    """Only what was closed or declined is taken up again."""

    code = "support_not_settled"


class SupportActionsOpen(Conflict):
    """A request is closed once each action of its plan is done or dropped."""

    code = "support_actions_open"


class SupportActionSettled(Conflict):
    """An action that was done or dropped does not change any more."""

    code = "support_action_settled"


class SupportStructureUnknown(Conflict):
    """A request about a structure the register does not know is first placed with one that it does."""

    code = "support_structure_unknown"


class SupportAlreadyPlaced(Conflict):
    """A request that is about a structure of the register stays about it."""

    code = "support_already_placed"


@dataclass(frozen=True, slots=True)
class SupportReason:
    """A reason that can be named from a day on."""

    code: str
    label: str
    since: date


@dataclass(frozen=True, slots=True)
class FirstContactRule:
    """Within how many days a request is taken up. Dated data, with source and status."""

    since: date
    days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class SupportReopening:
    """Who took a settled request up again, when and why; and how it had ended."""

    at: datetime
    by: str
    reason: str
    status: SupportStatus
    settled_on: date
    outcome: SupportOutcome | None
    settled_text: str


@dataclass(frozen=True, slots=True)
class SupportRequest:
    """One request. ``member_id`` is None while fg2i's ``told_member_id`` is no structure of the register.

    ``due_on`` is the last day to take it up in time. ``taken_up_by`` is the subject of a token, and its label a
    function, never a name.
    """

    id: UUID
    origin: SupportOrigin
    member_id: UUID | None
    reason: str
    asked_on: date
    due_on: date
    recorded_at: datetime
    recorded_by: str
    told_member_id: UUID | None = None
    fg2i_id: UUID | None = None
    file_reference: str | None = None
    description: str | None = None
    status: SupportStatus = SupportStatus.ASKED
    taken_up_on: date | None = None
    taken_up_by: str | None = None
    taken_up_label: str | None = None
    settled_on: date | None = None
    outcome: SupportOutcome | None = None
    settled_text: str | None = None
    reopenings: tuple[SupportReopening, ...] = ()
    version: int = 1

    @property
    def is_running(self) -> bool:
        """Whether somebody works on it."""
        return self.status in (SupportStatus.TAKEN_UP, SupportStatus.PLANNED)


@dataclass(frozen=True, slots=True)
class SupportAction:
    """One action of a plan."""

    id: UUID
    request_id: UUID
    text: str
    due_on: date
    state: SupportActionState = SupportActionState.TODO
    settled_on: date | None = None
    dropped_reason: str | None = None


def due_on(rule: FirstContactRule, asked_on: date) -> date:
    """Return the last day on which a request is taken up in time.

    >>> due_on(FirstContactRule(date(2000, 1, 1), 10, "assumed", ""), date(2026, 11, 22))
    datetime.date(2026, 12, 2)
    """
    return asked_on + timedelta(days=rule.days)


def is_late(request: SupportRequest, actions: Iterable[SupportAction], today: date) -> bool:
    """Tell whether a request waits longer than it should: nobody took it up in time, or an action is overdue."""
    if request.status is SupportStatus.ASKED:
        return request.due_on < today
    return request.is_running and any(is_action_late(action, today) for action in actions)


def is_action_late(action: SupportAction, today: date) -> bool:
    """Tell whether an action should have been done."""
    return action.state is SupportActionState.TODO and action.due_on < today


def require_reason(reasons: Iterable[SupportReason], code: str, day: date) -> None:
    """Let a person name only a reason of the list. Raises SupportReasonUnknown."""
    offered = [reason.code for reason in reasons if reason.since <= day]
    if code not in offered:
        raise SupportReasonUnknown(f"« {code} » n'est pas un motif de la liste : {', '.join(offered)}.")


def require_asked(request: SupportRequest) -> None:
    """Let only what nobody took up be declined. Raises SupportAlreadyTakenUp."""
    if request.status is not SupportStatus.ASKED:
        raise SupportAlreadyTakenUp(f"Cette demande est {request.status.label}.")


def require_unplaced(request: SupportRequest) -> None:
    """Let only a request about no structure of the register be placed.

    Raises SupportAlreadyPlaced, SupportAlreadyTakenUp.
    """
    if request.member_id is not None:
        raise SupportAlreadyPlaced("Cette demande est déjà celle d'une structure du registre.")
    require_asked(request)


def require_takeable(request: SupportRequest) -> None:
    """Let a request about a known structure be taken up once. Raises SupportAlreadyTakenUp, SupportStructureUnknown."""
    require_asked(request)
    if request.member_id is None:
        raise SupportStructureUnknown("Le registre ne connaît pas cette structure : rattachez d'abord la demande.")


def require_contact_day(request: SupportRequest, day: date, today: date) -> None:
    """Let a first contact have been made between the request and today. Raises TakenUpAnotherDay."""
    if not request.asked_on <= day <= today:
        raise TakenUpAnotherDay(f"Le premier contact se situe entre le {request.asked_on:%d/%m/%Y} et aujourd'hui.")


def require_running(request: SupportRequest) -> None:
    """Let only a request that somebody works on have a plan. Raises SupportNotRunning."""
    if not request.is_running:
        raise SupportNotRunning(f"Cette demande est {request.status.label} : son plan ne change pas.")


def require_closable(request: SupportRequest, actions: Collection[SupportAction]) -> None:
    """Let a request be closed once nothing of its plan is left to do. Raises SupportNotRunning, SupportActionsOpen."""
    require_running(request)
    left = sum(action.state is SupportActionState.TODO for action in actions)
    if left:
        raise SupportActionsOpen(f"Actions encore à faire : {left}. Dites-les faites, ou abandonnez-les.")


def require_settled(request: SupportRequest) -> None:
    """Let only what was closed or declined be taken up again. Raises SupportNotSettled."""
    if request.status not in (SupportStatus.CLOSED, SupportStatus.DECLINED):
        raise SupportNotSettled(f"Cette demande est {request.status.label} : il n'y a rien à rouvrir.")


def place(request: SupportRequest, member_id: UUID) -> SupportRequest:
    """Say which structure of the register it is about. Raises SupportAlreadyPlaced, SupportAlreadyTakenUp."""
    require_unplaced(request)
    return replace(request, member_id=member_id, version=request.version + 1)


def take_up(request: SupportRequest, day: date, by: str, label: str | None) -> SupportRequest:
    """Have the delegation work on it. Raises SupportAlreadyTakenUp, SupportStructureUnknown."""
    require_takeable(request)
    taken = replace(request, status=SupportStatus.TAKEN_UP, taken_up_on=day, taken_up_by=by, taken_up_label=label)
    return replace(taken, version=request.version + 1)


def decline(request: SupportRequest, day: date, reason: str) -> SupportRequest:
    """Do nothing of it, and say why. Raises SupportAlreadyTakenUp."""
    require_asked(request)
    declined = replace(request, status=SupportStatus.DECLINED, settled_on=day, settled_text=reason)
    return replace(declined, version=request.version + 1)


def plan(request: SupportRequest) -> SupportRequest:
    """Count that its plan changed; the first action makes one. Raises SupportNotRunning."""
    require_running(request)
    return replace(request, status=SupportStatus.PLANNED, version=request.version + 1)


def settle(action: SupportAction, day: date, dropped_reason: str | None = None) -> SupportAction:
    """Say that an action was done, or dropped with a reason. Raises SupportActionSettled."""
    if action.state is not SupportActionState.TODO:
        raise SupportActionSettled(f"Cette action est {action.state.label}.")
    state = SupportActionState.DONE if dropped_reason is None else SupportActionState.DROPPED
    return replace(action, state=state, settled_on=day, dropped_reason=dropped_reason)


def close(
    request: SupportRequest, actions: Collection[SupportAction], day: date, outcome: SupportOutcome, text: str
) -> SupportRequest:
    """End it, and say how it ended. Raises SupportNotRunning, SupportActionsOpen."""
    require_closable(request, actions)
    closed = replace(request, status=SupportStatus.CLOSED, settled_on=day, outcome=outcome, settled_text=text)
    return replace(closed, version=request.version + 1)


def reopen(
    request: SupportRequest, actions: Collection[SupportAction], at: datetime, by: str, reason: str
) -> SupportRequest:
    """Take it up again where it stood before it was closed or declined by mistake. Raises SupportNotSettled."""
    require_settled(request)
    kept = SupportReopening(
        at=at,
        by=by,
        reason=reason,
        status=request.status,
        settled_on=request.settled_on or request.asked_on,
        outcome=request.outcome,
        settled_text=request.settled_text or "",
    )
    before = SupportStatus.PLANNED if actions else SupportStatus.TAKEN_UP
    status = SupportStatus.ASKED if request.status is SupportStatus.DECLINED else before
    opened = replace(request, status=status, settled_on=None, outcome=None, settled_text=None)
    return replace(opened, reopenings=(*request.reopenings, kept), version=request.version + 1)
