"""What the assembly is given to read: what changes, who wins and loses, and all that is supposed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from dues.drafts.domain import Plan, compare
from dues.grids.domain import SeveralActivities
from dues.simulations.documents import print_report, report

from .test_rules import HIGHER_CAP, PLAN, TODAY, member, scenario, simulated


def written(plan: Plan, label: str = "Plafond à 450 heures") -> dict[str, Any]:
    asked = scenario(plan)
    members = [member(1, "etti", "998493", delegation="idf"), member(2, "ai", "748664"), member(3, "ebe", None)]
    _, summary = simulated(plan, *members)
    return report(label, 2, asked, summary, compare(asked.reference, asked.draft))


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_pages_say_who_pays_what_and_what_that_rests_on() -> None:
    told = written(HIGHER_CAP)
    assert [(one["label"], one["count"]) for one in told["tiles"]] == [
        ("paieraient plus", "1"),
        ("paieraient moins", "0"),
        ("paieraient autant", "1"),
        ("montant inconnu", "1"),
    ]
    assert plain(told["total"]["difference"]) == "+601,00 €"
    assert [(one["label"], plain(one["difference"])) for one in told["by_beneficiary"]] == [
        ("Offre nationale", "+300,50 €"),
        ("Délégation régionale", "+240,40 €"),
        ("Fonds mutualisé pour les projets régionaux", "+60,10 €"),
    ]
    assert [(one["label"], one["bar"]) for one in told["distribution"] if one["count"] != "0"] == [
        ("inchangée", 1000),
        (told["distribution"][7]["label"], 1000),
    ]
    assert [one["label"] for one in told["by_delegation"]] == ["Île-de-France", "Occitanie"]
    assert told["reasons"] == [{"label": "Sans base déclarée ni médiane", "count": "1"}]
    assert any("à confirmer" in one for one in told["assumptions"])


def test_kinds_of_which_the_same_changes_alike_share_a_line() -> None:
    shown = [(one["label"], one["before"], one["after"]) for one in written(HIGHER_CAP)["changes"]]
    assert shown == [("AI, ETTI, ETT-ESS, SAP Proxim' : plafond", "400 heures de SMIC", "450 heures de SMIC")]
    plan = replace(PLAN, fixed=Decimal(850), several_activities=SeveralActivities.HIGHEST_RATE)
    assert [one["label"] for one in written(plan)["changes"]] == ["Part fixe", "Plusieurs activités"]
    assert written(PLAN)["changes"] == []


async def test_the_pages_print_alike_each_time_whatever_a_draft_is_called() -> None:
    for plan, label in ((HIGHER_CAP, "#panic() *x* " + "W" * 200), (PLAN, "Statu quo")):
        document = written(plan, label)
        pdf = await print_report(document, TODAY)
        assert pdf.startswith(b"%PDF-1.7")
        assert await print_report(document, TODAY) == pdf
