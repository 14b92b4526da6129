"""What is refused of an enrolment, and why."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class RequestNotFound(NotFound):
    """No such request within reach."""

    code = "enrolment_request_not_found"


class EnrolmentNotFound(NotFound):
    """No such enrolment within reach."""

    code = "enrolment_not_found"


class OfferNotFound(NotFound):
    """No such offer within reach."""

    code = "seat_offer_not_found"


class PoolNotFound(NotFound):
    """Nobody has asked for a seat of this session, and nobody has opened them."""

    code = "seat_pool_not_found"


class PoolClosed(Conflict):
    """The session has begun, or is not held: its seats go to nobody any more."""

    code = "seat_pool_closed"
    title = "Places closes"


class SessionNotOpen(Conflict):
    """Seats are asked of a session that is announced or confirmed, and whose seats are not closed."""

    code = "session_not_open"
    title = "Session non ouverte"


class EnrolmentsClosed(Conflict):
    """The closing day of the session is over."""

    code = "enrolments_closed"
    title = "Inscriptions closes"


class SessionReserved(Conflict):
    """The session is held for named structures, and the buyer is none of them."""

    code = "session_reserved"
    title = "Session réservée"


class TraineesMismatch(Invalid):
    """More people are named than seats asked, or a seat is left without a name and without a day to name it by."""

    code = "trainees_mismatch"


class AlreadyEnrolled(Conflict):
    """One person has one seat in a session, or waits for one."""

    code = "trainee_already_enrolled"
    title = "Déjà inscrite"


class NotOfBuyer(Conflict):
    """A seat is for the people of the structure that buys it."""

    code = "trainee_not_of_buyer"
    title = "Pas une personne de l'acheteur"


class NotLive(Conflict):
    """The seat was given back."""

    code = "enrolment_cancelled"
    title = "Inscription annulée"


class SessionBegun(Conflict):
    """Once the first half-day has begun, the training team alone changes who has a seat."""

    code = "session_begun"
    title = "Session commencée"


class ReasonNotYours(Forbidden):
    """The training team alone says that the organiser withdrew, or recognises a case of force majeure."""

    code = "withdrawal_reason_not_yours"


class OfferClosed(Conflict):
    """An offer is answered once."""

    code = "seat_offer_closed"
    title = "Proposition close"


class OfferExpired(Conflict):
    """The time to answer is over."""

    code = "seat_offer_expired"
    title = "Proposition échue"


class OfferPending(Conflict):
    """A seat that is offered is answered by its offer."""

    code = "seat_offer_pending"
    title = "Proposition en attente"


class QuoteOfAnother(Conflict):
    """The quote is for another programme, another version of it, or another session."""

    code = "quote_not_of_session"
    title = "Devis d'une autre session"
