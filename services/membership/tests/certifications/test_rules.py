"""What label may be recorded, where it stands on a day, and who takes it back: the rules, as a delegation checks them.

Labels and their days are dated data, `assumed` but for CEDRE and CAP RSE (rapports d'activité 2015 et 2024); the rest
is decided in ADR 0026.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from membership.certifications.domain import (
    Certification,
    CertificationRevoked,
    CertificationStanding,
    CertificationVerified,
    CertificationWithdrawn,
    Label,
    LabelUnknown,
    ObtainedAnotherDay,
    OwnCertification,
    Revocation,
    RevokedAnotherDay,
    Verification,
    Withdrawal,
    require_recordable,
    revoke,
    standing,
    verify,
    withdraw,
)

TODAY, OBTAINED, UNTIL = date(2026, 11, 22), date(2025, 3, 1), date(2028, 2, 29)
DAY = timedelta(days=1)
AT = datetime(2026, 11, 22, tzinfo=UTC)
LABELS = [
    Label("cap-rse", "CAP RSE", date(2025, 1, 1), None),
    Label("cedre", "CEDRE", date(2008, 1, 1), date(2025, 12, 31)),
    Label("engage-rse", "Engagé RSE", date(2017, 1, 1), None, levels=("Initial", "Confirmé")),
    Label("other", "Autre", date(2000, 1, 1), None, named=True),
]
HELD = Certification(UUID(int=1), UUID(int=2), "cap-rse", None, "AFNOR", OBTAINED, UNTIL, "Certificat 1", AT, "m")
REVOKED = replace(HELD, revocation=Revocation(date(2026, 6, 1), AT, "m", "audit"))
WITHDRAWN = replace(HELD, withdrawal=Withdrawal(AT, "m", "doublon"))


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        pytest.param({}, None, id="un label de la liste"),
        pytest.param({"label": "inconnu"}, LabelUnknown, id="hors de la liste"),
        pytest.param({"level": "Initial"}, LabelUnknown, id="un niveau que le label n'a pas"),
        pytest.param({"label": "engage-rse"}, LabelUnknown, id="sans le niveau que le label demande"),
        pytest.param({"label": "engage-rse", "level": "Initial"}, None, id="à un de ses niveaux"),
        pytest.param({"label": "engage-rse", "level": "Or"}, LabelUnknown, id="à un niveau inconnu"),
        pytest.param({"label": "other"}, LabelUnknown, id="un autre label, sans son nom"),
        pytest.param({"label": "other", "title": "Label vert"}, None, id="un autre label, nommé"),
        pytest.param({"title": "Label vert"}, LabelUnknown, id="un label de la liste, sous un autre nom"),
        pytest.param({"obtained_on": date(2025, 1, 1)}, None, id="le premier jour du label"),
        pytest.param({"obtained_on": date(2024, 12, 31)}, ObtainedAnotherDay, id="la veille de son premier jour"),
        pytest.param({"obtained_on": TODAY}, None, id="obtenu aujourd'hui"),
        pytest.param({"obtained_on": TODAY + DAY}, ObtainedAnotherDay, id="obtenu demain"),
        pytest.param(
            {"label": "cedre", "obtained_on": date(2025, 12, 31)}, None, id="le dernier jour d'un label arrêté"
        ),
        pytest.param({"label": "cedre", "obtained_on": date(2026, 1, 1)}, ObtainedAnotherDay, id="le lendemain"),
        pytest.param({"valid_until": OBTAINED}, None, id="valable un jour"),
        pytest.param({"valid_until": OBTAINED - DAY}, ObtainedAnotherDay, id="finie avant d'être obtenue"),
        pytest.param({"valid_until": None}, None, id="sans fin connue"),
    ],
)
def test_what_is_recorded(fields: dict[str, Any], refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_recordable(LABELS, replace(HELD, **fields), TODAY)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("certification", "day", "expected"),
    [
        pytest.param(HELD, UNTIL, CertificationStanding.VALID, id="le dernier jour de validité"),
        pytest.param(HELD, UNTIL + DAY, CertificationStanding.EXPIRED, id="le lendemain"),
        pytest.param(replace(HELD, valid_until=None), UNTIL + DAY, CertificationStanding.VALID, id="sans fin connue"),
        pytest.param(REVOKED, date(2026, 5, 31), CertificationStanding.VALID, id="la veille du retrait"),
        pytest.param(REVOKED, date(2026, 6, 1), CertificationStanding.REVOKED, id="le jour du retrait"),
        pytest.param(REVOKED, UNTIL + DAY, CertificationStanding.REVOKED, id="retirée, puis échue : retirée"),
        pytest.param(WITHDRAWN, OBTAINED, CertificationStanding.WITHDRAWN, id="consignée par erreur"),
    ],
)
def test_where_a_label_stands(certification: Certification, day: date, expected: CertificationStanding) -> None:
    assert standing(certification, day) is expected


@pytest.mark.parametrize(
    ("certification", "on", "refusal"),
    [
        pytest.param(HELD, OBTAINED, None, id="le jour même où elle fut obtenue"),
        pytest.param(HELD, OBTAINED - DAY, RevokedAnotherDay, id="la veille"),
        pytest.param(HELD, TODAY, None, id="aujourd'hui"),
        pytest.param(HELD, TODAY + DAY, RevokedAnotherDay, id="demain"),
        pytest.param(REVOKED, TODAY, CertificationRevoked, id="retirée déjà"),
        pytest.param(WITHDRAWN, TODAY, CertificationWithdrawn, id="consignée par erreur"),
    ],
)
def test_when_a_certifier_took_it_away(certification: Certification, on: date, refusal: type[Refusal] | None) -> None:
    assert found(lambda: revoke(certification, Revocation(on, AT, "m", "audit"), TODAY)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("certification", "verifies", "refusal"),
    [
        pytest.param(HELD, False, None, id="la structure, sa propre erreur"),
        pytest.param(REVOKED, False, CertificationRevoked, id="la structure, une fois le label retiré"),
        pytest.param(REVOKED, True, None, id="la délégation ou le réseau"),
        pytest.param(WITHDRAWN, True, CertificationWithdrawn, id="annulée déjà"),
    ],
)
def test_who_takes_a_record_back(certification: Certification, verifies: bool, refusal: type[Refusal] | None) -> None:
    act = Withdrawal(AT, "m", "doublon")
    assert found(lambda: withdraw(certification, act, verifies=verifies)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("certification", "own", "refusal"),
    [
        pytest.param(HELD, None, None, id="le réseau"),
        pytest.param(HELD, UUID(int=3), None, id="une autre structure"),
        pytest.param(HELD, HELD.member_id, OwnCertification, id="la structure elle-même"),
        pytest.param(WITHDRAWN, None, CertificationWithdrawn, id="consignée par erreur"),
        pytest.param(
            replace(HELD, verification=Verification(AT, "r")), None, CertificationVerified, id="vérifiée déjà"
        ),
    ],
)
def test_who_verifies_it(certification: Certification, own: UUID | None, refusal: type[Refusal] | None) -> None:
    assert found(lambda: verify(certification, Verification(AT, "r"), own)) is (refusal or type(None))
