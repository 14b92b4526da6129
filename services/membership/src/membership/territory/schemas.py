"""API shapes of the territory: a postcode or a department that exists, as an import would take it."""

from typing import Annotated

from pydantic import AfterValidator, Field

from common.types import Schema
from membership.territory.repository import load_territory


def _of_a_department(postcode: str) -> str:
    if load_territory().department_of(postcode) is None:
        raise ValueError("ce code postal n'est celui d'aucun département français")
    return postcode


def _existing(department: str) -> str:
    if department not in load_territory().departments:
        raise ValueError("ce département n'existe pas")
    return department


# CEDEX codes and overseas departments pass; Monaco and the territories that are no department do not: no delegation
# could ever cover them, and the structure would be in nobody's list.
Postcode = Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["31000"]), AfterValidator(_of_a_department)]
Department = Annotated[str, Field(pattern=r"^([0-9]{2}|2[AB]|97[1-46])$", examples=["31"]), AfterValidator(_existing)]


class DelegationOut(Schema):
    """Une délégation régionale."""

    code: str
    name: str
    departments: list[str]
