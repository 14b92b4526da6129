"""Which records may be of one structure, what their union is, and what stands against it: the rules, case by case.

Decided in ADR 0032; the days to undo are dated data, `assumed`.
"""

import random
import time
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from common.errors import Blocker
from membership.base import Base
from membership.contacts.domain import Acquaintance, Details, Mandate, Seat, unite
from membership.duplicates.domain import (
    CONFLICTS,
    REFERENCES,
    FieldName,
    Hindrances,
    Reason,
    bore_the_other_s,
    default_choice,
    field_lines,
    likeness,
    merge_blockers,
    pair_of,
    staying,
    suspect,
    undoable_until,
    united,
)
from membership.duplicates.queries import undo_rules
from membership.members.domain import (
    ActivityKind,
    Admission,
    Convention,
    Identity,
    Member,
    MemberStatus,
    normalise,
)


def record(number: int, name: str, **fields: Any) -> Identity:
    return Identity(id=UUID(int=number), name=normalise(name), **{"postcode": "31000", "department": "31", **fields})


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("Régain Services", "REGAIN SERVICES", True, id="casse et accents"),
        pytest.param("Association Régain", "Régain AI", True, id="forme juridique et sigle"),
        pytest.param("Regain Services", "Regain Service", True, id="un pluriel"),
        pytest.param("L'Abeille verte", "L'Abeile verte", True, id="une lettre oubliée"),
        pytest.param("Solidarité Emploi", "Solidarite Empoli", True, id="deux lettres inversées"),
        pytest.param("Emploi Services 31", "Emploi Services 32", False, id="deux numéros : deux structures"),
        pytest.param("Emmaüs Nord", "Emmaüs Sud", False, id="deux antennes"),
        pytest.param("Tremplin", "Régain", False, id="deux noms"),
    ],
)
def test_names_are_compared_as_a_person_would(one: str, other: str, *, alike: bool) -> None:
    found = suspect([record(1, one), record(2, other)])
    assert (bool(found), likeness(one, other) >= 0.75) == (alike, alike)


SIRET, OTHER_SIRET = "90000000100017", "90000001900019"


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        pytest.param(
            {"sirets": frozenset({SIRET})},
            {"sirets": frozenset({SIRET, OTHER_SIRET})},
            [Reason.SAME_SIRET],
            id="un SIRET que l'autre a porté",
        ),
        pytest.param(
            {"sirens": frozenset({SIRET[:9]})},
            {"sirens": frozenset({SIRET[:9]})},
            [Reason.SAME_SIREN],
            id="un SIREN que l'autre a porté",
        ),
        pytest.param(
            {"conventions": frozenset({"AI311"})},
            {"conventions": frozenset({"AI311"})},
            [Reason.SAME_CONVENTION],
            id="la même convention",
        ),
        pytest.param({"name": "Régain"}, {"name": "Regain"}, [Reason.SAME_NAME], id="le même nom au même code postal"),
        pytest.param(
            {"name": "Régain"}, {"name": "Regain", "postcode": None}, [Reason.SAME_NAME], id="le même, adresse inconnue"
        ),
        pytest.param(
            {"name": "Régain Services"},
            {"name": "Régain Service", "postcode": "31200"},
            [],
            id="presque le même, ailleurs",
        ),
        pytest.param(
            {"name": "Régain", "siren": "900000001"},
            {"name": "Régain", "siren": "900000019"},
            [],
            id="le même nom, deux SIREN : deux personnes morales",
        ),
        pytest.param(
            {"name": "Régain", "conventions": frozenset({"AI311"})},
            {"name": "Régain", "conventions": frozenset({"AI311"})},
            [Reason.SAME_CONVENTION, Reason.SAME_NAME],
            id="deux raisons",
        ),
    ],
)
def test_what_makes_a_pair_suspected(one: dict[str, Any], other: dict[str, Any], reasons: list[Reason]) -> None:
    records = [
        record(number, fields.get("name", f"Structure {number}"), **{k: v for k, v in fields.items() if k != "name"})
        for number, fields in ((1, one), (2, other))
    ]
    found = suspect(records)
    assert [list(suspicion.reasons) for suspicion in found.values()] == ([reasons] if reasons else [])


def test_a_further_reason_goes_further() -> None:
    same = {"conventions": frozenset({"AI311"})}
    [alone] = suspect([record(1, "A", **same), record(2, "B", **same)]).values()
    [both] = suspect([record(1, "Régain", **same), record(2, "Régain", **same)]).values()
    assert (alone.score, both.score) == (85, 90)


def test_a_hundred_thousand_records_are_searched_in_seconds() -> None:
    """Also where ten thousand share a postcode and a word: no block is compared with itself as a whole."""
    letters = random.Random(1)
    records = [
        Identity(
            id=UUID(int=number + 1),
            name=f"insertion {''.join(letters.choices('abcdefghijklmnoprstuv', k=9))}",
            postcode=f"{number % 6000:05d}" if number % 10 else "31000",
            department=f"{number % 95:02d}",
        )
        for number in range(100_000)
    ]
    twin = replace(records[77_777], id=UUID(int=1_000_000))
    began = time.process_time()
    found = suspect([*records, twin])
    assert pair_of(twin.id, records[77_777].id) in found
    assert time.process_time() - began < 30


