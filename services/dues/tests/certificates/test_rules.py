"""What ties a closing: each equation on figures that hold, then on each figure changed by a cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dues.certificates.domain import (
    Books,
    Calls,
    CertificateOutdated,
    CertificateSigned,
    CertificateStatus,
    Counted,
    Figure,
    Money,
    Notes,
    NumberSeries,
    OpenItem,
    OwnCertificate,
    Parts,
    People,
    Section,
    SigningKeyMissing,
    Tally,
    TiesBroken,
    close,
    differences,
    require_closable,
    require_key,
    require_signable,
    require_unmoved,
    ties_of,
)

CENT = Decimal("0.01")
HELD = Counted(
    people=People(known=12, called=8, exempt=1, to_call=1, blocked=2, owing_nothing=1, reasons={"base_missing": 2}),
    calls=Calls(
        calls=Tally(8, Decimal("900.00")),
        complements=Tally(1, Decimal("100.00")),
        voided=Tally(1, Decimal("80.00")),
        paid=Decimal("500.00"),
        credited=Decimal("120.00"),
    ),
    series=(NumberSeries(journal="COT", year=2026, first=1, last=9, count=9, taken=9),),
    notes=Notes(
        by_reason={"mistake": Tally(1, Decimal("80.00")), "corrected": Tally(1, Decimal("40.00"))},
        on_voided=Decimal("80.00"),
    ),
    money=Money(
        put={"transfer": Tally(4, Decimal("600.00"))},
        taken_back=Tally(1, Decimal("-30.00")),
        came_back=Tally(1, Decimal("-70.00")),
        allocated=Decimal("550.00"),
        moved=Decimal("550.00"),
    ),
    parts=Parts(
        announced={"national-offer": Decimal("460.00"), "delegation-corse": Decimal("460.00")},
        shared=Decimal("1000.00"),
        received={
            "national-offer": Decimal("250.00"),
            "delegation-corse": Decimal("200.00"),
            "mutual-fund": Decimal("50.00"),
        },
        kept=frozenset({"national-offer"}),
    ),
    transferred={"delegation-corse": Decimal("150.00")},
    open_items=(
        OpenItem("not_due", "non échu", Decimal("300.00")),
        OpenItem("1_30", "1 à 30 jours", Decimal("80.00")),
    ),
    open_calls=3,
    books=Books(
        owed=Decimal("380.00"), income=Decimal("880.00"), shared=Decimal("250.00"), transferred=Decimal("150.00")
    ),
)


def changed(part: str, **given: Any) -> Counted:
    return replace(HELD, **{part: replace(getattr(HELD, part), **given)})


def broken(counted: Counted) -> list[str]:
    return [tie.code for tie in ties_of(counted) if not tie.holds]


def test_figures_that_tie() -> None:
    assert broken(HELD) == []
    assert len({tie.code for tie in ties_of(HELD)}) == len(ties_of(HELD)) == 15


@pytest.mark.parametrize(
    ("counted", "ties"),
    [
        pytest.param(changed("people", known=13), ["members"], id="un adhérent oublié"),
        pytest.param(changed("people", blocked=3), ["members"], id="un adhérent compté deux fois"),
        pytest.param(changed("calls", paid=Decimal("500.01")), ["paid"], id="un réglé de trop sur un appel"),
        pytest.param(changed("calls", credited=Decimal("119.99")), ["credited"], id="un crédité de moins"),
        pytest.param(changed("calls", voided=Tally(1, Decimal("80.01"))), ["voided"], id="un annulé mal crédité"),
        pytest.param(
            changed("calls", complements=Tally(1, Decimal("100.01"))),
            ["called", "announced", "books_income"],
            id="un complément d'un centime de plus",
        ),
        pytest.param(changed("money", allocated=Decimal("550.01")), ["allocated"], id="un affecté de trop"),
        pytest.param(
            changed("money", came_back=Tally(1, Decimal("-70.01"))),
            ["called", "paid", "split"],
            id="un impayé d'un centime de plus",
        ),
        pytest.param(changed("notes", on_voided=Decimal("79.99")), ["voided"], id="l'avoir d'un appel annulé"),
        pytest.param(changed("parts", shared=Decimal("999.99")), ["announced"], id="des parts annoncées qui manquent"),
        pytest.param(
            changed("parts", received={**HELD.parts.received, "mutual-fund": Decimal("50.01")}),
            ["split", "books_split"],
            id="une part du fonds",
        ),
        pytest.param(
            changed("parts", received={**HELD.parts.received, "national-offer": Decimal("250.01")}),
            ["split"],
            id="la part nationale n'est pas dans les comptes",
        ),
        pytest.param(replace(HELD, open_items=HELD.open_items[:1]), ["called", "books_owed"], id="une tranche oubliée"),
        pytest.param(
            replace(HELD, transferred={"delegation-corse": Decimal("150.01")}), ["books_transfers"], id="un virement"
        ),
        pytest.param(changed("books", owed=Decimal("380.01")), ["books_owed"], id="le compte des adhérents"),
        pytest.param(changed("books", income=Decimal("879.99")), ["books_income"], id="le produit"),
        pytest.param(changed("books", shared=Decimal("250.01")), ["books_split"], id="la répartition passée"),
        pytest.param(changed("books", transferred=Decimal("0.00")), ["books_transfers"], id="les virements passés"),
        pytest.param(
            replace(HELD, series=(replace(HELD.series[0], count=8, holes=((4, 4),)),)),
            ["series_cot-2026", "holes_cot-2026"],
            id="un numéro que rien ne porte",
        ),
        pytest.param(
            replace(HELD, series=(replace(HELD.series[0], backwards=1),)),
            ["order_cot-2026"],
            id="un numéro daté avant le précédent",
        ),
    ],
)
def test_a_figure_that_changed_breaks_what_it_is_in(counted: Counted, ties: list[str]) -> None:
    assert broken(counted) == ties


def test_both_sides_and_what_is_between_are_told() -> None:
    [tie] = [one for one in ties_of(changed("books", owed=Decimal("380.01"))) if not one.holds]
    assert (tie.left, tie.right, tie.difference) == (Decimal("380.00"), Decimal("380.01"), -CENT)


def test_a_closing_writes_each_figure_once() -> None:
    closing = close(HELD, date(2026, 12, 31))
    written = {(one.section, one.code): one for one in closing.figures}
    assert len(written) == len(closing.figures)
    assert written[(Section.MEMBERS, "due")].count == 11
    assert written[(Section.CALLS, "in_force")].amount == Decimal("920.00")
    assert written[(Section.RECEIPTS, "paid")].amount == Decimal("500.00")
    assert written[(Section.OPEN_ITEMS, "owed")] == Figure(
        section=Section.OPEN_ITEMS, code="owed", label="Reste dû", count=3, amount=Decimal("380.00")
    )


def test_differences_are_told_one_by_one() -> None:
    then, now = close(HELD, date(2026, 12, 31)), close(changed("people", known=13), date(2026, 12, 31))
    [found] = differences(then.figures, now.figures)
    assert (found.section, found.code, found.then and found.then.count, found.now and found.now.count) == (
        Section.MEMBERS, "known", 12, 13,
    )  # fmt: skip
    assert differences(then.figures, now.figures, dated_only=True) == ()
    [gone] = differences(then.figures, [one for one in then.figures if one.code != "delegation-corse" or one.section
                                        is not Section.TRANSFERS])  # fmt: skip
    assert (gone.label, gone.now) == ("corse", None)


def test_a_delegation_has_its_name_and_a_figure_that_only_changed_its_words_did_not_move() -> None:
    kept = close(replace(HELD, transferred={"delegation-idf": Decimal("150.00")}), date(2026, 12, 31)).figures
    assert [one.label for one in kept if one.section is Section.TRANSFERS] == ["Île-de-France"]
    by_code = [replace(one, label=one.code) for one in kept]
    assert differences(by_code, kept) == differences(kept, by_code) == ()


def test_what_is_closed() -> None:
    require_closable(running=False, broken=[])
    with pytest.raises(TiesBroken) as refused:
        require_closable(running=False, broken=close(changed("books", owed=Decimal(0)), date(2026, 1, 1)).broken)
    assert refused.value.extra["ties"][0]["difference"] == "380.00"


def test_who_signs() -> None:
    require_signable(CertificateStatus.PREPARED, "one", "two")
    with pytest.raises(OwnCertificate):
        require_signable(CertificateStatus.PREPARED, "one", "one")
    with pytest.raises(CertificateSigned):
        require_signable(CertificateStatus.SIGNED, "one", "two")
    with pytest.raises(SigningKeyMissing):
        require_key(None)


def test_only_what_is_still_counted_is_signed() -> None:
    then, now = close(HELD, date(2026, 12, 31)), close(changed("calls", paid=Decimal(1)), date(2026, 12, 31))
    require_unmoved(differences(then.figures, now.figures))
    paid = close(changed("money", taken_back=Tally(2, Decimal(-40))), date(2026, 12, 31))
    with pytest.raises(CertificateOutdated):
        require_unmoved(differences(then.figures, paid.figures, dated_only=True))
