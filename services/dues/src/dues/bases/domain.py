"""Refusals about declared bases; what a base is and gives stands in ``grids.domain``."""

from common.errors import NotFound


class BaseNotDeclared(NotFound):
    """The member declared nothing for that year."""

    code = "base_not_declared"