TODAY = date(2026, 11, 2)
ADMITTED = Admission(date(2020, 1, 1), UUID(int=9), "PV-1")
STAYS = Member(id=UUID(int=1), reference="STR-1", name="Régain", activities=(ActivityKind.AI,))
GOES = Member(id=UUID(int=2), reference="STR-2", name="Regain", activities=(ActivityKind.AI,))
ACTIVE = {"status": MemberStatus.ACTIVE, "admission": ADMITTED}


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        pytest.param({}, ACTIVE, "STR-2", id="l'adhérente plutôt que la candidate"),
        pytest.param(
            ACTIVE,
            {**ACTIVE, "admission": replace(ADMITTED, joined_on=date(2019, 1, 1))},
            "STR-2",
            id="de deux adhérentes, la plus ancienne",
        ),
        pytest.param({}, {}, "STR-1", id="sinon la première inscrite"),
    ],
)
def test_which_record_stays(one: dict[str, Any], other: dict[str, Any], stays: str) -> None:
    assert staying(replace(STAYS, **one), replace(GOES, **other)).reference == stays


WHOLE = {"street": "1 rue A", "postcode": "31000", "city": "TOULOUSE", "department": "31"}


@pytest.mark.parametrize(
    ("stays", "goes", "taken"),
    [
        pytest.param({}, {"siren": "900000001"}, {FieldName.IDENTIFIERS}, id="le SIREN que l'autre n'a pas"),
        pytest.param(
            {"siren": SIRET[:9]},
            {"siren": SIRET[:9], "siret": SIRET},
            {FieldName.IDENTIFIERS},
            id="le SIRET du même SIREN",
        ),
        pytest.param({"siren": SIRET[:9], "siret": SIRET}, {"siren": OTHER_SIRET[:9]}, set(), id="pas un autre SIREN"),
        pytest.param({}, WHOLE, {FieldName.ADDRESS}, id="une adresse entière"),
        pytest.param({"city": "AUCH"}, WHOLE, {FieldName.ADDRESS}, id="plutôt que la moitié d'une autre"),
        pytest.param(WHOLE, {**WHOLE, "city": "AUCH"}, set(), id="deux adresses : celle de qui reste"),
        pytest.param({}, {"imposed_delegation": "idf"}, {FieldName.DELEGATION}, id="une délégation imposée"),
    ],
)
def test_what_is_taken_unless_somebody_chooses(
    stays: dict[str, Any], goes: dict[str, Any], taken: set[FieldName]
) -> None:
    assert default_choice(replace(STAYS, **stays), replace(GOES, **goes)) == taken


def test_what_both_have_is_put_together() -> None:
    stays = replace(STAYS, groups=frozenset({UUID(int=7)}), conventions={ActivityKind.AI: Convention("AI-1")})
    goes = replace(
        GOES,
        activities=(ActivityKind.AI, ActivityKind.ETTI),
        conventions={ActivityKind.AI: Convention("AI-2"), ActivityKind.ETTI: Convention("ETTI-1")},
        groups=frozenset({UUID(int=8), stays.id}),
    )
    became = united(stays, goes, {FieldName.NAME})
    assert (became.name, became.activities) == ("Regain", (ActivityKind.AI, ActivityKind.ETTI))
    assert {kind.value: one.number for kind, one in became.conventions.items()} == {"ai": "AI-1", "etti": "ETTI-1"}
    assert became.groups == {UUID(int=7), UUID(int=8)}
    lines = {line.field: line for line in field_lines(stays, goes, became)}
    assert lines[FieldName.ACTIVITIES].becomes == "AI AI-1, ETTI ETTI-1"
    assert lines[FieldName.NAME].differs


def test_nothing_is_taken_from_a_record_that_does_not_say_it() -> None:
    stays = replace(STAYS, siren=SIRET[:9], siret=SIRET, **WHOLE)
    assert united(stays, GOES, frozenset(FieldName) & {FieldName.IDENTIFIERS, FieldName.ADDRESS}) == stays


def test_renewed_years_are_those_of_both_members() -> None:
    stays = replace(STAYS, **ACTIVE, renewed_years=(2025,))
    assert united(stays, replace(GOES, **ACTIVE, renewed_years=(2026,)), ()).renewed_years == (2025, 2026)
    assert united(stays, replace(GOES, renewed_years=(2026,)), ()).renewed_years == (2025,)


