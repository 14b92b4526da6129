"""What the trainers' lists write: tables for a spreadsheet."""

from collections.abc import Sequence

from training.trainers.domain import Contractor
from training.trainers.schemas import CompetenceOut, TrainerLine

TRAINER_HEADER = (
    "Nom",
    "Qualité",
    "Structure",
    "SIRET",
    "Numéro de déclaration",
    "Contrat de sous-traitance",
    "Délégations",
    "Courriel",
    "Téléphone",
    "Archivé le",
)
COMPETENCE_HEADER = (
    "Formateur",
    "Programme",
    "Thème",
    "Intitulé",
    "Ce qui la montre",
    "Preuve",
    "Évaluée le",
    "Évaluée par",
    "Valable jusqu'au",
    "Ne vaut pas aujourd'hui",
    "Retirée le",
    "Motif du retrait",
)


def trainer_line(trainer: TrainerLine, contractor: Contractor | None) -> Sequence[object]:
    """Return the cells of a trainer, in the order of ``TRAINER_HEADER``."""
    told = (contractor.name, contractor.siret, contractor.nda, contractor.subcontract) if contractor else (None,) * 4
    return (
        trainer.name,
        trainer.kind_label,
        *told,
        ", ".join(trainer.delegations),
        trainer.email,
        trainer.phone,
        trainer.archived_on,
    )


def competence_line(competence: CompetenceOut) -> Sequence[object]:
    """Return the cells of a competence, in the order of ``COMPETENCE_HEADER``."""
    return (
        competence.trainer_name,
        competence.programme_code,
        competence.theme,
        competence.subject_label,
        competence.evidence_label,
        competence.reference,
        competence.assessed_on,
        competence.assessed_by,
        competence.valid_until,
        competence.lacking_label,
        competence.withdrawn_on,
        competence.withdrawal_reason,
    )
