"""The exports of watch items, risks and actions."""

from collections.abc import Sequence

from training.improvements.schemas import ActionLine, RiskLine, WatchItemOut

WATCH_HEADER = (
    "reference", "nature", "indicateur", "intitule", "source", "datee_du", "dit", "en_decoule", "etat", "exploitee_le",
    "rien_a_faire_car", "actions",
)  # fmt: skip
RISK_HEADER = (
    "reference", "intitule", "responsable", "vraisemblance", "gravite", "niveau", "revu_le", "a_revoir_le",
    "revue_en_retard", "etat",
)  # fmt: skip
ACTION_HEADER = (
    "reference", "intitule", "vient_de", "indicateurs", "responsable", "prevue_le", "echeance", "etat", "en_retard",
)  # fmt: skip


def watch_line(item: WatchItemOut) -> Sequence[object]:
    """Write a watch item as one line."""
    return (
        item.reference,
        item.kind_label,
        item.indicator,
        item.title,
        item.source,
        item.dated_on,
        item.says,
        item.follows,
        item.status_label,
        item.exploited_on,
        item.reason,
        " ; ".join(item.actions),
    )


def risk_line(risk: RiskLine) -> Sequence[object]:
    """Write a risk as one line."""
    return (
        risk.reference,
        risk.title,
        risk.owner,
        risk.likelihood,
        risk.severity,
        risk.level,
        risk.reviewed_on,
        risk.next_review_on,
        "oui" if risk.review_due else "non",
        risk.status_label,
    )


def action_line(action: ActionLine) -> Sequence[object]:
    """Write an action as one line."""
    return (
        action.reference,
        action.title,
        " ; ".join(f"{one.kind_label} {one.reference}" for one in action.causes),
        " ; ".join(map(str, action.indicators)),
        action.owner,
        action.planned_on,
        action.due_on,
        action.status_label,
        "oui" if action.overdue else "non",
    )
