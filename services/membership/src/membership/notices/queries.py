"""Reads of what was sent to structures: what each may see of it, and whom to write to."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, partial
from uuid import UUID

from common.dated import rule_on
from common.errors import obstacle
from common.mail import masked
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.contacts.domain import Addressee
from membership.contacts.queries import addressees
from membership.members.domain import Member
from membership.members.queries import allowed_on
from membership.notices import repository
from membership.notices.documents import print_letters, printed, recorded, write_instant
from membership.notices.domain import (
    About,
    Federation,
    KeepingRule,
    Letter,
    Means,
    Notice,
    NoticePurpose,
    Reach,
    Written,
    letter_address,
    postal_address,
    reach_of,
    require_returnable,
)
from membership.notices.repository import notices_naming, notices_of, told
from membership.notices.schemas import NoticeOut, ToSendOut
from membership.rights import Act

__all__ = [
    "federation_on",
    "keeping_rule",
    "letters_to",
    "notices_naming",
    "notices_of",
    "notices_out",
    "print_letters",
    "printed",
    "reachable",
    "readable_notices",
    "recorded",
    "to_send",
    "told",
    "without_addresses",
    "write_instant",
]

Write = Callable[[Member, Means], Written]
"""Words a notice for one structure."""


@cache
def _keeping_rules() -> tuple[KeepingRule, ...]:
    return shipped_rules("membership.notices", "keeping.toml", KeepingRule)


@cache
def _federations() -> tuple[Federation, ...]:
    return shipped_rules("membership.notices", "federation.toml", Federation)


def keeping_rule(purpose: NoticePurpose, day: date) -> KeepingRule:
    """Return for how long what is sent on a day for a purpose is kept. Raises RuleMissing."""
    return rule_on([rule for rule in _keeping_rules() if rule.purpose == purpose.value], day)


def federation_on(day: date) -> Federation:
    """Return who writes to the members on a day, and where they write back. Raises RuleMissing."""
    return rule_on(_federations(), day)


async def readable_notices(source: Read, about: About, member_ids: Sequence[UUID]) -> list[Notice]:
    """Return notices as the one who asks may see them: an e-mail address is a person's."""
    readable = await allowed_on(source, Act.READ_CONTACTS, member_ids)
    notices = await notices_of(source, about, member_ids)
    return [one if one.member_id in readable else without_addresses(one) for one in notices]


def without_addresses(notice: Notice) -> Notice:
    """Hide the e-mail addresses that a notice names."""
    recipient, reply, reason = (
        masked(text) if text else None for text in (notice.recipient, notice.reply, notice.returned_reason)
    )
    return replace(notice, recipient=recipient, reply=reply, returned_reason=reason)


def notices_out(notices: Sequence[Notice], *, may_record: bool) -> list[NoticeOut]:
    """Write notices as the API shows them; ``may_record``: the one who asks records what came back."""
    return [
        NoticeOut.of(one, {"record_return": obstacle(partial(require_returnable, one))} if may_record else {})
        for one in notices
    ]


async def reachable(source: Read, about: About, member_ids: Sequence[UUID]) -> dict[UUID, Addressee]:
    """Return whom to write to of some structures. An address to which a notice about the same failed is none."""
    notices = await repository.notices_of(source, about, member_ids)
    failed = {(one.member_id, one.recipient) for one in notices if one.condemns_its_address and one.recipient}
    return await addressees(source, member_ids, failed)


async def to_send(source: Read, about: About, member: Member, write: Write) -> ToSendOut:
    """Return what would be sent to a structure today."""
    person = (await reachable(source, about, [member.id])).get(member.id)
    reach, address = reach_of(member, person), letter_address(member)
    recipient = postal_address(member, address) if address else None
    if person and person.email:
        readable = await allowed_on(source, Act.READ_CONTACTS, [member.id])
        recipient = person.email if readable else masked(person.email)
    written = write(member, Means.MAIL if reach is Reach.MAIL else Means.LETTER)
    return ToSendOut(
        means=reach, means_label=reach.label, recipient=recipient, subject=written.subject, text=written.text
    )


def letters_to(
    members: Sequence[Member], people: Mapping[UUID, Addressee], write: Write, named: Collection[UUID]
) -> list[Letter]:
    """Return the letters to post: to those who were ``named``, and to those that no mail reaches."""
    return [
        Letter(member, address, person.name if person else None, write(member, Means.LETTER))
        for member in members
        if (person := people.get(member.id)) is None or member.id in named or person.email is None
        if (address := letter_address(member)) is not None
    ]
