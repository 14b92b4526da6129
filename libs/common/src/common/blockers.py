"""Why an act is not possible now, as every resource of every API says it."""

from common.types import Schema


class BlockerOut(Schema):
    """Pourquoi une action n'est pas possible maintenant."""

    code: str
    message: str