@pytest.mark.parametrize(
    ("stays", "goes", "found", "codes"),
    [
        pytest.param({}, {}, Hindrances(), [], id="deux candidates"),
        pytest.param({"siren": "900000001"}, {"siren": "900000019"}, Hindrances(), ["two_legal_entities"], id="deux"),
        pytest.param(
            {"siren": "900000001"},
            {"siren": "900000019"},
            Hindrances(same_entity=True),
            [],
            id="un seul, changé",
        ),
        pytest.param({}, ACTIVE, Hindrances(), ["member_goes"], id="l'adhérente s'effacerait"),
        pytest.param(ACTIVE, {}, Hindrances(), [], id="la candidate s'efface"),
        pytest.param(
            ACTIVE,
            {**ACTIVE, "status": MemberStatus.SUSPENDED},
            Hindrances(),
            ["standings_differ"],
            id="la suspendue s'effacerait",
        ),
        pytest.param({}, {}, Hindrances(parts=2), ["group_parts"], id="un groupe avec ses structures"),
        pytest.param({}, {}, Hindrances(holds_merge=True), ["holds_merge"], id="un doublon y est déjà réuni"),
        pytest.param({}, {}, Hindrances(of_rows=[Blocker("measure_open", "x")]), ["measure_open"], id="ailleurs"),
    ],
)
def test_what_has_to_be_settled_first(
    stays: dict[str, Any], goes: dict[str, Any], found: Hindrances, codes: list[str]
) -> None:
    blockers = merge_blockers(replace(STAYS, **stays), replace(GOES, **goes), found)
    assert [one.code for one in blockers] == codes


def test_one_entity_bore_the_siren_of_the_other() -> None:
    one, other = replace(STAYS, siren="900000001"), replace(GOES, siren="900000019")
    sirens = {one.id: {"900000001"}, other.id: {"900000019"}}
    assert not bore_the_other_s(one, other, sirens)
    assert bore_the_other_s(one, other, {**sirens, other.id: {"900000001", "900000019"}})


def test_a_merge_can_be_undone_for_thirty_days() -> None:
    [rule] = undo_rules()
    assert (undoable_until(TODAY, rule), rule.status) == (date(2026, 12, 2), "assumed")


CAMILLE = Acquaintance(UUID(int=1), Details("Camille", "EXEMPLE", email="camille@exemple.org"))
CAMILLE_AGAIN = Acquaintance(UUID(int=2), Details("CAMILLE", "Exemple", email="Camille@Exemple.org"))
SACHA = Acquaintance(UUID(int=3), Details("Sacha", "FICTIF"))


@pytest.mark.parametrize(
    ("details", "is_camille"),
    [
        pytest.param(Details("camille", "Exemple", email="CAMILLE@exemple.org"), True, id="même adresse, même nom"),
        pytest.param(Details("Sacha", "FICTIF", email="camille@exemple.org"), False, id="l'adresse d'un accueil"),
        pytest.param(Details("Camille", "EXEMPLE", email="c@exemple.org"), False, id="une homonyme"),
        pytest.param(Details("Camille", "EXEMPLE"), False, id="sans adresse, rien ne le dit"),
    ],
)
def test_who_is_the_same_person(details: Details, *, is_camille: bool) -> None:
    people = unite([CAMILLE], [Acquaintance(UUID(int=5), details)], [], [])
    assert (UUID(int=5) in people.twins, UUID(int=5) in people.carried) == (is_camille, not is_camille)


def holds(who: Acquaintance, seat: Seat = Seat.BILLING) -> Mandate:
    return Mandate(seat, who.contact_id, TODAY)


@pytest.mark.parametrize(
    ("held", "held_at_goes", "preferred", "seats"),
    [
        pytest.param([], [holds(SACHA)], [], {Seat.BILLING: SACHA}, id="un siège vacant est repris"),
        pytest.param([], [holds(CAMILLE_AGAIN)], [], {Seat.BILLING: CAMILLE}, id="par la personne connue des deux"),
        pytest.param([holds(CAMILLE)], [holds(SACHA)], [], {}, id="pourvu des deux côtés : rien ne change"),
        pytest.param([holds(CAMILLE)], [holds(SACHA)], [Seat.BILLING], {Seat.BILLING: SACHA}, id="ou choisi"),
        pytest.param([holds(CAMILLE)], [holds(CAMILLE_AGAIN)], [Seat.BILLING], {}, id="déjà la même personne"),
    ],
)
def test_who_sits_where(
    held: list[Mandate], held_at_goes: list[Mandate], preferred: list[Seat], seats: dict[Seat, Acquaintance]
) -> None:
    people = unite([CAMILLE], [CAMILLE_AGAIN, SACHA], held, held_at_goes, preferred)
    assert (people.carried, people.twins) == ((SACHA.contact_id,), {CAMILLE_AGAIN.contact_id: CAMILLE.contact_id})
    assert people.seats == {seat: one.contact_id for seat, one in seats.items()}


def test_every_table_that_names_a_structure_was_thought_of() -> None:
    """A new table that names a structure turns this red: say in ``references.py`` what a merge does with it."""
    naming = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name == "member_id" or any(key.target_fullname == "member.id" for key in column.foreign_keys)
    }
    assert naming == {(one.table, one.column) for one in REFERENCES}
    assert all(one.why for one in REFERENCES if one.fate.value == "stays")
    assert all("{found}" in sentence or code == "measure_open" for code, sentence in CONFLICTS.items())
