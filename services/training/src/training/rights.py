"""Who may do what in training: role x act x scope."""

from enum import StrEnum

from common.contracts.roles import Role
from common.rights import COMMON_RIGHTS, Rights, Scope


class Act(StrEnum):
    """What a person of the federation can do here."""

    READ_ORGANISATION = "organisation.read"
    READ_CATALOGUE = "catalogue.read"
    READ_PROGRAMMES = "programmes.read"
    WRITE_PROGRAMMES = "programmes.write"
    PUBLISH_PROGRAMMES = "programmes.publish"
    RETIRE_PROGRAMMES = "programmes.retire"


RIGHTS: Rights = {
    **COMMON_RIGHTS,
    Act.READ_ORGANISATION: {Role.ANYONE: Scope.ALL},
    Act.READ_CATALOGUE: {Role.ANYONE: Scope.ALL},
    Act.READ_PROGRAMMES: {Role.TRAINING: Scope.ALL, Role.NETWORK: Scope.ALL, Role.BOARD: Scope.ALL},
    Act.WRITE_PROGRAMMES: {Role.TRAINING: Scope.ALL},
    Act.PUBLISH_PROGRAMMES: {Role.TRAINING: Scope.ALL},
    Act.RETIRE_PROGRAMMES: {Role.TRAINING: Scope.ALL},
}
