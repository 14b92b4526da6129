"""What a run collects of what is owed: each claim under its mandate; and why others are left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import Blocker
from dues.collections.domain.rules import CollectionRules, SequenceType, sequence_of
from dues.mandates.domain import Creditor, MandateKind, Presentable, Scheme

ALREADY = Blocker("already_collected", "Cette somme est déjà dans une remise en cours.")
NO_LONGER_OWED = Blocker("no_longer_owed", "Ce qui devait être prélevé n'est plus dû en entier.")
TOLD_TOO_LATE = Blocker("told_too_late", "L'avis n'a pas pu être produit à temps.")
SUSPENDING = Blocker("mandate_suspended", "Un prélèvement est revenu : ce mandat est à suspendre.")
_OTHER_CREDITOR = Blocker(
    "creditor_outdated", "Le mandat nomme le créancier autrement qu'aujourd'hui : faites-le d'abord savoir aux mandats."
)
_USED = Blocker("mandate_used", "Ce mandat ne permet qu'un prélèvement, et cette remise en a déjà un.")
_OTHER_MANDATE = Blocker("mandate_changed", "Le mandat annoncé n'est plus celui qui se prélève.")
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ClaimedCall:
    """What a claim pays of one call."""

    invoice_id: UUID
    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sum to collect of a member: all that is owed of a call, or what is left of an instalment of a plan.

    ``key`` tells it from every other, whatever run takes it up.
    """

    key: str
    member_id: UUID
    member_name: str
    delegation: str | None
    due_on: date
    calls: tuple[ClaimedCall, ...]

    @property
    def amount(self) -> Decimal:
        """What is to be collected."""
        return sum((call.amount for call in self.calls), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A collection of a claim that came back: under which mandate, and whether only another one will do."""

    mandate_id: UUID
    other_mandate: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """A live collection whose money is not there yet: what it is to pay of which calls, under which key."""

    key: str
    end_to_end: str
    calls: Sequence[ClaimedCall]


@dataclass(frozen=True, slots=True)
class Past:
    """What runs before this one did with claims, by key: those held by a live one, and what came back of each.

    ``pending`` is what is on its way to calls, be it under a key that nothing claims any more: an amended plan has
    other instalments, and the calls are the same.
    """

    held: Mapping[str, str]
    returned: Mapping[str, Sequence[Attempt]]
    pending: Sequence[Pending] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """A claim that is collected, and the mandate it is collected under."""

    claim: Claim
    mandate: Presentable
    sequence: SequenceType


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A claim that is not, and why."""

    claim: Claim
    blocker: Blocker


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a run would collect."""

    lines: list[Proposed]
    left_out: list[LeftOut]

    @property
    def total(self) -> Decimal:
        """What it would bring."""
        return sum((line.claim.amount for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Setting:
    """What all the lines of a run share: one creditor, and one rulebook, as banks want a file to be."""

    creditor: Creditor
    scheme: Scheme
    rules: CollectionRules


def propose(
    claims: Iterable[Claim],
    mandates: Mapping[UUID, Presentable | Blocker],
    past: Past,
    setting: Setting,
) -> Proposal:
    """Decide for each claim, the oldest due first: a one-off mandate is used by the first."""
    proposal, used = Proposal([], []), set()
    in_order = sorted(claims, key=lambda one: (one.due_on, one.key))
    on_its_way = _on_its_way(in_order, past)
    for claim in in_order:
        mandate = mandates[claim.member_id]
        if isinstance(mandate, Blocker):
            proposal.left_out.append(LeftOut(claim, mandate))
            continue
        blocker = on_its_way.get(claim.key) or _past_blocker(claim, mandate, past, setting.rules)
        blocker = blocker or mandate_blocker(mandate, setting)
        if mandate.kind is MandateKind.ONE_OFF and mandate.mandate_id in used:
            blocker = blocker or _USED
        if blocker is not None:
            proposal.left_out.append(LeftOut(claim, blocker))
            continue
        used.add(mandate.mandate_id)
        sequence = sequence_of(mandate.kind, mandate.last_presented_on, setting.rules)
        proposal.lines.append(Proposed(claim, mandate, sequence))
    return proposal


def mandate_blocker(mandate: Presentable, setting: Setting) -> Blocker | None:
    """Return why a good mandate has no place in a run, if it has none."""
    if mandate.scheme is not setting.scheme:
        return Blocker("other_scheme", f"Ce mandat est d'un {mandate.scheme.label} : une autre remise le prélève.")
    told, known = mandate.creditor, setting.creditor
    return None if (told.name, told.ics) == (known.name, known.ics) else _OTHER_CREDITOR


def recheck(
    announced: UUID,
    calls: Iterable[ClaimedCall],
    claimed: Mapping[UUID, Decimal],
    mandate: Presentable | Blocker,
    setting: Setting,
) -> Blocker | None:
    """Return why what was announced, under which mandate, is not collected after all; None where it is.

    ``claimed`` is what its claim is by now, call by call; nothing, where it is none any more: paid, or of a plan that
    was amended. The amount was announced: where it is less, the whole is left out rather than another one collected.
    """
    if any(claimed.get(call.invoice_id, _NOTHING) < call.amount for call in calls):
        return NO_LONGER_OWED
    if isinstance(mandate, Blocker):
        return mandate
    return _OTHER_MANDATE if mandate.mandate_id != announced else mandate_blocker(mandate, setting)


def _on_its_way(claims: Sequence[Claim], past: Past) -> dict[str, Blocker]:
    """Return the claims, of those due first, that money collected under other keys is to pay, be it in part."""
    keys = {claim.key for claim in claims}
    left: dict[UUID, Decimal] = {}
    names: dict[UUID, list[str]] = {}
    for one in past.pending:
        for call in one.calls if one.key not in keys else ():
            left[call.invoice_id] = left.get(call.invoice_id, _NOTHING) + call.amount
            names.setdefault(call.invoice_id, []).append(one.end_to_end)
    found = {}
    for claim in claims:
        for call in claim.calls if claim.key not in past.held else ():
            if put := min(left.get(call.invoice_id, _NOTHING), call.amount):
                left[call.invoice_id] -= put
                found[claim.key] = _collected_by(", ".join(names[call.invoice_id]))
    return found


def _collected_by(end_to_end: str) -> Blocker:
    return Blocker(ALREADY.code, f"Cette somme est déjà prélevée par {end_to_end}.")


def _past_blocker(claim: Claim, mandate: Presentable, past: Past, rules: CollectionRules) -> Blocker | None:
    if claim.key in past.held:
        return _collected_by(past.held[claim.key])
    returned = past.returned.get(claim.key, ())
    if len(returned) >= rules.most_presentations.value:
        return Blocker(
            "returned_too_often", f"Déjà présentée {len(returned)} fois : convenez d'un autre mode de règlement."
        )
    if any(one.other_mandate and one.mandate_id == mandate.mandate_id for one in returned):
        return Blocker("other_mandate_needed", "Le dernier retour demande un autre mandat : faites-en signer un.")
    return None
