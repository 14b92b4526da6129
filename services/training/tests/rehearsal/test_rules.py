"""What a controller would find, rule by rule. Sources: CAA Nantes 2021 as reported; a former controller, 2024."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from training.attendance.domain import GENESIS, Entry, Kind, Method, Said, sheet_of
from training.rehearsal.domain import (
    Case,
    Finding,
    FindingCode,
    FindingSettled,
    FindingState,
    Found,
    Thresholds,
    explain,
    rehearse,
    settle,
)
from training.sessions.domain import Pinned, Session, SessionStatus, Slot, Terms
from training.trainers.domain import Half, HalfDay, Unavailability, UnavailabilityReason

TRAINER, OTHER = UUID(int=1), UUID(int=2)
DAY = date(2027, 3, 2)
NINE = datetime(2027, 3, 2, 8, tzinfo=UTC)
RULE = Thresholds(
    since=date(2026, 1, 1), pace_signatures=3, pace_seconds=10, together_minutes=10, after_minutes=60, paper_days=7,
    examined_days=120, status="assumed", source="Essai",
)  # fmt: skip


def slot(number: int = 0, starts: datetime = NINE) -> Slot:
    """A half-day of three hours and a half, in Paris."""
    half_day = HalfDay(starts.date(), Half.AFTERNOON if number else Half.MORNING)
    begins = starts + timedelta(hours=4.5) * number
    return Slot(
        id=UUID(int=100 + number), half_day=half_day, starts_at=begins, ends_at=begins + timedelta(hours=3.5),
        zone="Europe/Paris", remote=True, trainers=(TRAINER,),
    )  # fmt: skip


def signed(minutes: float, seat: int = 1, on: int = 0, **said: Any) -> tuple[float, Said]:
    """Somebody signs so many minutes after nine o'clock."""
    fields: dict[str, Any] = {"kind": Kind.PRESENT, "method": Method.OWN_LINK, **said}
    return minutes, Said(slot_id=UUID(int=100 + on), enrolment_id=UUID(int=10 + seat), hours=Decimal("3.50"), **fields)


def closed(minutes: float = 205, trainer: UUID = TRAINER, on: int = 0) -> tuple[float, Said]:
    said = Said(slot_id=UUID(int=100 + on), kind=Kind.CLOSED, method=Method.TRAINER_DEVICE, trainer_id=trainer)
    return minutes, said


def case(*lines: tuple[float, Said], slots: tuple[Slot, ...] | None = None, **said: Any) -> Case:
    """A session of one morning, unless said, examined when it is over; its lines in their order."""
    planned = slots or (slot(),)
    entries = [
        Entry(UUID(int=9), number, GENESIS, one, NINE + timedelta(minutes=minutes), "sujet")
        for number, (minutes, one) in enumerate(lines, start=1)
    ]
    hours = said.pop("hours", Decimal("3.50") * len(planned))
    pinned = Pinned(code="CIP-01", number=1, title="Essai", theme="support", hours=hours)
    session = Session(
        id=UUID(int=9), reference="SES-2027-00001", pinned=pinned, terms=Terms(), slots=planned,
        status=SessionStatus.CONFIRMED,
    )  # fmt: skip
    sheets = [sheet_of(one, [entry for entry in entries if entry.said.slot_id == one.id]) for one in planned]
    now = said.pop("now", planned[-1].ends_at + timedelta(hours=1))
    return Case(session, sheets, entries, said.pop("away", {}), RULE, now)


def device(minutes: float, seat: int, **said: Any) -> tuple[float, Said]:
    return signed(minutes, seat, method=Method.TRAINER_DEVICE, device="Tablette 1", **said)


AWAY = Unavailability(
    UUID(int=50), HalfDay(DAY, Half.MORNING), HalfDay(DAY, Half.MORNING), UnavailabilityReason.LEAVE
)  # fmt: skip
TWO = (slot(0), slot(1))
JULY = slot(starts=datetime(2027, 7, 14, 7, tzinfo=UTC))
SUNDAY = slot(starts=datetime(2027, 3, 7, 8, tzinfo=UTC))
TO_FOURTEENTH = (JULY.starts_at - NINE).total_seconds() / 60
TO_SUNDAY = (SUNDAY.starts_at - NINE).total_seconds() / 60


