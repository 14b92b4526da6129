"""What was counted of a campaign, written line by line as people read it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from dues.apportionment.domain import beneficiary_of, delegation_of
from dues.campaigns.domain import BLOCKER_LABELS
from dues.certificates.domain.closing import (
    Calls,
    Closing,
    Counted,
    Figure,
    Money,
    Notes,
    NumberSeries,
    People,
    Section,
    Tally,
    ties_of,
)
from dues.credit_notes.domain import CreditReason
from dues.grids.domain import delegation_name
from dues.receipts.domain import ReceiptMethod


def close(counted: Counted, as_of: date) -> Closing:
    """Return the figures of what was counted at the end of a day, with what ties them."""
    figures = (
        *_people(counted.people),
        *_calls(counted.calls),
        *map(_series, counted.series),
        *_notes(counted.notes),
        *_money(counted.money),
        *_by_beneficiary(Section.ANNOUNCED, counted.parts.announced),
        *_by_beneficiary(Section.SPLIT, counted.parts.received),
        *_by_beneficiary(Section.TRANSFERS, counted.transferred),
        *_open_items(counted),
    )
    return Closing(as_of=as_of, figures=figures, ties=ties_of(counted))


def _people(people: People) -> list[Figure]:
    due = people.called + people.to_call + people.blocked
    lines = (
        ("known", "Adhérents connus", people.known),
        ("due", "Doivent l'année", due),
        ("called", "Appelés", people.called),
        ("exempt", "Dont exemptés : le fonds a payé toute leur année", people.exempt),
        ("to_call", "À appeler", people.to_call),
        ("blocked", "Bloqués", people.blocked),
        ("owing_nothing", "Ne doivent pas l'année", people.owing_nothing),
    )
    reasons = sorted(people.reasons.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        *(Figure(section=Section.MEMBERS, code=code, label=label, count=count) for code, label, count in lines),
        *(
            Figure(section=Section.REASONS, code=code, label=BLOCKER_LABELS.get(code, code), count=count)
            for code, count in reasons
        ),
    ]


def _calls(calls: Calls) -> list[Figure]:
    issued = calls.issued
    in_force = Tally(issued.count - calls.voided.count, issued.amount - calls.voided.amount)
    return [
        _tally(Section.CALLS, "calls", "Appels", calls.calls),
        _tally(Section.CALLS, "complements", "Compléments", calls.complements),
        _tally(Section.CALLS, "issued", "Émis en tout", issued),
        _tally(Section.CALLS, "voided", "Dont annulés", calls.voided),
        _tally(Section.CALLS, "in_force", "En vigueur", in_force),
    ]


def _series(one: NumberSeries) -> Figure:
    return Figure(
        section=Section.SERIES, code=one.code, label=f"Série {one.code}", count=one.count, detail=_written(one)
    )


def _written(one: NumberSeries) -> str:
    """Say from which number to which a series goes, and which are missing.

    >>> _written(NumberSeries(journal="COT", year=2026, first=1, last=9, count=7, taken=9, holes=((3, 3), (6, 6))))
    'de 00001 à 00009, trous : 00003, 00006'
    """
    holes = [f"{low:05d}" if low == high else f"{low:05d} à {high:05d}" for low, high in one.holes]
    return f"de {one.first:05d} à {one.last:05d}, " + (f"trous : {', '.join(holes)}" if holes else "sans trou")


def _notes(notes: Notes) -> list[Figure]:
    return [
        *(
            _tally(Section.CREDITS, code, _begun(CreditReason(code).label), tally)
            for code, tally in sorted(notes.by_reason.items())
        ),
        _tally(Section.CREDITS, "total", "Avoirs en tout", notes.all),
    ]


def _money(money: Money) -> list[Figure]:
    return [
        *(
            _tally(Section.RECEIPTS, code, _begun(ReceiptMethod(code).label), tally)
            for code, tally in sorted(money.put.items())
        ),
        _tally(Section.RECEIPTS, "taken_back", "Repris", money.taken_back),
        _tally(Section.RECEIPTS, "came_back", "Revenus impayés", money.came_back),
        Figure(section=Section.RECEIPTS, code="paid", label="Réglé, net", amount=money.net),
    ]


def _by_beneficiary(section: Section, amounts: Mapping[str, Decimal]) -> list[Figure]:
    return [
        Figure(section=section, code=code, label=_named(code), amount=amount)
        for code, amount in sorted(amounts.items())
    ]


def _named(code: str) -> str:
    return delegation_name(delegation_of(code)) or beneficiary_of(code).label


def _open_items(counted: Counted) -> list[Figure]:
    return [
        *(
            Figure(section=Section.OPEN_ITEMS, code=one.code, label=_begun(one.label), amount=one.amount)
            for one in counted.open_items
        ),
        Figure(
            section=Section.OPEN_ITEMS,
            code="owed",
            label="Reste dû",
            count=counted.open_calls,
            amount=counted.owed,
        ),
    ]


def _tally(section: Section, code: str, label: str, tally: Tally) -> Figure:
    return Figure(section=section, code=code, label=label, count=tally.count, amount=tally.amount)


def _begun(label: str) -> str:
    return label[:1].upper() + label[1:]
