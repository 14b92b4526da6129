"""Invitations: a link by which somebody without an account answers in a group or reviews an assessment, for a time."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day


class InvitationPurpose(Labelled):
    """What somebody is invited to."""

    ANSWER = "answer", "répondre dans le groupe"
    REVIEW = "review", "relire"


class InvitationNotFound(NotFound):
    """No such invitation, or its link does not serve any more: nothing tells the two apart."""

    code = "assessment_invitation_not_found"


class InvitationRevoked(Conflict):
    """An invitation is taken back once."""

    code = "assessment_invitation_revoked"


class InvitationServing(Conflict):
    """Whoever still has a link that serves has a name: the link is taken back first."""

    code = "assessment_invitation_serving"


class InvitationUnfit(Invalid):
    """A link serves from today on, and not for too long."""

    code = "assessment_invitation_unfit"


class InvitationsTooMany(Conflict):
    """One assessment is not sent to everybody."""

    code = "assessment_invitations_too_many"


@dataclass(frozen=True, slots=True)
class InvitationRule:
    """For how many days a link serves, unless a day is chosen, and at most; how many one assessment has at most.

    ``name_days``: for how many days after its last one the name of whoever had it is kept. Dated data, with source and
    status.
    """

    since: date
    days: int
    most_days: int
    most_links: int
    name_days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """One link to one assessment, ``until`` its last day.

    ``name`` is what the structure calls whoever has it, None once it is forgotten.
    """

    id: UUID
    assessment_id: UUID
    member_id: UUID
    purpose: InvitationPurpose
    name: str | None
    until: date
    invited_at: datetime
    invited_by: str
    mail_id: UUID
    review_id: UUID | None = None
    read_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    reason: str | None = None

    @property
    def reviewed(self) -> UUID:
        """The review that it is to write: asked of those to review only."""
        if self.review_id is None:
            raise ValueError(f"{self.id} is to review nothing")
        return self.review_id

    def serves(self, today: date) -> bool:
        """Tell whether its link still opens something."""
        return self.revoked_at is None and today <= self.until


def digest(key: str) -> bytes:
    """Return what is kept of a link's key: enough to recognise it and not to say it."""
    return hashlib.sha256(key.encode()).digest()


def last_day(rule: InvitationRule, chosen: date | None, today: date) -> date:
    """Return the last day of a link that is sent today. Raises InvitationUnfit."""
    latest = today + timedelta(days=rule.most_days)
    if chosen is not None and not today <= chosen <= latest:
        raise InvitationUnfit(f"Le lien sert d'aujourd'hui au {write_day(latest)} au plus tard.")
    return chosen or today + timedelta(days=rule.days)


def require_room(rule: InvitationRule, sent: int) -> None:
    """Let one more link be sent. Raises InvitationsTooMany."""
    if sent >= rule.most_links:
        raise InvitationsTooMany(f"{rule.most_links} invitations à une même auto-évaluation, au plus.")


def require_serving(invitation: Invitation | None, today: date) -> Invitation:
    """Let only a link through that serves. Raises InvitationNotFound."""
    if invitation is None or not invitation.serves(today):
        raise InvitationNotFound("Ce lien n'est plus valable : demandez-en un autre à la structure.")
    return invitation


def revoke(invitation: Invitation, at: datetime, by: str, reason: str) -> Invitation:
    """Take an invitation back, for good. Raises InvitationRevoked."""
    if invitation.revoked_at is not None:
        raise InvitationRevoked("Cette invitation est déjà retirée.")
    return replace(invitation, revoked_at=at, revoked_by=by, reason=reason)


def forgotten(invitation: Invitation, today: date) -> Invitation:
    """Let go of the name of whoever had a link. Raises InvitationServing."""
    if invitation.serves(today):
        raise InvitationServing("Ce lien sert encore : retirez d'abord l'invitation.")
    return replace(invitation, name=None)


def nameless_before(rule: InvitationRule, today: date) -> date:
    """Return the day such that no name is kept of the links whose last day came before it."""
    return today - timedelta(days=rule.name_days)
