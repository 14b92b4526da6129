"""What bookings refuse."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class BookingNotFound(NotFound):
    """No such booking within reach."""

    code = "booking_not_found"


class MemberCannotBook(Conflict):
    """Accompaniments are for members in possession of their rights."""

    code = "member_cannot_book"


class ActivityNotServed(Conflict):
    """The accompaniment is for other kinds of structures."""

    code = "activity_not_served"


class DelegationNotServed(Conflict):
    """A delegation's accompaniments are for its own structures."""

    code = "delegation_not_served"


class SlotAlreadyBooked(Conflict):
    """A structure has one place of a slot."""

    code = "slot_already_booked"


class FirstLevelUsed(Conflict):
    """The free first level of a kind was used this year, and nobody allowed another."""

    code = "first_level_used"


class AllowanceNotYours(Forbidden):
    """Another free first level is for the delegation or the network to allow."""

    code = "allowance_not_yours"


class BookingSettled(Conflict):
    """What was cancelled, held or missed has no other outcome."""

    code = "booking_settled"


class BookingCancelTooLate(Conflict):
    """The structure drops its place in time; after that, whoever runs the slot does it."""

    code = "booking_cancel_too_late"


class CancellationReasonMissing(Invalid):
    """Whoever drops a structure's place for it says why."""

    code = "cancellation_reason_missing"


class BookingNotSettled(Conflict):
    """Only what was held or missed has an outcome to take back."""

    code = "booking_not_settled"


class BookingAnswered(Conflict):
    """What a structure said what it thought of did take place."""

    code = "booking_answered"


class BookingDelivered(Conflict):
    """What left something did take place: it is taken back first."""

    code = "booking_delivered"


class OutcomeFixed(Conflict):
    """An outcome is taken back as long as answers are named: after that a second answer could not be told."""

    code = "outcome_fixed"


class SlotNotBegun(Conflict):
    """What has not begun has no outcome."""

    code = "slot_not_begun"


class AccompanimentNotHeld(Conflict):
    """Only what was held has deliverables, and is rated."""

    code = "accompaniment_not_held"


class SatisfactionGiven(Conflict):
    """One answer is given for a booking; it is changed, not given twice."""

    code = "satisfaction_given"


class SatisfactionTooLate(Conflict):
    """It is asked for as long as answers are named: later ones could not be known from a second one."""

    code = "satisfaction_too_late"


class DeliverableNotFound(NotFound):
    """No such deliverable of this booking."""

    code = "deliverable_not_found"


class DeliverableFileNotFound(NotFound):
    """No such file of this deliverable, or not to be read any more."""

    code = "deliverable_file_not_found"


class DeliverableUnreadable(Invalid):
    """A delivered file is of a kind that every structure opens, whatever its name says."""

    code = "deliverable_unreadable"


class DeliverableTooLarge(Invalid):
    """A delivered file has a most."""

    code = "deliverable_too_large"


class DeliverableWithdrawn(Conflict):
    """What was taken back is not taken back again."""

    code = "deliverable_withdrawn"


class DeliveredAnotherDay(Invalid):
    """What is delivered is so from the day of the accompaniment on, and not in the future."""

    code = "delivered_another_day"
