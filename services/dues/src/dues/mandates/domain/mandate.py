"""A SEPA mandate: what a member signed, what was amended since, and what it still allows."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day
from dues.mandates.domain.account import Account
from dues.mandates.domain.lapse import LapseRule
from dues.mandates.domain.refusals import (
    AmendmentChangesNothing,
    AmendmentOutOfOrder,
    BankConfirmationDayWrong,
    BankConfirmationMissing,
    MandateEnded,
    MandateLapsed,
    MandateNotPrepared,
    MandateNotSigned,
    MandateNotSuspended,
    MandateSuspended,
    PresentationDayWrong,
    SignedDocumentMissing,
    SignedInFuture,
)


class MandateKind(Labelled):
    """How many collections a mandate allows."""

    RECURRENT = "recurrent", "paiement récurrent"
    ONE_OFF = "one_off", "paiement ponctuel"


class Scheme(Labelled):
    """The rulebook a mandate is of."""

    CORE = "core", "prélèvement SEPA (CORE)"
    B2B = "b2b", "prélèvement SEPA interentreprises (B2B)"


class Signature(Labelled):
    """How a mandate was signed."""

    PAPER = "paper", "sur papier"
    ELECTRONIC = "electronic", "par voie électronique"


class Party(Labelled):
    """Who ended a mandate."""

    DEBTOR = "debtor", "la structure"
    CREDITOR = "creditor", "la fédération"


class MandateState(Labelled):
    """Where a mandate stands."""

    PREPARED = "prepared", "à signer"
    ACTIVE = "active", "actif"
    SUSPENDED = "suspended", "suspendu"
    REVOKED = "revoked", "révoqué"
    SUPERSEDED = "superseded", "remplacé par un autre"
    USED = "used", "utilisé"
    LAPSED = "lapsed", "éteint faute de prélèvement"


LIVE = frozenset({MandateState.ACTIVE, MandateState.SUSPENDED})


class MandateAct(Labelled):
    """What was done to a mandate."""

    PREPARED = "prepared", "préparé"
    SENT = "sent", "document signé reçu"
    CONFIRMED = "confirmed", "signature confirmée"
    AMENDED = "amended", "compte changé"
    CREDITOR_CHANGED = "creditor_changed", "créancier changé"
    SUSPENDED = "suspended", "suspendu"
    RESUMED = "resumed", "repris"
    REVOKED = "revoked", "révoqué"
    SUPERSEDED = "superseded", "remplacé par un autre"
    PRESENTED = "presented", "prélèvement présenté"
    LAPSED = "lapsed", "éteint faute de prélèvement"


@dataclass(frozen=True, slots=True)
class Creditor:
    """Who collects, as a mandate names it. ``code`` is that of the legal entity, which never changes."""

    code: str
    name: str
    ics: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signing:
    """What is read on a signed mandate. ``last_presented_on`` is of one that was collected under before us."""

    signed_on: date
    place: str
    how: Signature
    bank_confirmed_on: date | None = None
    last_presented_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """Another account of the debtor, or another name or identifier of the creditor, from a day on.

    ``presented_on`` is the day of the collection that told the banks of it; None as long as none has.
    """

    number: int
    since: date
    recorded_at: datetime
    recorded_by: str
    account: Account | None = None
    creditor: Creditor | None = None
    reason: str | None = None
    bank_confirmed_on: date | None = None
    presented_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A mandate as it was prepared, then signed; ``account`` and ``creditor`` are those it names, never rewritten."""

    id: UUID
    rum: str
    member_id: UUID
    kind: MandateKind
    scheme: Scheme
    account: Account
    debtor_address: tuple[str, ...]
    creditor: Creditor
    prepared_on: date
    state: MandateState = MandateState.PREPARED
    signing: Signing | None = None
    document_id: UUID | None = None
    last_presented_on: date | None = None
    ended_on: date | None = None
    ended_by: Party | None = None
    amendments: tuple[Amendment, ...] = ()
    version: int = 1

    @property
    def in_force_order(self) -> list[Amendment]:
        """The amendments in the order in which they take effect."""
        return sorted(self.amendments, key=lambda one: (one.since, one.number))


def account_on(mandate: Mandate, day: date) -> Account:
    """Return the account to debit on a day."""
    accounts = [one.account for one in mandate.in_force_order if one.account and one.since <= day]
    return accounts[-1] if accounts else mandate.account


