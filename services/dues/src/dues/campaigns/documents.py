"""What is exported and printed of a campaign: where it stands, on one page."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import write_day
from dues.campaigns.domain import write_percent
from dues.campaigns.schemas import DashboardOut, PreviewLine, RecoveryOut, WeekOut
from dues.grids.domain import Step, delegation_name

_TEMPLATE: Final = Path(__file__).parent / "templates" / "dashboard.typ"
_CHARTED: Final = 1000
"""The highest bar of the chart; the others are whole thousandths of it."""


PREVIEW_HEADER = (
    "adherent", "delegation", "a_appeler", "activite", "base", "part_fixe", "part_variable", "total", "raisons",
)  # fmt: skip


def preview_line(line: PreviewLine) -> Sequence[object]:
    """Write a member of a preview as a row of an export."""
    due = line.assessment
    base = next((step.amount for step in due.explanation if step.step == Step.BASE.value), None) if due else None
    amounts = (due.kind, base, due.fixed, due.variable, due.total) if due else (None,) * 5
    reasons = " ".join(blocker.message for blocker in line.blockers)
    return (line.name, delegation_name(line.delegation), "oui" if line.billable else "non", *amounts, reasons)


def export_header(shown: DashboardOut) -> tuple[str, ...]:
    """Return the columns of an export, one for each bucket of what is owed."""
    return (
        "groupe", "code", "libelle", "adherents", "appels", "appele", "credite", "regle", "reste_du", "echu",
        "recouvrement", "avec_mandat", "du_avec_mandat", *(f"du_{one.code}" for one in shown.total.buckets),
    )  # fmt: skip


def export_lines(shown: DashboardOut) -> Iterator[Sequence[object]]:
    """Write the whole, then each delegation, then each kind of activity."""
    groups = (("ensemble", [shown.total]), ("delegation", shown.by_delegation), ("activite", shown.by_kind))
    for group, lines in groups:
        for one in lines:
            yield (
                group,
                one.code,
                one.label,
                one.members,
                one.calls,
                one.called,
                one.credited,
                one.paid,
                one.owed,
                one.overdue,
                one.rate,
                one.with_mandate,
                one.owed_with_mandate,
                *(bucket.amount for bucket in one.buckets),
            )


async def print_dashboard(shown: DashboardOut) -> bytes:
    """Return the PDF of a dashboard."""
    most = max((week.cumulative for week in shown.weeks), default=0)
    data = {
        "year": str(shown.year),
        "as_of": write_day(shown.as_of),
        "figures": [{"label": one.label, "value": one.value, "explanation": one.explanation} for one in shown.figures],
        "weeks": [_bar(week, int(most)) for week in shown.weeks],
        "received": format_euros(shown.total.paid),
        "buckets": [{"label": one.label, "amount": format_euros(one.amount)} for one in shown.total.buckets],
        "by_delegation": [_line(one) for one in shown.by_delegation],
        "by_kind": [_line(one) for one in shown.by_kind],
        "reasons": [{"label": one.label, "members": str(one.members)} for one in shown.reasons],
    }
    return await print_pdf(_TEMPLATE, data, on=shown.as_of)


def _bar(week: WeekOut, most: int) -> dict[str, Any]:
    return {
        "monday": f"{week.monday:%d/%m/%Y}",
        "height": max(0, int(week.cumulative) * _CHARTED // most) if most else 0,
    }


def _line(one: RecoveryOut) -> dict[str, str]:
    return {
        "label": one.label,
        "members": str(one.members),
        "called": format_euros(one.called),
        "paid": format_euros(one.paid),
        "owed": format_euros(one.owed),
        "rate": write_percent(one.rate),
    }
