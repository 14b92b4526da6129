"""The rules of trainers: what each may teach, when each is there, who is archived and who is erased."""

from training.trainers.domain.calendar import Half, HalfDay, Unavailability, UnavailabilityReason, taken
from training.trainers.domain.competences import Competence, Evidence, NotTaught, Withdrawal, may_teach
from training.trainers.domain.refusals import CompetenceNotFound, TrainerNotFound, UnavailabilityNotFound
from training.trainers.domain.trainer import Contractor, Cost, CostUnit, Profile, Trainer, TrainerKind

__all__ = [
    "Competence",
    "CompetenceNotFound",
    "Contractor",
    "Cost",
    "CostUnit",
    "Evidence",
    "Half",
    "HalfDay",
    "NotTaught",
    "Profile",
    "Trainer",
    "TrainerKind",
    "TrainerNotFound",
    "Unavailability",
    "UnavailabilityNotFound",
    "UnavailabilityReason",
    "Withdrawal",
    "may_teach",
    "taken",
]
