"""What the calls of the solidarity funds say no to."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class SolidarityCallNotFound(NotFound):
    """No such call, or it is still a draft of somebody else's."""

    code = "solidarity_call_not_found"


class SolidarityCallWrong(Invalid):
    """A call closes after it opens, awards a part of its budget, and marks by criteria that differ."""

    code = "solidarity_call_wrong"


class SolidarityEnvelopeWrong(Invalid):
    """A call shares out an envelope of the solidarity funds."""

    code = "solidarity_envelope_wrong"


class SolidarityCallNotDraft(Conflict):
    """A call that was opened is not rewritten, nor its criteria: structures have read them."""

    code = "solidarity_call_not_draft"


class SolidarityCallPast(Conflict):
    """The last day has passed: nobody could answer."""

    code = "solidarity_call_past"


class SolidarityBudgetShort(Conflict):
    """The envelope has less than the budget of the call."""

    code = "solidarity_budget_short"


class SolidarityCallNotOpen(Conflict):
    """The call does not take applications on this day."""

    code = "solidarity_call_not_open"


class SolidarityNotScoring(Conflict):
    """Scores are given once the call has closed, and until its ranking is frozen."""

    code = "solidarity_not_scoring"


class SolidarityScoresMissing(Conflict):
    """An application has fewer scores than the call asks for."""

    code = "solidarity_scores_missing"


class SolidarityNotRanked(Conflict):
    """The ranking is not frozen yet."""

    code = "solidarity_not_ranked"


class SolidarityDecided(Conflict):
    """The call is decided."""

    code = "solidarity_decided"


class SolidarityNotDecided(Conflict):
    """The call is not decided yet."""

    code = "solidarity_not_decided"


class SolidarityApplicationNotFound(NotFound):
    """No such application within reach."""

    code = "solidarity_application_not_found"


class SolidarityMemberMissing(Forbidden):
    """An application is a structure's, and the token names none."""

    code = "solidarity_member_missing"


class SolidarityPartnerWrong(Invalid):
    """A partner is another structure that we know, named once."""

    code = "solidarity_partner_wrong"


class SolidarityApplicationIncomplete(Invalid):
    """What an application still lacks before it can be submitted."""

    code = "solidarity_application_incomplete"


class SolidarityApplicationNotDraft(Conflict):
    """What was submitted is not written again: it is withdrawn, and another one is written."""

    code = "solidarity_application_not_draft"


class SolidarityApplicationEnded(Conflict):
    """The application was withdrawn or decided."""

    code = "solidarity_application_ended"


class SolidarityMarksWrong(Invalid):
    """A score marks each criterion of the call once, on its scale."""

    code = "solidarity_marks_wrong"


class SolidarityScoreGiven(Conflict):
    """A score is final: who gave it has seen those of others since."""

    code = "solidarity_score_given"


class SolidarityJurorRecused(Conflict):
    """Who declared a tie with an application does not score it."""

    code = "solidarity_juror_recused"


class SolidarityDecisionsWrong(Invalid):
    """Every application that waits is decided, once, and no other."""

    code = "solidarity_decisions_wrong"


class SolidarityAwardTooLarge(Conflict):
    """More is awarded than was asked for, or than the call gives to one application."""

    code = "solidarity_award_too_large"


class SolidarityReasonMissing(Invalid):
    """Who gets nothing, or less than was asked for, is told why."""

    code = "solidarity_reason_missing"


class SolidarityBudgetExceeded(Conflict):
    """The awards of a call are more than its budget."""

    code = "solidarity_budget_exceeded"


class SolidarityAwardMissing(Conflict):
    """Nothing was awarded to this application."""

    code = "solidarity_award_missing"


class SolidarityAwardClosed(Conflict):
    """The award is closed: what was left of it went back to the envelope."""

    code = "solidarity_award_closed"


class SolidarityAwardShort(Conflict):
    """More is spent than is left of the award."""

    code = "solidarity_award_short"


class SolidarityDayWrong(Invalid):
    """What is noted happened between the decision and today."""

    code = "solidarity_day_wrong"


SAID = (SolidarityCallWrong, SolidarityEnvelopeWrong)
"""What refuses the text of a call."""
WRITING = (SolidarityApplicationEnded, SolidarityApplicationNotDraft, SolidarityCallNotOpen)
"""What refuses to a structure to write its application."""
JUDGING = (SolidarityNotScoring, SolidarityScoreGiven, SolidarityJurorRecused)
"""What refuses to a juror to give a score, or to declare a tie."""
DECIDING = (
    SolidarityNotRanked,
    SolidarityDecided,
    SolidarityDecisionsWrong,
    SolidarityAwardTooLarge,
    SolidarityReasonMissing,
    SolidarityBudgetExceeded,
)
"""What refuses a decision."""
SPENDING = (SolidarityAwardMissing, SolidarityAwardClosed)
"""What refuses to follow an award."""
