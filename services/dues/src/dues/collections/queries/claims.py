"""What there is to collect, and what a run would take up of it: the same code for the preview and for the run."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from uuid import UUID

from pydantic import TypeAdapter

from common.dated import rule_on
from common.errors import Blocker
from common.shipped_data import shipped
from common.transaction import Read
from dues.collections import repository
from dues.collections.domain import (
    SUSPENDING,
    AfterReturn,
    Attempt,
    Claim,
    ClaimedCall,
    CollectionLineState,
    CollectionRules,
    Past,
    Pending,
    Proposal,
    Setting,
    overtaken,
    propose,
)
from dues.collections.tables import LineRow
from dues.invoices.queries import calls_due_by
from dues.legal_entities.domain import LegalEntity
from dues.mandates.domain import Creditor, CreditorWithoutIcs, Presentable, Scheme
from dues.mandates.queries import presentable
from dues.members.queries import members_behind
from dues.plans.queries import running_instalments, running_plans_of
from dues.receipts.domain import Receipt, ReturnAction
from dues.receipts.queries import return_reasons, standing_of


@cache
def collection_rules() -> tuple[CollectionRules, ...]:
    """Return what the scheme asks of collections, and what follows their returns, by day."""
    kind = TypeAdapter(tuple[CollectionRules, ...])
    return kind.validate_python(shipped("dues.collections", "rules.toml")["rules"])


def setting_for(seller: LegalEntity, scheme: Scheme, collection_on: date) -> Setting:
    """Return what all the lines of a run share. Raises CreditorWithoutIcs, RuleMissing."""
    if seller.ics is None:
        raise CreditorWithoutIcs(f"{seller.name} n'a pas d'identifiant de créancier SEPA (ICS) : sa banque le donne.")
    creditor = Creditor(seller.code, seller.name, seller.ics, seller.address.lines)
    return Setting(creditor, scheme, rule_on(collection_rules(), collection_on))


async def due_claims(read: Read, day: date) -> list[Claim]:
    """Return what is there to collect on a day: what is owed of each call that falls due by then.

    A call in a running plan is not collected as a call: what is left of each instalment due by then is.
    """
    calls = await calls_due_by(read, day)
    planned = await running_plans_of(read, [call.id for call in calls])
    due = [
        (f"invoice:{call.id}", call.member_id, call.due_on, (ClaimedCall(call.id, call.number, call.owed),))
        for call in calls
        if call.id not in planned
    ] + [
        (
            f"instalment:{one.id}",
            one.member_id,
            one.day,
            tuple(ClaimedCall(call.invoice_id, call.number, call.amount) for call in one.calls),
        )
        for one in await running_instalments(read, due_by=day)
    ]
    members = await members_behind(read, {member_id for _, member_id, _, _ in due})
    return [
        Claim(
            key=key,
            member_id=members[member_id].id,
            member_name=members[member_id].name,
            delegation=members[member_id].delegation,
            due_on=due_on,
            calls=claimed,
        )
        for key, member_id, due_on, claimed in due
        if member_id in members
    ]


async def propose_on(read: Read, setting: Setting, day: date, claims: Sequence[Claim]) -> Proposal:
    """Decide what is collected of some claims on a day, and why the rest is not. Raises RuleMissing."""
    rows = await repository.lines_of_claims(read, [claim.key for claim in claims])
    receipts = await receipts_of(read, rows)
    mandates = await mandates_on(read, {claim.member_id for claim in claims}, day)
    resting = {row.mandate_id for row, _ in came_back(rows, receipts) if after_return(row, receipts, setting).suspends}
    told = {
        member_id: SUSPENDING if isinstance(one, Presentable) and one.mandate_id in resting else one
        for member_id, one in mandates.items()
    }
    pending = [
        Pending(row.claim_key, row.end_to_end, repository.calls_of(row)) for row in await repository.pending_lines(read)
    ]
    return propose(claims, told, _past(rows, receipts, setting, pending), setting)


async def mandates_on(read: Read, member_ids: Iterable[UUID], day: date) -> dict[UUID, Presentable | Blocker]:
    """Return what each member is collected under on a day, or why it cannot be. Raises RuleMissing."""
    found = await presentable(read, set(member_ids), day)
    return {**found.ready, **found.blocked}


async def receipts_of(read: Read, rows: Sequence[LineRow]) -> dict[UUID, Receipt]:
    """Return, by line, the money of those that stand as settled."""
    settled = {
        row.id: row.receipt_id for row in rows if row.state == CollectionLineState.SETTLED.value and row.receipt_id
    }
    found = await standing_of(read, list(settled.values())) if settled else {}
    return {line_id: found[receipt_id] for line_id, receipt_id in settled.items()}


def came_back(rows: Sequence[LineRow], receipts: Mapping[UUID, Receipt]) -> list[tuple[LineRow, Receipt]]:
    """Return the settled lines whose money came back by another way: the bank's lines, or the receipt itself."""
    known = [(row, receipts[row.id]) for row in rows if row.id in receipts]
    return [(row, receipt) for row, receipt in known if overtaken(receipt) is CollectionLineState.RETURNED]


def action_of(code: str) -> ReturnAction:
    """Return what a return of this reason calls for."""
    return next(reason.action.value for reason in return_reasons() if reason.code == code)


def after_return(row: LineRow, receipts: Mapping[UUID, Receipt], setting: Setting) -> AfterReturn:
    """Return what follows the return of a line, be it noted on its receipt alone."""
    code = row.return_reason or receipts[row.id].return_reason or ""
    return setting.rules.after_return.value[action_of(code)]


def _past(
    rows: Sequence[LineRow], receipts: Mapping[UUID, Receipt], setting: Setting, pending: Sequence[Pending]
) -> Past:
    held: dict[str, str] = {}
    returned: dict[str, list[Attempt]] = {}
    for row in rows:
        state = overtaken(receipts[row.id]) if row.id in receipts else None
        now = state or CollectionLineState(row.state)
        if now is CollectionLineState.RETURNED:
            after = after_return(row, receipts, setting)
            returned.setdefault(row.claim_key, []).append(Attempt(row.mandate_id, after.other_mandate))
        elif now is not CollectionLineState.WITHDRAWN:
            held[row.claim_key] = row.end_to_end
    return Past(held, returned, pending)
