"""Where convocations stand, which are late, and what the minutes say of them, as tables."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.identifiers import new_id
from membership.assemblies.documents import write_sent
from membership.assemblies.domain import (
    Convocation,
    ConvocationState,
    convened_elsewhere,
    convocation_state,
    count_convocations,
)
from membership.assemblies.schemas import ConvocationCountOut
from membership.convocations.schemas import ConvocationOut
from membership.members.domain import Member
from membership.notices.domain import Means, Notice, NoticeStatus, Reach

from .test_convocations import CONVENED


@pytest.mark.parametrize(
    ("statuses", "joined_on", "proof", "expected"),
    [
        pytest.param([], date(2027, 5, 1), "lettres", "elsewhere", id="membre ce jour-là"),
        pytest.param([], date(2027, 5, 2), "lettres", "to_convene", id="membre depuis"),
        pytest.param([], date(2027, 5, 1), None, "to_convene", id="sans preuve, rien n'est parti"),
        pytest.param(["returned"], date(2027, 5, 1), "lettres", "to_convene", id="une lettre est revenue"),
        pytest.param(["waiting"], date(2027, 5, 1), "lettres", "sending", id="un envoi est en cours"),
        pytest.param(["returned", "sent"], date(2027, 5, 1), None, "convened", id="revenue, puis partie"),
    ],
)
def test_where_a_convocation_stands(statuses: list[str], joined_on: date, proof: str | None, expected: str) -> None:
    """A proof is of all that were members on the day it tells of (ADR 0038)."""
    elsewhere = convened_elsewhere(replace(CONVENED, convened_by=proof), joined_on)
    state, _ = convocation_state([notice(status) for status in statuses], elsewhere=elsewhere)
    assert state is ConvocationState(expected)


def notice(status: str, sent_on: date | None = None, late_reason: str | None = None) -> Notice:
    return Notice(
        id=new_id(), member_id=UUID(int=2), means=Means.LETTER, status=NoticeStatus(status), sent_on=sent_on,
        recorded_at=datetime(2027, 6, 10, tzinfo=UTC), recorded_by="x", late_reason=late_reason,
    )  # fmt: skip


LAST = date(2027, 6, 15)


def standing(state: str, sent: Notice | None = None) -> Convocation:
    member = Member(id=new_id(), reference="STR-1", name="Alpha")
    return Convocation(member, True, ConvocationState(state), sent, Reach.MAIL, LAST)


@pytest.mark.parametrize(
    ("sent_on", "reason", "expected"),
    [
        pytest.param(LAST, None, (0, (), 0), id="le dernier jour"),
        pytest.param(LAST + timedelta(days=1), "adresse", (1, ("adresse",), 0), id="le lendemain, avec sa raison"),
        pytest.param(LAST + timedelta(days=1), None, (1, (), 1), id="le lendemain, demandée à temps"),
    ],
)
def test_a_convocation_is_late_by_the_day_it_leaves(
    sent_on: date, reason: str | None, expected: tuple[int, tuple[str, ...], int]
) -> None:
    counted = count_convocations([standing("convened", notice("sent", sent_on, reason)), standing("sending")])
    assert (counted.late, counted.late_reasons, counted.unexplained) == expected
    assert ConvocationOut.of(standing("convened", notice("sent", sent_on, reason))).late is (expected[0] == 1)


@pytest.mark.parametrize(
    ("convocations", "expected"),
    [
        pytest.param([], "", id="rien n'est parti d'ici"),
        pytest.param(
            [standing("convened", notice("sent", LAST)), *[standing("elsewhere")] * 3],
            " Convocations parties le 15 juin 2027 : 1 structure sur 4 ; 3 convoquées ailleurs.",
            id="les autres ailleurs",
        ),
        pytest.param(
            [
                standing("convened", notice("sent", LAST)),
                standing("sending", notice("waiting")),
                standing("to_convene"),
            ],
            " Convocations parties le 15 juin 2027 : 1 structure sur 3 ; 1 en cours d'envoi ; 1 non convoquée :"
            " rien n'a été envoyé d'ici à 1.",
            id="en cours, et une entrée depuis",
        ),
        pytest.param(
            [standing("to_convene", notice("refused")), standing("to_convene")],
            " Convocations parties : 0 structure sur 2 ; 2 non convoquées : l'envoi n'est pas parvenu à 1, rien"
            " n'a été envoyé d'ici à 1.",
            id="aucune n'est parvenue",
        ),
        pytest.param(
            [standing("convened", notice("sent", date(2027, 6, 16)))],
            " Convocations parties le 16 juin 2027 : 1 structure sur 1, dont 1 après le dernier jour (1 sans raison"
            " consignée).",
            id="en retard, sans raison",
        ),
    ],
)
def test_the_minutes_say_of_each_what_is_known_of_it(convocations: list[Convocation], expected: str) -> None:
    counted = ConvocationCountOut(**asdict(count_convocations(convocations)), last_day=LAST)
    assert write_sent(counted) == expected
