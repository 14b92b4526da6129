"""All that the papers of a session are written from, at one instant: the same for one paper and for five hundred."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from training.organisation.domain import Organisation
from training.papers.domain.kinds import PaperKind
from training.papers.domain.paper import Subject
from training.programmes.domain import Content
from training.sessions.domain import ANNOUNCED, Known, Session


class ClauseUse(Labelled):
    """What a clause is about."""

    CONVENTION_PAYMENT = "convention_payment", "règlement d'une convention"
    CONTRACT_PAYMENT = "contract_payment", "règlement d'un contrat"
    EARLY_END = "early_end", "cessation anticipée ou abandon d'un contrat"
    WITHDRAWAL = "withdrawal", "rétractation d'un contrat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What a paper says from a day on, word for word, with where it comes from. ``{days}``: to withdraw."""

    use: ClauseUse
    since: date
    text: str
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """A seat that is taken. ``name``: absent while nobody is named."""

    enrolment_id: UUID
    trainee_id: UUID | None
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who bought seats, and for whom: those that are taken, in order. ``lines``: who it is, as it is printed."""

    request_id: UUID
    individual: bool
    member_id: UUID | None
    lines: tuple[str, ...]
    quote_reference: str
    unit_price: Decimal
    total: Decimal
    contact_email: str | None
    seats: tuple[Seated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A session with who teaches it, who comes, for what price, and in whose name."""

    organisation: Organisation
    registration: str
    session: Session
    content: Content
    known: Known
    parties: tuple[Party, ...]
    clauses: Mapping[ClauseUse, str]
    vat: str
    now: datetime
    today: date

    @property
    def headcount(self) -> int:
        """How many seats are taken."""
        return sum(len(party.seats) for party in self.parties)

    @property
    def seated(self) -> Iterator[tuple[Party, Seated]]:
        """Who comes, buyer by buyer."""
        return ((party, seat) for party in self.parties for seat in party.seats)


def subjects(scene: Scene, kinds: Iterable[PaperKind]) -> list[Subject]:
    """Return the papers that a session should have of some kinds; none of one that is not to be held."""
    if scene.session.status not in ANNOUNCED:
        return []
    return [one for kind in dict.fromkeys(kinds) for one in _subjects(scene, kind)]


def _subjects(scene: Scene, kind: PaperKind) -> Iterator[Subject]:
    match kind:
        case PaperKind.CONVENTION | PaperKind.CONTRACT:
            contract = kind is PaperKind.CONTRACT
            yield from (Subject(kind, p.request_id, p.member_id) for p in scene.parties if p.individual is contract)
        case PaperKind.CONVOCATION:
            named = ((party, seat) for party, seat in scene.seated if seat.trainee_id is not None)
            yield from (Subject(kind, seat.enrolment_id, party.member_id) for party, seat in named)
        case PaperKind.SHEET:
            yield from (Subject(kind, slot.id) for slot in scene.session.slots)
        case PaperKind.PROGRAMME | PaperKind.RULES:
            yield Subject(kind, scene.session.id)


def is_past(scene: Scene, subject: Subject) -> bool:
    """Tell whether a paper stays as it was: the sheet of a half-day that has begun, on which people have signed."""
    slots = (slot for slot in scene.session.slots if slot.id == subject.about)
    return subject.kind is PaperKind.SHEET and any(slot.starts_at <= scene.now for slot in slots)


def recipient(scene: Scene, subject: Subject) -> str | None:
    """Return the address that a paper goes to: of who is summoned, else of the office that asked for the seats."""
    for party, seat in scene.seated:
        if subject.kind.is_signed and party.request_id == subject.about:
            return party.contact_email or (seat.email if party.individual else None)
        if subject.kind is PaperKind.CONVOCATION and seat.enrolment_id == subject.about:
            return seat.email or party.contact_email
    return None
