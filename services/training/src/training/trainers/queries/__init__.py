"""Reads of the trainers: who they are, what each may teach, when each is not there."""

from training.trainers.queries.trainers import ids_of_account, is_erased, trainers_by_id, trainers_of

__all__ = ["ids_of_account", "is_erased", "trainers_by_id", "trainers_of"]
