"""What is refused of a paper, and why."""

from common.errors import Conflict, Invalid, NotFound


class PaperNotFound(NotFound):
    """No such paper within reach."""

    code = "paper_not_found"


class PaperIncomplete(Conflict):
    """A paper that lacks a mention that its text asks for is not issued; nobody may do without."""

    code = "paper_incomplete"
    title = "Mention manquante"


class NothingToIssue(Conflict):
    """Each paper of these kinds is there already, or nobody is to have one."""

    code = "paper_nothing_to_issue"
    title = "Rien à émettre"


class NoPapersYet(Conflict):
    """Papers are made of a session that is announced, and not of a draft nor of one that is given up."""

    code = "paper_of_no_session"
    title = "Session sans papiers"


class PaperVoided(Conflict):
    """Nothing more is done with a paper that is worth nothing; it stays readable."""

    code = "paper_voided"
    title = "Papier annulé"


class PaperSigned(Conflict):
    """A paper is signed once."""

    code = "paper_signed"
    title = "Papier déjà signé"


class PaperNotSigned(Conflict):
    """Only conventions and contracts are signed by both parties."""

    code = "paper_without_signature"
    title = "Papier sans signature"


class PaperNotSent(Conflict):
    """A programme, rules and blank sheets are for everybody: they go to nobody of their own."""

    code = "paper_without_recipient"
    title = "Papier sans destinataire"


class RecipientUnknown(Conflict):
    """No address is known to write to."""

    code = "paper_recipient_unknown"
    title = "Destinataire sans adresse"


class SignedInFuture(Invalid):
    """Nobody signs tomorrow, nor before the paper was there."""

    code = "paper_signed_on_wrong"


class SignedCopyUnreadable(Invalid):
    """A signed copy is a PDF or a picture, by its content."""

    code = "paper_copy_unreadable"


class SignedCopyTooLarge(Invalid):
    """A signed copy has a bound."""

    code = "paper_copy_too_large"


class SignedCopyMissing(NotFound):
    """Nobody sent a signed copy of this paper."""

    code = "paper_copy_missing"