@pytest.mark.parametrize(
    ("examined", "expected"),
    [
        pytest.param(case(signed(5), closed()), [], id="une feuille sans défaut"),
        pytest.param(case(signed(-61), closed()), ["outside_hours"], id="signée plus d'une heure avant"),
        pytest.param(case(signed(-60), closed()), [], id="signée une heure avant, pas plus"),
        pytest.param(case(signed(271), closed()), ["outside_hours"], id="signée plus d'une heure après la fin"),
        pytest.param(case(signed(24 * 60), closed()), ["outside_hours"], id="signée le lendemain"),
        pytest.param(
            case(signed(24 * 60, method=Method.PAPER), closed()), [], id="une feuille papier se saisit après"
        ),
        pytest.param(
            case(signed(TO_FOURTEENTH), closed(TO_FOURTEENTH), slots=(JULY,)), ["day_off"], id="un 14 juillet"
        ),
        pytest.param(case(signed(TO_SUNDAY), closed(TO_SUNDAY), slots=(SUNDAY,)), ["day_off"], id="un dimanche"),
        pytest.param(
            case(signed(5), closed(), away={TRAINER: (AWAY,)}), ["trainer_away"], id="formateur déclaré absent"
        ),
        pytest.param(
            case(device(5, 1), device(5.05, 2), device(5.1, 3), closed()), ["serial_pace"], id="trois en six secondes"
        ),
        pytest.param(case(device(5, 1), device(5.05, 2), closed()), [], id="deux en trois secondes"),
        pytest.param(
            case(device(5, 1), device(5.2, 2), device(5.4, 3), closed()), [], id="trois en vingt-quatre secondes"
        ),
        pytest.param(
            case(signed(5, 1), signed(5.01, 2), signed(5.02, 3), closed()), [], id="trois ensemble, chacun par son lien"
        ),
        pytest.param(
            case(signed(5, 1, stroke="a" * 64), signed(6, 2, stroke="a" * 64), closed()), ["same_stroke"],
            id="le même dessin pour deux personnes",
        ),
        pytest.param(
            case(signed(270, on=0), closed(271), signed(272, on=1), closed(280, on=1), slots=TWO), ["one_for_several"],
            id="matin et après-midi signés ensemble",
        ),
        pytest.param(
            case(signed(5, on=0), closed(), signed(275, on=1), closed(470, on=1), slots=TWO), [],
            id="chaque demi-journée en son temps",
        ),
        pytest.param(case(signed(5), closed(trainer=OTHER)), ["other_trainer"], id="un autre formateur signe"),
        pytest.param(case(signed(5)), ["not_signed"], id="passée, sans signature du formateur"),
        pytest.param(case(signed(5), now=NINE + timedelta(hours=1)), [], id="en cours, sans signature encore"),
        pytest.param(case(signed(5), closed(), hours=Decimal(7)), ["hours_differ"], id="moins d'heures que prévu"),
        pytest.param(
            case(signed(8 * 24 * 60, method=Method.PAPER), closed(8 * 24 * 60)), ["paper_late"],
            id="papier saisi huit jours après",
        ),
    ],
)  # fmt: skip
def test_what_a_controller_would_find(examined: Case, expected: list[str]) -> None:
    assert [one.code.value for one in rehearse(examined)] == expected


def test_what_is_explained_stays_so_what_is_mended_is_corrected_what_comes_back_is_open() -> None:
    found = Found(FindingCode.NOT_SIGNED, UUID(int=100), "100", "Sans signature")
    finding = Finding(id=UUID(int=1), session_id=UUID(int=9), found=found, found_at=NINE)
    explained = explain(finding, "La feuille papier est au dossier.", NINE, "sujet")
    assert settle(explained, is_found=True, now=NINE) == explained
    corrected = settle(explained, is_found=False, now=NINE)
    assert (corrected.state, corrected.explanation) == (FindingState.CORRECTED, explained.explanation)
    with pytest.raises(FindingSettled):
        explain(corrected, "Trop tard pour le dire.", NINE, "sujet")
    assert settle(corrected, is_found=True, now=NINE).state is FindingState.EXPLAINED
    mended = settle(finding, is_found=False, now=NINE)
    assert settle(mended, is_found=True, now=NINE).state is FindingState.OPEN
