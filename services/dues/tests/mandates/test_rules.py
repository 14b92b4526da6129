"""The rules of mandates, a case a line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from common.errors import Refusal
from dues.mandates import domain
from dues.mandates.domain import (
    Account,
    Amendment,
    Creditor,
    Mandate,
    MandateKind,
    MandateState,
    Original,
    Party,
    Scheme,
    Signature,
    Signing,
)
from dues.mandates.queries import lapse_rules

TODAY = date(2026, 11, 23)
[RULE] = lapse_rules()
ACCOUNT = Account("Association fictive", "FR7600000000000000000000097")
NEXT = Account("Association fictive", "DE89370400440532013000", "COBADEFFXXX")
CREDITOR = Creditor("federation", "Fédération", "FR76ZZZ000000", ())
PREPARED = Mandate(
    id=UUID(int=1),
    rum="RUM-2026-00001",
    member_id=UUID(int=2),
    kind=MandateKind.RECURRENT,
    scheme=Scheme.CORE,
    account=ACCOUNT,
    debtor_address=(),
    creditor=CREDITOR,
    prepared_on=date(2026, 1, 5),
    document_id=UUID(int=3),
)


def signing(on: date, **more: date) -> Signing:
    return Signing(on, "Toulouse", Signature.PAPER, **more)


def signed(on: date = date(2026, 1, 10), *, presented: date | None = None) -> Mandate:
    return replace(PREPARED, state=MandateState.ACTIVE, signing=signing(on), last_presented_on=presented)


def change(number: int, since: date, account: Account | None = None, creditor: Creditor | None = None) -> Amendment:
    at = datetime(2026, 2, 1, tzinfo=UTC)
    return Amendment(number=number, since=since, account=account, creditor=creditor, recorded_at=at, recorded_by="f")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("fr76 0000 0000 0000 0000 0000 097", "FR7600000000000000000000097", id="espaces et minuscules"),
        pytest.param("DE89370400440532013000", "DE89370400440532013000", id="un pays de l'Union"),
        pytest.param("MC5811222000010123456789030", "MC5811222000010123456789030", id="Monaco est dans SEPA"),
        pytest.param("CH9300762011623852957", "CH9300762011623852957", id="la Suisse aussi"),
        pytest.param("FR7600000000000000000000096", "iban_invalid", id="clé fausse"),
        pytest.param("FR0600000000000000000000096", "iban_invalid", id="clé RIB fausse sous une clé IBAN juste"),
        pytest.param("FR760000000000000000000009", "iban_invalid", id="un chiffre de moins"),
        pytest.param("ZZ7600000000000000000000097", "iban_invalid", id="pas un pays"),
        pytest.param("n'importe quoi", "iban_invalid", id="pas un IBAN"),
        pytest.param("TR330006100519786457841326", "iban_outside_sepa", id="Turquie : juste, hors SEPA"),
        pytest.param("BR1500000000000010932840814P2", "iban_outside_sepa", id="Brésil : juste, hors SEPA"),
    ],
)
def test_an_account_is_checked_before_it_is_kept(typed: str, read: str) -> None:
    assert _code(lambda: domain.read_account("X", typed, None).iban) == read


@pytest.mark.parametrize(
    ("iban", "bic", "kept"),
    [
        pytest.param("DE89370400440532013000", None, "COBADEFFXXX", id="lu dans l'IBAN"),
        pytest.param("FR7600000000000000000000097", None, None, id="banque inconnue"),
        pytest.param("FR7600000000000000000000097", "demofrpp", "DEMOFRPP", id="donné"),
        pytest.param("FR7600000000000000000000097", "DEMO", "bic_invalid", id="trop court"),
        pytest.param("FR7600000000000000000000097", "DEMOZZPP", "bic_invalid", id="d'aucun pays"),
    ],
)
def test_the_bank_is_known_from_the_account_or_given(iban: str, bic: str | None, kept: str | None) -> None:
    assert _code(lambda: domain.read_account("X", iban, bic).bic) == kept


def test_no_refusal_repeats_an_account() -> None:
    with pytest.raises(domain.IbanInvalid) as refused:
        domain.read_account("X", "FR7600000000000000000000096", None)
    assert "0000" not in refused.value.message


@pytest.mark.parametrize(
    ("rum", "taken"),
    [
        pytest.param("COORACE 2019/0042-A", True, id="lettres, chiffres, espace, barre"),
        pytest.param("X" * 35, True, id="35 caractères"),
        pytest.param("X" * 36, False, id="36 caractères"),
        pytest.param("RÉF-1", False, id="un accent"),
        pytest.param("REF_1", False, id="un signe que les banques ne portent pas"),
        pytest.param("/REF", False, id="barre au début (EPC)"),
        pytest.param("REF//1", False, id="deux barres de suite (EPC)"),
        pytest.param(" REF", False, id="espace au début"),
        pytest.param("", False, id="vide"),
        pytest.param("RUM-2026-00042", False, id="de la forme des nôtres : elle serait donnée deux fois"),
    ],
)
def test_a_reference_taken_over_is_of_the_sepa_alphabet(rum: str, taken: bool) -> None:
    assert (_code(lambda: domain.require_reference(rum)) is None) is taken


@pytest.mark.parametrize(
    ("signed_on", "presented", "last"),
    [
        pytest.param(date(2023, 11, 23), None, date(2026, 11, 23), id="36 mois après la signature"),
        pytest.param(date(2020, 1, 1), date(2024, 2, 29), date(2027, 2, 28), id="après le dernier prélèvement"),
    ],
)
def test_a_mandate_lapses_after_36_months_without_a_collection(
    signed_on: date, presented: date | None, last: date
) -> None:
    mandate = signed(signed_on, presented=presented)
    assert domain.last_day(mandate, RULE) == last
    assert domain.state_on(mandate, RULE, last) is MandateState.ACTIVE
    assert domain.state_on(mandate, RULE, date.fromordinal(last.toordinal() + 1)) is MandateState.LAPSED


def test_the_rule_of_lapse_says_that_it_is_assumed() -> None:
    assert (RULE.months, RULE.status) == (36, "assumed")
    assert RULE.warned_until(date(2026, 11, 23)) == date(2027, 2, 21)


def test_what_ended_or_is_to_be_signed_does_not_lapse() -> None:
    long_after = date(2040, 1, 1)
    for mandate in (PREPARED, domain.revoke(signed(), Party.DEBTOR, TODAY)):
        assert domain.state_on(mandate, RULE, long_after) is mandate.state


@pytest.mark.parametrize(
    ("scheme", "given", "code"),
    [
        pytest.param(Scheme.CORE, signing(TODAY), None, id="aujourd'hui"),
        pytest.param(Scheme.CORE, signing(date(2026, 11, 24)), "signed_in_future", id="demain"),
        pytest.param(Scheme.CORE, signing(date(2023, 11, 22)), "mandate_lapsed", id="signé il y a trop longtemps"),
        pytest.param(
            Scheme.CORE, signing(date(2019, 1, 1), last_presented_on=date(2025, 6, 1)), None, id="repris et prélevé"
        ),
        pytest.param(
            Scheme.CORE,
            signing(date(2025, 1, 1), last_presented_on=date(2024, 6, 1)),
            "presentation_day_wrong",
            id="prélevé avant d'être signé",
        ),
        pytest.param(Scheme.B2B, signing(TODAY), "bank_confirmation_missing", id="B2B sans la banque"),
        pytest.param(
            Scheme.B2B,
            signing(TODAY, bank_confirmed_on=date(2026, 11, 1)),
            "bank_confirmation_day_wrong",
            id="B2B confirmé avant d'être signé",
        ),
        pytest.param(
            Scheme.B2B, signing(date(2026, 11, 1), bank_confirmed_on=TODAY), None, id="B2B confirmé par la banque"
        ),
    ],
)
def test_what_is_read_on_a_signed_mandate(scheme: Scheme, given: Signing, code: str | None) -> None:
    mandate = replace(PREPARED, scheme=scheme)
    assert _code(lambda: domain.confirm(mandate, given, RULE, TODAY).state) == (code or MandateState.ACTIVE)


def test_a_signature_is_confirmed_on_its_document() -> None:
    bare = replace(PREPARED, document_id=None)
    assert _code(lambda: domain.confirm(bare, signing(TODAY), RULE, TODAY)) == "signed_document_missing"
    assert _code(lambda: domain.confirm(signed(), signing(TODAY), RULE, TODAY)) == "mandate_not_prepared"


def test_another_account_counts_from_its_day_and_the_signed_one_stays() -> None:
    amended = domain.amend_account(signed(), change(1, date(2026, 12, 1), NEXT), RULE, TODAY)
    assert domain.account_on(amended, date(2026, 11, 30)) == ACCOUNT
    assert domain.account_on(amended, date(2026, 12, 1)) == NEXT
    assert amended.account == ACCOUNT


@pytest.mark.parametrize(
    ("mandate", "amendment", "code"),
    [
        pytest.param(signed(), change(1, TODAY, ACCOUNT), "amendment_changes_nothing", id="le même compte"),
        pytest.param(signed(), change(1, date(2026, 1, 9), NEXT), "amendment_out_of_order", id="avant la signature"),
        pytest.param(PREPARED, change(1, TODAY, NEXT), "mandate_not_signed", id="pas encore signé"),
        pytest.param(signed(date(2020, 1, 1)), change(1, TODAY, NEXT), "mandate_lapsed", id="éteint"),
        pytest.param(
            domain.revoke(signed(), Party.CREDITOR, TODAY), change(1, TODAY, NEXT), "mandate_ended", id="révoqué"
        ),
        pytest.param(
            replace(signed(), scheme=Scheme.B2B), change(1, TODAY, NEXT), "bank_confirmation_missing", id="B2B"
        ),
    ],
)
def test_an_account_that_is_not_taken(mandate: Mandate, amendment: Amendment, code: str) -> None:
    assert _code(lambda: domain.amend_account(mandate, amendment, RULE, TODAY)) == code


RENAMED = replace(CREDITOR, name="Fédération renommée")


@pytest.mark.parametrize(
    ("changes", "original"),
    [
        pytest.param((), None, id="rien n'a changé"),
        pytest.param((change(1, TODAY, NEXT),), Original(ACCOUNT.iban, None, None), id="un compte"),
        pytest.param((change(1, date(2026, 11, 24), NEXT),), None, id="un compte de demain"),
        pytest.param(
            (change(1, date(2026, 2, 1), NEXT), change(2, TODAY, ACCOUNT)), None, id="un compte repris entre-temps"
        ),
        pytest.param((change(1, TODAY, None, RENAMED),), Original(None, "Fédération", None), id="le nom du créancier"),
        pytest.param(
            (change(1, TODAY, None, replace(CREDITOR, ics="FR72ZZZ123456")), change(2, TODAY, NEXT)),
            Original(ACCOUNT.iban, None, "FR76ZZZ000000"),
            id="l'ICS et le compte",
        ),
    ],
)
def test_the_next_collection_says_what_the_banks_were_last_told(
    changes: tuple[Amendment, ...], original: Original | None
) -> None:
    mandate = replace(signed(), amendments=changes)
    assert domain.presentable([mandate], RULE, TODAY).original == original
    assert domain.original_on(domain.present(mandate, TODAY), TODAY) is None, "they are told once"


@pytest.mark.parametrize(
    ("mandates", "code"),
    [
        pytest.param([], "mandate_not_signed", id="aucun mandat"),
        pytest.param([PREPARED], "mandate_not_signed", id="à signer"),
        pytest.param([signed(date(2026, 11, 24))], "mandate_not_signed", id="signé plus tard que ce jour"),
        pytest.param([signed(date(2020, 1, 1))], "mandate_lapsed", id="éteint, que l'horloge l'ait noté ou non"),
        pytest.param([domain.suspend(signed(), RULE, TODAY)], "mandate_suspended", id="suspendu"),
        pytest.param([domain.revoke(signed(), Party.DEBTOR, TODAY)], "mandate_ended", id="révoqué"),
        pytest.param(
            [domain.present(replace(signed(), kind=MandateKind.ONE_OFF), TODAY)],
            "mandate_ended",
            id="ponctuel, utilisé",
        ),
        pytest.param([PREPARED, signed()], None, id="actif, un autre à signer"),
        pytest.param([domain.revoke(signed(), Party.DEBTOR, TODAY), signed()], None, id="actif, un autre révoqué"),
    ],
)
def test_under_what_a_collection_is_presented(mandates: list[Mandate], code: str | None) -> None:
    assert _code(lambda: domain.presentable(mandates, RULE, TODAY).rum) == (code or "RUM-2026-00001")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"%PDF-1.7", None, id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n", None, id="PNG"),
        pytest.param(b"\xff\xd8\xff", None, id="JPEG"),
        pytest.param(b"<html>", "signed_document_unreadable", id="une page, nommée .pdf"),
        pytest.param(b"", "signed_document_unreadable", id="vide"),
        pytest.param(b"%PDF-" + bytes(domain.MOST_SIGNED_BYTES), "signed_document_too_large", id="plus de 10 Mo"),
    ],
)
def test_a_signed_mandate_is_read_in_its_content(content: bytes, code: str | None) -> None:
    assert _code(lambda: domain.recognise_signed(content) and None) == code


def _code(act: Callable[[], object]) -> object:
    """Return what an act gives, or the code of its refusal."""
    try:
        return act()
    except Refusal as refusal:
        return refusal.code