def creditor_on(mandate: Mandate, day: date) -> Creditor:
    """Return the creditor as it is called on a day."""
    creditors = [one.creditor for one in mandate.in_force_order if one.creditor and one.since <= day]
    return creditors[-1] if creditors else mandate.creditor


def last_day(mandate: Mandate, rule: LapseRule) -> date | None:
    """Return the last day on which a signed mandate allows a collection; None where nothing runs."""
    if mandate.signing is None or mandate.state not in LIVE:
        return None
    return rule.last_day(mandate.signing.signed_on, mandate.last_presented_on)


def state_on(mandate: Mandate, rule: LapseRule, day: date) -> MandateState:
    """Return where a mandate stands on a day, whether or not somebody has noted since that it lapsed."""
    until = last_day(mandate, rule)
    return MandateState.LAPSED if until is not None and day > until else mandate.state


def send(mandate: Mandate, document_id: UUID) -> Mandate:
    """Keep the document that bears the signature: of those sent, the last counts. Raises MandateNotPrepared."""
    require_prepared(mandate)
    return _changed(mandate, document_id=document_id)


def confirm(mandate: Mandate, signing: Signing, rule: LapseRule, today: date) -> Mandate:
    """Take a mandate as signed, as its document says.

    Raises MandateNotPrepared, SignedDocumentMissing, SignedInFuture, BankConfirmationMissing, BankConfirmationDayWrong,
    PresentationDayWrong, MandateLapsed.
    """
    require_confirmable(mandate)
    if signing.signed_on > today:
        raise SignedInFuture(f"Le {write_day(signing.signed_on)} n'est pas venu : un mandat ne s'y est pas signé.")
    _require_bank(mandate.scheme, signing.bank_confirmed_on, signing.signed_on, today)
    presented = signing.last_presented_on
    if presented is not None and not signing.signed_on <= presented <= today:
        raise PresentationDayWrong("Un prélèvement se présente entre la signature du mandat et aujourd'hui.")
    signed = _changed(mandate, state=MandateState.ACTIVE, signing=signing, last_presented_on=presented)
    require_unlapsed(signed, rule, today)
    return signed


def amend_account(mandate: Mandate, amendment: Amendment, rule: LapseRule, today: date) -> Mandate:
    """Note that another account is to be debited from a day on.

    Raises MandateNotSigned, MandateEnded, MandateLapsed, AmendmentOutOfOrder, AmendmentChangesNothing,
    BankConfirmationMissing, BankConfirmationDayWrong.
    """
    signed_on = require_live(mandate, rule, today).signed_on
    earlier = [one.since for one in mandate.amendments if one.account]
    after = max([signed_on, *earlier])
    if amendment.since < after:
        raise AmendmentOutOfOrder(f"Le compte déjà connu vaut depuis le {write_day(after)} : un autre le suit.")
    if amendment.account == account_on(mandate, amendment.since):
        raise AmendmentChangesNothing("C'est le compte que le mandat connaît déjà, au même nom.")
    _require_bank(mandate.scheme, amendment.bank_confirmed_on, signed_on, today)
    return _changed(mandate, amendments=(*mandate.amendments, amendment))


def change_creditor(mandate: Mandate, amendment: Amendment) -> Mandate:
    """Note that the creditor has another name or identifier from a day on: it is what its register says."""
    return _changed(mandate, amendments=(*mandate.amendments, amendment))


def suspend(mandate: Mandate, rule: LapseRule, today: date) -> Mandate:
    """Stop collecting for a time. Raises MandateNotSigned, MandateEnded, MandateLapsed, MandateSuspended."""
    require_presentable(mandate, rule, today)
    return _changed(mandate, state=MandateState.SUSPENDED)


def resume(mandate: Mandate, rule: LapseRule, today: date) -> Mandate:
    """Collect again. Raises MandateNotSigned, MandateEnded, MandateLapsed, MandateNotSuspended."""
    require_suspended(mandate, rule, today)
    return _changed(mandate, state=MandateState.ACTIVE)


def revoke(mandate: Mandate, by: Party, today: date) -> Mandate:
    """End a mandate, signed or not. Raises MandateEnded."""
    require_standing(mandate)
    return _changed(mandate, state=MandateState.REVOKED, ended_on=today, ended_by=by)


