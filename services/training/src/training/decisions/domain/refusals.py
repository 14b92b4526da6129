"""What is refused of a decision, and why."""

from common.errors import Conflict, Invalid, NotFound


class NotSister(Conflict):
    """People go to another session of the same programme, that is to come and open to them."""

    code = "session_not_sister"
    title = "Pas une session où reporter"


class PostponedWrong(Invalid):
    """A decision is put off to a working day that is to come, before the first half-day."""

    code = "decision_day_wrong"


class ReseatNotFound(NotFound):
    """No such seat within reach was carried to another session."""

    code = "reseat_not_found"


class ReseatKept(Conflict):
    """The time to refuse another session free of charge is over: the seat is given back as any other."""

    code = "reseat_kept"
    title = "Délai de refus passé"
