"""A request for support: within how many days it is taken up, what it may become, and when it is late.

The days to the first contact are dated data, `assumed`: no text gives them. The rest is decided in ADR 0029.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from membership.support_requests.domain import (
    SupportAction,
    SupportActionSettled,
    SupportActionsOpen,
    SupportActionState,
    SupportAlreadyPlaced,
    SupportAlreadyTakenUp,
    SupportNotRunning,
    SupportNotSettled,
    SupportOrigin,
    SupportOutcome,
    SupportReason,
    SupportReasonUnknown,
    SupportRequest,
    SupportStatus,
    SupportStructureUnknown,
    TakenUpAnotherDay,
    close,
    decline,
    is_late,
    place,
    plan,
    reopen,
    require_contact_day,
    require_reason,
    settle,
    take_up,
)

ASKED_ON, DUE_ON = date(2026, 11, 22), date(2026, 12, 2)
DAY = timedelta(days=1)
AT = datetime(2026, 11, 22, tzinfo=UTC)
ASKED = SupportRequest(UUID(int=1), next(iter(SupportOrigin)), UUID(int=2), "cash", ASKED_ON, DUE_ON, AT, "d")
BY_STATUS = {status: replace(ASKED, status=status) for status in SupportStatus}
TODO = SupportAction(UUID(int=3), ASKED.id, "Voir la banque", DUE_ON)
DONE = replace(TODO, state=SupportActionState.DONE)
OUTCOME = next(iter(SupportOutcome))


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        pytest.param(SupportStatus.ASKED, "plan close reopen", id="demandée : se prend ou se décline"),
        pytest.param(SupportStatus.TAKEN_UP, "take_up decline reopen", id="prise en charge : a un plan, se clôt"),
        pytest.param(SupportStatus.PLANNED, "take_up decline reopen", id="avec un plan : de même"),
        pytest.param(SupportStatus.CLOSED, "take_up decline plan close", id="close : se rouvre"),
        pytest.param(SupportStatus.DECLINED, "take_up decline plan close", id="déclinée : se rouvre"),
    ],
)
def test_what_becomes_of_a_request(status: SupportStatus, refused: str) -> None:
    request = BY_STATUS[status]
    acts: dict[str, tuple[Callable[[], object], type[Refusal]]] = {
        "take_up": (lambda: take_up(request, ASKED_ON, "d", None), SupportAlreadyTakenUp),
        "decline": (lambda: decline(request, ASKED_ON, "hors sujet"), SupportAlreadyTakenUp),
        "plan": (lambda: plan(request), SupportNotRunning),
        "close": (lambda: close(request, [DONE], ASKED_ON, OUTCOME, "fait"), SupportNotRunning),
        "reopen": (lambda: reopen(request, [], AT, "d", "erreur"), SupportNotSettled),
    }
    expected = {name: refusal if name in refused.split() else type(None) for name, (_, refusal) in acts.items()}
    assert {name: found(act) for name, (act, _) in acts.items()} == expected


@pytest.mark.parametrize(
    ("request_", "today", "actions", "late"),
    [
        pytest.param(ASKED, DUE_ON, [], False, id="le dernier jour pour la prendre"),
        pytest.param(ASKED, DUE_ON + DAY, [], True, id="le lendemain"),
        pytest.param(BY_STATUS[SupportStatus.PLANNED], DUE_ON, [TODO], False, id="une action, son dernier jour"),
        pytest.param(BY_STATUS[SupportStatus.PLANNED], DUE_ON + DAY, [TODO], True, id="le lendemain, à faire encore"),
        pytest.param(BY_STATUS[SupportStatus.PLANNED], DUE_ON + DAY, [DONE], False, id="faite"),
        pytest.param(BY_STATUS[SupportStatus.TAKEN_UP], DUE_ON + DAY, [], False, id="prise : le délai ne court plus"),
        pytest.param(
            BY_STATUS[SupportStatus.CLOSED], DUE_ON + DAY, [TODO], False, id="close : plus rien n'est attendu"
        ),
    ],
)
def test_when_a_request_waits_too_long(
    request_: SupportRequest, today: date, actions: Sequence[SupportAction], late: bool
) -> None:
    assert is_late(request_, actions, today) is late


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        pytest.param(ASKED_ON, None, id="le jour de la demande"),
        pytest.param(ASKED_ON - DAY, TakenUpAnotherDay, id="la veille"),
        pytest.param(DUE_ON, None, id="aujourd'hui"),
        pytest.param(DUE_ON + DAY, TakenUpAnotherDay, id="demain"),
    ],
)
def test_when_the_first_contact_was(day: date, refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_contact_day(ASKED, day, DUE_ON)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("code", "day", "refusal"),
    [
        pytest.param("cash", ASKED_ON, None, id="le premier jour du motif"),
        pytest.param("cash", ASKED_ON - DAY, SupportReasonUnknown, id="la veille : pas encore de la liste"),
        pytest.param("autre", ASKED_ON, SupportReasonUnknown, id="hors de la liste"),
    ],
)
def test_a_reason_is_of_the_list_of_its_day(code: str, day: date, refusal: type[Refusal] | None) -> None:
    reasons = [SupportReason("cash", "Trésorerie", ASKED_ON)]
    assert found(lambda: require_reason(reasons, code, day)) is (refusal or type(None))


UNKNOWN = replace(ASKED, member_id=None, told_member_id=UUID(int=9))


def test_a_request_about_an_unknown_structure_is_placed_once_and_first() -> None:
    assert found(lambda: take_up(UNKNOWN, ASKED_ON, "d", None)) is SupportStructureUnknown
    assert place(UNKNOWN, UUID(int=2)).member_id == UUID(int=2)
    assert found(lambda: place(ASKED, UUID(int=2))) is SupportAlreadyPlaced
    declined = replace(UNKNOWN, status=SupportStatus.DECLINED)
    assert found(lambda: place(declined, UUID(int=2))) is SupportAlreadyTakenUp


def test_a_request_is_closed_once_nothing_is_left_to_do() -> None:
    running = BY_STATUS[SupportStatus.PLANNED]
    with pytest.raises(SupportActionsOpen, match="Actions encore à faire : 1"):
        close(running, [DONE, TODO], ASKED_ON, OUTCOME, "fait")
    assert close(running, [DONE], ASKED_ON, OUTCOME, "fait").outcome is OUTCOME


@pytest.mark.parametrize(
    ("before", "actions", "status"),
    [
        pytest.param(SupportStatus.CLOSED, [DONE], SupportStatus.PLANNED, id="close avec un plan"),
        pytest.param(SupportStatus.CLOSED, [], SupportStatus.TAKEN_UP, id="close sans plan"),
        pytest.param(SupportStatus.DECLINED, [], SupportStatus.ASKED, id="déclinée : de nouveau demandée"),
    ],
)
def test_a_request_is_taken_up_again_where_it_stood(
    before: SupportStatus, actions: list[SupportAction], status: SupportStatus
) -> None:
    settled = replace(ASKED, status=before, settled_on=DUE_ON, settled_text="fait")
    again = reopen(settled, actions, AT, "d", "dit par erreur")
    assert (again.status, again.settled_on, again.settled_text) == (status, None, None)
    [kept] = again.reopenings
    assert (kept.status, kept.settled_on, kept.settled_text) == (before, DUE_ON, "fait")


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        pytest.param(None, SupportActionState.DONE, id="faite"),
        pytest.param("sans objet", SupportActionState.DROPPED, id="abandonnée, avec une raison"),
    ],
)
def test_an_action_is_settled_once(reason: str | None, state: SupportActionState) -> None:
    settled = settle(TODO, DUE_ON, reason)
    assert (settled.state, settled.settled_on) == (state, DUE_ON)
    with pytest.raises(SupportActionSettled):
        settle(settled, DUE_ON)