def supersede(mandate: Mandate, rule: LapseRule, today: date) -> Mandate:
    """End a live mandate because another was signed; one that had lapsed before is said to have."""
    if state_on(mandate, rule, today) is MandateState.LAPSED:
        return lapse(mandate, rule)
    return _changed(mandate, state=MandateState.SUPERSEDED, ended_on=today)


def lapse(mandate: Mandate, rule: LapseRule) -> Mandate:
    """Note that a mandate has lapsed: the day it ended is the last on which it allowed a collection."""
    return _changed(mandate, state=MandateState.LAPSED, ended_on=last_day(mandate, rule))


def present(mandate: Mandate, on: date) -> Mandate:
    """Note that a collection was presented: the banks were told what it carried, and a one-off mandate is used."""
    told = tuple(
        replace(one, presented_on=on) if one.presented_on is None and one.since <= on else one
        for one in mandate.amendments
    )
    last = max(on, mandate.last_presented_on or on)
    noted = _changed(mandate, amendments=told, last_presented_on=last)
    if mandate.kind is MandateKind.ONE_OFF:
        return replace(noted, state=MandateState.USED, ended_on=on)
    return noted


def require_prepared(mandate: Mandate) -> None:
    """Let only a mandate be signed that was not. Raises MandateNotPrepared."""
    if mandate.state is not MandateState.PREPARED:
        raise MandateNotPrepared(f"Ce mandat n'est plus à signer : il est {mandate.state.label}.")


def require_confirmable(mandate: Mandate) -> None:
    """Let a signature be confirmed on its document. Raises MandateNotPrepared, SignedDocumentMissing."""
    require_prepared(mandate)
    if mandate.document_id is None:
        raise SignedDocumentMissing("Le mandat signé n'a pas été envoyé : joignez-le d'abord.")


def require_standing(mandate: Mandate) -> None:
    """Let only a mandate be ended that is not. Raises MandateEnded."""
    if mandate.state is not MandateState.PREPARED and mandate.state not in LIVE:
        raise MandateEnded(f"Ce mandat a pris fin : {mandate.state.label}.")


def require_live(mandate: Mandate, rule: LapseRule, day: date) -> Signing:
    """Return the signature of a mandate that was signed and has not ended.

    Raises MandateNotSigned, MandateEnded, MandateLapsed.
    """
    require_standing(mandate)
    if mandate.signing is None or mandate.signing.signed_on > day:
        raise MandateNotSigned("Ce mandat n'est pas signé.")
    require_unlapsed(mandate, rule, day)
    return mandate.signing


def require_unlapsed(mandate: Mandate, rule: LapseRule, day: date) -> None:
    """Refuse a mandate under which nothing was presented for too long. Raises MandateLapsed."""
    until = last_day(mandate, rule)
    if until is not None and day > until:
        raise MandateLapsed(
            f"Ce mandat s'est éteint le {write_day(until)}, {rule.months} mois sans prélèvement : il en faut un autre."
        )


def require_suspended(mandate: Mandate, rule: LapseRule, day: date) -> None:
    """Let only a suspended mandate be taken up again.

    Raises MandateNotSigned, MandateEnded, MandateLapsed, MandateNotSuspended.
    """
    require_live(mandate, rule, day)
    if mandate.state is not MandateState.SUSPENDED:
        raise MandateNotSuspended("Ce mandat n'est pas suspendu.")


def require_presentable(mandate: Mandate, rule: LapseRule, day: date) -> None:
    """Let a collection be presented on a day under a signed mandate only.

    Raises MandateNotSigned, MandateEnded, MandateLapsed, MandateSuspended.
    """
    require_live(mandate, rule, day)
    if mandate.state is MandateState.SUSPENDED:
        raise MandateSuspended("Ce mandat est suspendu : rien n'est prélevé tant qu'il n'est pas repris.")


def _require_bank(scheme: Scheme, confirmed_on: date | None, signed_on: date, today: date) -> None:
    if scheme is not Scheme.B2B:
        return
    if confirmed_on is None:
        raise BankConfirmationMissing("Entre entreprises (B2B), dites quel jour la banque de la structure a confirmé.")
    if not signed_on <= confirmed_on <= today:
        raise BankConfirmationDayWrong("La banque confirme entre la signature du mandat et aujourd'hui.")


def _changed(mandate: Mandate, **changes: object) -> Mandate:
    return replace(mandate, version=mandate.version + 1, **changes)  # type: ignore[arg-type]  # fields of a Mandate
