"""What undoing an import makes of each row, a case a line, and until when an import is undone."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from common.dated import rule_on
from membership.duplicates.domain import REFERENCES, undoable_until
from membership.duplicates.queries import undo_rules
from membership.imports.domain import (
    Applied,
    ImportStatus,
    UndoOutcome,
    after_undoing_stopped,
    undo_fingerprint,
    undo_obstacle,
    undoing,
)
from membership.imports.repository import _LABELS, _OWN
from membership.members.domain import Topic

DAY, MAY_1987 = date(2026, 11, 22), date(1987, 5, 3)
CREATED: dict[str, Any] = {"entered": True, "stated": True}
CHANGED: dict[str, Any] = {"stated": True, "others": [Topic.NAME, Topic.STATUS]}
DATED: dict[str, Any] = {"dated": MAY_1987, "said_since": MAY_1987}


def row(**facts: Any) -> Applied:
    return Applied(row=2, name="AVIE", member_id=UUID(int=1), first_day=DAY, **facts)


@pytest.mark.parametrize(
    ("facts", "outcome", "codes"),
    [
        pytest.param(CREATED, "retracted", [], id="entrée par l'import, et rien depuis"),
        pytest.param({**CREATED, **DATED}, "retracted", [], id="... avec sa date d'adhésion"),
        pytest.param({**CREATED, "others": [Topic.STATUS]}, "kept", ["changed_since"], id="admise depuis"),
        pytest.param({**CREATED, "others": [Topic.CONTACT]}, "kept", ["changed_since"], id="une personne connue"),
        pytest.param({**CREATED, "followed": True}, "kept", ["application_followed"], id="sa candidature instruite"),
        pytest.param({**CREATED, "named_by": ["entretiens"]}, "kept", ["built_upon"], id="un entretien tenu"),
        pytest.param({**CREATED, "before_board": ["PV-1"]}, "kept", ["on_agenda"], id="le conseil en est saisi"),
        pytest.param(
            {**CREATED, "merged": True, "others": [Topic.MERGED]},
            "kept",
            ["merged_further"],
            id="réunie à une autre",
        ),
        pytest.param({**CREATED, "undone": True}, "nothing", [], id="déjà retirée"),
        pytest.param(CHANGED, "returned", [], id="connue : ce que l'import a changé revient"),
        pytest.param({**CHANGED, "named_by": ["entretiens"]}, "returned", [], id="... quoi que d'autres en tiennent"),
        pytest.param({**CHANGED, "changed": [Topic.ADDRESS]}, "kept", ["changed_since"], id="changé de nouveau depuis"),
        pytest.param({**CHANGED, "merged": True}, "kept", ["merged_further"], id="connue, réunie à une autre"),
        pytest.param({**CHANGED, "undone": True}, "nothing", [], id="déjà revenue"),
        pytest.param({**CHANGED, "before_board": ["PV-1"]}, "returned", [], id="... ou que le conseil en décide"),
        pytest.param(DATED, "returned", [], id="seule sa date d'adhésion"),
        pytest.param({**DATED, "before_board": ["PV-1"]}, "kept", ["on_agenda"], id="... mais le conseil la vote"),
        pytest.param({**DATED, "said_since": DAY}, "kept", ["changed_since"], id="datée autrement depuis"),
        pytest.param({"dated": MAY_1987}, "kept", ["changed_since"], id="décidée par le conseil depuis"),
        pytest.param({"others": [Topic.NAME]}, "nothing", [], id="inchangée par l'import"),
    ],
)
def test_what_becomes_of_a_row(facts: dict[str, Any], outcome: str, codes: list[str]) -> None:
    made = undoing(row(**facts))
    assert (made.outcome.value, [one.code for one in made.blockers]) == (outcome, codes)
    assert all(one.message.endswith(".") for one in made.blockers)


def test_a_plan_is_another_one_where_a_row_becomes_something_else() -> None:
    plans = [[undoing(row(**facts))] for facts in (CREATED, CHANGED, {**CREATED, "followed": True}, {})]
    assert len({undo_fingerprint(plan) for plan in plans}) == len(plans)
    assert undo_fingerprint(plans[0]) == undo_fingerprint([undoing(row(**CREATED))])


@pytest.mark.parametrize(
    ("status", "until", "code"),
    [
        ("applied", DAY, None),
        ("applied", date(2026, 11, 21), "import_too_old"),
        ("applied", None, "import_too_old"),
        ("previewed", None, "import_not_applied"),
        ("previewed", DAY, None),  # stopped midway
        ("previewed", date(2026, 11, 21), "import_too_old"),
        ("preview_failed", DAY, None),
        ("preview_failed", None, "import_not_applied"),
        ("previewing", DAY, "import_not_applied"),
        ("applying", DAY, "import_not_applied"),
        ("undoing", DAY, "import_not_applied"),
        ("undone", DAY, "import_not_applied"),
    ],
)
def test_what_keeps_an_import_from_being_undone(status: str, until: date | None, code: str | None) -> None:
    obstacle = undo_obstacle(ImportStatus(status), until, DAY)
    assert (obstacle.code if obstacle else None) == code


@pytest.mark.parametrize(
    ("undone", "left", "status"),
    [
        pytest.param(False, False, "applied", id="appliqué en entier"),
        pytest.param(False, True, "previewed", id="rien n'est annulé : le reste peut encore s'appliquer"),
        pytest.param(True, True, "applied", id="l'annulation est commencée : on n'applique plus le reste"),
        pytest.param(True, False, "applied", id="... ni rien"),
    ],
)
def test_where_an_import_stands_whose_undoing_stopped(*, undone: bool, left: bool, status: str) -> None:
    assert after_undoing_stopped(undone=undone, left=left).value == status


def test_it_has_the_time_that_a_merge_has() -> None:
    rule = rule_on(undo_rules(), DAY)
    assert (undoable_until(DAY, rule), rule.status) == (date(2026, 12, 22), "assumed")


def test_all_that_names_a_structure_is_looked_at() -> None:
    """Of every table that a merge thinks of, but those that the import itself wrote, or that only suspect."""
    looked_at = {one.label for one in REFERENCES if one.table not in _OWN}
    assert looked_at == set(_LABELS)
    assert {one.table for one in REFERENCES} > _OWN
    assert UndoOutcome.KEPT.label == "laissée telle quelle"
