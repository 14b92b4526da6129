"""How a purchase would be paid today: what the operator said, the open envelopes, what the buyer was awarded."""

from collections.abc import Sequence
from uuid import UUID

from common.rights import Grant, Scope
from common.transaction import Read
from training.envelopes.domain import (
    JOINED,
    Affiliation,
    Buyer,
    Envelope,
    EnvelopeKind,
    Funder,
    FunderKind,
    Purchase,
    Reservation,
    compose,
)
from training.envelopes.queries.affiliations import affiliations_of
from training.envelopes.queries.envelopes import envelopes_open
from training.envelopes.queries.ledger import awards_of
from training.envelopes.schemas import (
    FundingPassedOut,
    FundingPurchaseIn,
    FundingShareOut,
    FundingStackOut,
    LegalPlanIn,
)
from training.members.domain import MemberUnknown
from training.members.queries import membership_on, require_member

_PAYING = (EnvelopeKind.GROUP_ACCOUNT.value, EnvelopeKind.OTHER.value)
"""Envelopes that pay for whoever their rules let; the mutual funds pay what a jury has awarded."""


async def compose_funding(read: Read, grant: Grant, given: FundingPurchaseIn) -> FundingStackOut:
    """Return who would pay what of a purchase. Raises MemberUnknown, MemberMerged."""
    joined, awards, is_member = list[Affiliation](), list[Reservation](), False
    if given.member_id is not None:
        member_id = (await require_member(read, grant, given.member_id)).id
        is_member = (await membership_on(read, member_id, given.starts_on)).is_member
        joined, awards = await affiliations_of(read, member_id), await awards_of(read, member_id)
    elif grant.scope is not Scope.ALL:
        raise MemberUnknown("Dites pour quelle structure : la vôtre.")
    member_type = given.member_type or (joined[0].member_type if joined else None)
    purchase = Purchase(
        price=given.price,
        seats=given.seats,
        hours=given.hours,
        starts_on=given.starts_on,
        buyer=Buyer(is_member=is_member, member_type=member_type),
    )
    accounts = {one.envelope_id for one in joined if one.step in JOINED}
    funders = [
        *(_legal_plan(plan) for plan in given.legal_plans),
        *(_envelope(one, accounts) for one in await envelopes_open(read, _PAYING)),
        *(_award(one) for one in awards),
    ]
    return _out(purchase, funders)


def _legal_plan(plan: LegalPlanIn) -> Funder:
    return Funder(
        kind=FunderKind.LEGAL_PLAN,
        label=plan.label,
        order=FunderKind.LEGAL_PLAN.order,
        ceiling=plan.ceiling,
        hours_ceiling=plan.hours_ceiling,
        hourly_ceiling=plan.hourly_ceiling,
    )


def _envelope(envelope: Envelope, accounts: set[UUID]) -> Funder:
    said = envelope.said
    account = said.kind is EnvelopeKind.GROUP_ACCOUNT
    return Funder(
        kind=FunderKind.ENVELOPE,
        label=said.title,
        order=FunderKind.ENVELOPE.order,
        available=envelope.position.available,
        hours_ceiling=said.rules.hours_ceiling,
        hourly_ceiling=said.rules.hourly_ceiling,
        member_types=said.rules.member_types,
        members_only=account,
        joined=not account or envelope.id in accounts,
        opens_on=said.opens_on,
        closes_on=said.closes_on,
    )


def _award(award: Reservation) -> Funder:
    return Funder(
        kind=FunderKind.AWARD,
        label=award.subject.label,
        order=FunderKind.AWARD.order,
        ceiling=award.use.left,
    )


def _out(purchase: Purchase, funders: Sequence[Funder]) -> FundingStackOut:
    stack = compose(purchase, funders)
    return FundingStackOut(
        price=purchase.price,
        shares=[
            FundingShareOut(**_named(share.funder), amount=share.amount, explanation=list(share.explanation))
            for share in stack.shares
        ],
        passed=[FundingPassedOut(**_named(one.funder), code=one.code, reason=one.reason) for one in stack.passed],
        remainder=stack.remainder,
    )


def _named(funder: Funder) -> dict[str, str]:
    return {"kind": funder.kind, "kind_label": funder.kind.label, "label": funder.label}
