"""A quote: a price that is held until a day, for a buyer, on what was known the day it was made. It never changes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from common.labels import Labelled
from training.quotes.domain.price import Discount, Funding, GivenPrice, Priced, Proof, changes
from training.quotes.domain.refusals import QuoteAccepted, QuoteExpired, QuoteOutdated


class BuyerKind(Labelled):
    """Who buys."""

    MEMBER = "member", "structure du registre"
    ORGANISATION = "organisation", "autre organisation"
    INDIVIDUAL = "individual", "personne à ses frais"


class QuoteStatus(Labelled):
    """Where a quote stands, derived from its day and from its acceptance."""

    VALID = "valid", "en cours de validité"
    ACCEPTED = "accepted", "accepté"
    EXPIRED = "expired", "échu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A buyer that is not in the federation's register."""

    name: str
    siret: str
    street: str
    postcode: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys: a structure of the register, another organisation, or a person."""

    kind: BuyerKind
    member_id: UUID | None = None
    organisation: Organisation | None = None
    trainee_id: UUID | None = None

    @property
    def key(self) -> str:
        """What tells a buyer from another: the same structure has one, however often it buys."""
        if self.organisation is not None:
            return f"organisation:{self.organisation.siret}"
        return f"{self.kind.value}:{self.member_id or self.trainee_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price held for a buyer. ``session_id``: absent as long as no session is chosen."""

    id: UUID
    reference: str
    session_id: UUID | None
    programme_code: str
    programme_number: int
    title: str
    buyer: Buyer
    buyer_name: str
    seats: int
    priced: Priced
    given: GivenPrice | None
    discount: Discount | None
    funding: tuple[Funding, ...]
    proof: Proof
    quoted_on: date
    valid_until: date
    renews: UUID | None
    created_at: datetime
    created_by: str
    accepted_at: datetime | None = None


def status_on(quote: Quote, day: date) -> QuoteStatus:
    """Return where a quote stands on a day."""
    if quote.accepted_at is not None:
        return QuoteStatus.ACCEPTED
    return QuoteStatus.EXPIRED if day > quote.valid_until else QuoteStatus.VALID


def require_acceptable(quote: Quote, day: date) -> None:
    """Let a price be taken. Raises QuoteAccepted, QuoteExpired."""
    if quote.accepted_at is not None:
        raise QuoteAccepted("Ce devis a déjà été accepté : ses places ont été demandées.")
    if day > quote.valid_until:
        raise QuoteExpired(f"Ce prix était tenu jusqu'au {quote.valid_until:%d/%m/%Y} : renouvelez le devis.")


def require_as_quoted(quote: Quote, now: Proof) -> None:
    """Let a price be taken only on what it rests on. A price given by hand rests on nothing. Raises QuoteOutdated."""
    found = () if quote.given is not None else changes(quote.proof, now)
    if found:
        raise QuoteOutdated(
            f"Ce prix ne tient plus : {' ; '.join(found)}. Redemandez un devis.", extra={"changed": list(found)}
        )


def require_renewable(quote: Quote) -> None:
    """Let the same be quoted again. Raises QuoteAccepted."""
    if quote.accepted_at is not None:
        raise QuoteAccepted("Ce devis est accepté : demandez-en un nouveau pour d'autres places.")
