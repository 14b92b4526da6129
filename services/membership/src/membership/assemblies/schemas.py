"""API shapes of general assemblies."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Day, Instant, LongText, Schema, Text
from membership.assemblies.domain import AssemblyKind, AssemblyStatus, Choice, ItemKind
from membership.board.domain import SeatScope
from membership.board.schemas import BoardMandateOut

Votes = Annotated[int, Field(ge=0, le=1_000_000, description="En voix")]
Code = Annotated[Text, Field(max_length=50)]
CorrectionReason = Annotated[
    Text | None, Field(description="Pourquoi l'on corrige ce qui est déjà consigné ; exigé alors, gardé avec l'ancien")
]
PersonName = Annotated[Text, Field(max_length=200)]


class AssemblyIn(Schema):
    """Une assemblée générale à préparer."""

    kind: AssemblyKind
    title: Text = Field(examples=["Assemblée générale ordinaire 2027"])
    held_on: Day
    place: Text = Field(description="Un lieu, ou « à distance »", examples=["Paris, et à distance"])
    second_of: UUID | None = Field(None, description="Celle qui a manqué de quorum, pour une seconde convocation")


class AssemblyAmend(Schema):
    """Ce qui se corrige tant que l'assemblée est en préparation ; les champs absents restent ce qu'ils sont."""

    title: Text | None = None
    held_on: Day | None = None
    place: Text | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named."""
        return self.model_dump(exclude_unset=True, exclude_none=True)


class ItemIn(Schema):
    """Un point : une résolution avec sa majorité, ou des sièges à pourvoir."""

    id: UUID | None = Field(None, description="Celui d'un point déjà à l'ordre du jour, pour le garder")
    kind: ItemKind
    title: Text
    text: LongText | None = Field(None, description="La résolution, telle qu'elle est soumise")
    majority: Code | None = Field(None, description="Sinon, celle de la sorte d'assemblée", examples=["two_thirds"])
    scope: Literal[SeatScope.REGION, SeatScope.COLLEGE] | None = None
    scope_code: Code | None = Field(None, examples=["occitanie"])
    seats: Annotated[int, Field(ge=1, le=100)] | None = None


class AssemblyAgendaIn(Schema):
    """L'ordre du jour entier, dans son ordre."""

    items: Annotated[list[ItemIn], Field(max_length=200)]

    @model_validator(mode="after")
    def _each_once(self) -> "AssemblyAgendaIn":
        ids = [item.id for item in self.items if item.id is not None]
        if len(set(ids)) < len(ids):
            raise ValueError("un point figure deux fois")
        return self


class CandidacyIn(Schema):
    """Une structure se présente à une élection."""

    member_id: UUID
    contact_id: UUID = Field(description="La personne qu'elle présente")


class TakenBackIn(Schema):
    """Ce qu'une structure avait donné est repris."""

    reason: Text | None = Field(None, description="À dire si l'on agit pour une structure ; gardée, avec l'auteur")


class ProxyIn(Schema):
    """Une structure donne pouvoir à une autre."""

    giver_id: UUID
    holder_id: UUID


class ArrivalIn(Schema):
    """Une structure est là : par une de ses personnes, ou par un nom pris à l'accueil, gardé pour le procès-verbal."""

    member_id: UUID
    contact_id: UUID | None = None
    name: PersonName | None = None
    at: Instant | None = Field(None, description="Maintenant par défaut ; une fois ouverte, depuis l'ouverture")

    @model_validator(mode="after")
    def _one_person(self) -> "ArrivalIn":
        if (self.contact_id is None) == (self.name is None):
            raise ValueError("une personne de la structure ou un nom, l'un des deux")
        return self


class ConveningIn(Schema):
    """Les membres ont été convoqués."""

    convened_on: Day | None = Field(None, description="Aujourd'hui par défaut")
    proof: Text | None = Field(
        None, description="Comment, et ce qui le prouve ; exigé d'un jour passé", examples=["Courriel du 1er juin"]
    )


class CancellationIn(Schema):
    """L'assemblée n'aura pas lieu."""

    reason: Text


class OpeningIn(Schema):
    """L'assemblée s'ouvre."""

    waiver: Text | None = Field(None, description="Pourquoi l'on n'attend pas la fin du délai pour contester la liste")


class LeavingIn(Schema):
    """Une structure est partie."""

    at: Instant | None = Field(None, description="Maintenant par défaut")


class NamedVoteIn(Schema):
    """Le vote d'une structure, présente ou représentée."""

    member_id: UUID
    choice: Choice


class ResolutionVoteIn(Schema):
    """Le vote d'une résolution : les trois totaux à main levée, ou structure par structure."""

    votes_for: Votes | None = None
    votes_against: Votes | None = None
    abstentions: Votes | None = None
    named: Annotated[list[NamedVoteIn], Field(min_length=1, max_length=10_000)] | None = None
    reason: CorrectionReason = None

    @model_validator(mode="after")
    def _one_way(self) -> "ResolutionVoteIn":
        totals = (self.votes_for, self.votes_against, self.abstentions)
        if self.named is None:
            if None in totals:
                raise ValueError("les trois totaux, ou les votes par structure")
            return self
        if totals != (None, None, None):
            raise ValueError("des totaux ou des votes par structure, pas les deux")
        if len({vote.member_id for vote in self.named}) < len(self.named):
            raise ValueError("une structure vote deux fois")
        return self


class CandidateVotesIn(Schema):
    """Les voix d'un candidat."""

    member_id: UUID
    votes: Votes


class PollIn(Schema):
    """Le dépouillement d'une élection à bulletins secrets : ce que les scrutateurs ont compté."""

    cast: Votes = Field(description="Voix dans l'urne, blanches et nulles comprises")
    blank: Votes = 0
    void: Votes = 0
    candidates: Annotated[list[CandidateVotesIn], Field(max_length=200)]
    reason: CorrectionReason = None

    @model_validator(mode="after")
    def _each_once(self) -> "PollIn":
        if len({one.member_id for one in self.candidates}) < len(self.candidates):
            raise ValueError("un candidat figure deux fois")
        return self


class ItemWithdrawalIn(Schema):
    """Un point est retiré de l'ordre du jour, en séance."""

    reason: Text


class CandidateOut(Schema):
    """Une candidature ; les voix, une fois l'élection dépouillée."""

    member_id: UUID
    member_name: str
    contact_id: UUID
    person: str | None
    votes: int | None
    elected: bool
    reservation: str | None = Field(description="Ce dont elle dépend encore, ou pourquoi elle ne compte pas")


class HeadcountOut(Schema):
    """La salle en chiffres : structures et voix, rapportées à la liste électorale."""

    structures: int = Field(description="Structures présentes")
    represented_structures: int
    present: int = Field(description="Voix présentes")
    represented: int = Field(description="Voix représentées")
    votes: int
    enrolled_structures: int = Field(description="Structures inscrites et qui votent")
    enrolled: int = Field(description="Voix inscrites")
    needed: int = Field(description="Voix que le quorum demande ; 0 à la seconde convocation")
    reached: bool


class ElectorsOut(Schema):
    """Celles de la salle qui élisent à ces sièges, par pouvoir aussi, rapportées à la liste électorale."""

    structures: int
    votes: int
    enrolled_structures: int
    enrolled: int


class NamedVoteOut(NamedVoteIn):
    """Le vote d'une structure, avec son nom et ses voix."""

    name: str
    votes: int


class ReplacedResultOut(Schema):
    """Ce qui fut consigné d'abord, et pourquoi on l'a corrigé."""

    explanation: str
    replaced_at: AwareDatetime
    reason: str


class ItemResultOut(Schema):
    """Ce qu'il est advenu d'un point, avec la salle au moment du vote."""

    explanation: str
    adopted: bool | None = Field(description="Pour une résolution")
    votes_for: int | None
    votes_against: int | None
    abstentions: int | None
    named: list[NamedVoteOut] = Field(description="Vide quand le vote fut à main levée")
    cast: int | None = Field(description="Suffrages exprimés d'une résolution, voix dans l'urne d'une élection")
    blank: int | None
    void: int | None
    vacant: int | None = Field(description="Sièges restés à pourvoir")
    withdrawn: str | None
    room: HeadcountOut = Field(description="Toute la salle : c'est elle qui fait le quorum")
    electors: ElectorsOut | None = Field(description="Pour une élection")
    replaced: list[ReplacedResultOut] = Field(description="Ce qui fut consigné avant, et corrigé")


class ItemOut(Schema):
    """Un point de l'ordre du jour."""

    id: UUID
    kind: ItemKind
    kind_label: str
    title: str
    text: str | None
    majority: str | None = Field(description="En clair")
    scope: SeatScope | None
    scope_code: str | None
    scope_name: str | None
    seats: int | None
    candidates: list[CandidateOut]
    result: ItemResultOut | None
    without_quorum: bool = Field(description="L'assemblée s'est close sans le mettre aux voix, faute de quorum")


class AssemblyLine(Schema):
    """Une assemblée générale, dans une liste."""

    id: UUID
    kind: AssemblyKind
    kind_label: str
    title: str
    held_on: date
    place: str
    status: AssemblyStatus
    status_label: str
    second_of: UUID | None
    quorum_failed: bool = Field(description="Close sur des points non votés : une seconde convocation est possible")
    convened_on: date | None
    convened_by: str | None = Field(description="Comment les membres furent convoqués, et ce qui le prouve")
    cancelled: str | None = Field(description="Pourquoi elle est annulée")
    roll_day: date | None = Field(description="Le jour dont la liste électorale vaut, fixé à la convocation")
    version: int


class TakenBackOut(Schema):
    """Une candidature retirée, ou un pouvoir révoqué : par qui, quand et pourquoi."""

    kind: Literal["candidacy", "proxy"]
    member_id: UUID = Field(description="La structure candidate, ou qui avait donné pouvoir")
    member_name: str
    item_id: UUID | None = Field(description="L'élection ; absente pour un pouvoir")
    holder_id: UUID | None = Field(description="Qui tenait le pouvoir ; absent pour une candidature")
    given_at: AwareDatetime
    given_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    withdrawn_at: AwareDatetime
    withdrawn_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    reason: str | None = Field(description="Absente si la structure l'a fait elle-même sans le dire")


class ConvocationCountOut(Schema):
    """Combien de structures qui votent sont convoquées, dont après le dernier jour (`late`), et combien restent."""

    enrolled: int
    convened: int
    sending: int
    elsewhere: int = Field(description="Convoquées ailleurs, d'après la preuve : membres ce jour-là, rien envoyé d'ici")
    to_send: int
    unreached: int = Field(description="Qu'aucun courriel n'atteint")
    failed: int = Field(description="De celles qui restent : un envoi est parti, et n'est pas parvenu")
    first_on: date | None
    last_on: date | None
    late: int
    late_reasons: list[str]
    unexplained: int = Field(description="De celles d'après le dernier jour : sans raison consignée")
    last_day: date


class AssemblyOut(AssemblyLine):
    """Une assemblée générale : son ordre du jour, la salle, les résultats, les mandats."""

    roll_id: UUID | None = Field(description="La liste figée : celle qui servira, puis celle qui a servi")
    agenda: list[ItemOut]
    room: HeadcountOut | None = Field(description="Absente avant qu'une liste soit figée")
    opened_at: AwareDatetime | None
    convocations: ConvocationCountOut | None = Field(description="Une fois convoquée, pour qui conduit l'assemblée")
    waiver: str | None = Field(description="Pourquoi l'on n'a pas attendu la fin du délai pour contester la liste")
    opening: HeadcountOut | None = Field(description="La salle à l'ouverture")
    mandates: list[BoardMandateOut] = Field(description="Les mandats qui en sont issus")
    withdrawals: list[TakenBackOut] = Field(description="Ce qui fut repris, pour qui conduit l'assemblée")
    most_proxies: int
    rule_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    rule_source: str
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class StayOut(Schema):
    """Une présence, de l'arrivée au départ."""

    person: str | None = Field(description="Qui la représentait, pour qui conduit l'assemblée")
    arrived_at: AwareDatetime
    left_at: AwareDatetime | None


class ParticipantOut(Schema):
    """Une structure dans l'assemblée : présente, représentée, ou dont le pouvoir ne compte pas."""

    member_id: UUID
    name: str
    votes: int
    present: bool
    stays: list[StayOut] = Field(description="Chaque venue")
    proxy_to: UUID | None = Field(description="La structure à qui elle a donné pouvoir")
    proxy_to_name: str | None
    proxy_given_at: AwareDatetime | None
    proxy_lapsed: str | None = Field(description="Pourquoi son pouvoir ne compte pas")
    holds: int = Field(description="Pouvoirs qu'elle tient ; une fois l'assemblée ouverte, ceux qui comptent")
    held_from: list[str] = Field(description="Les structures qui lui ont donné pouvoir")


class AssemblyListParams(PageParams):
    """The assemblies: filters and page."""

    status: list[AssemblyStatus] = Field(default_factory=list, description="États")
    kind: AssemblyKind | None = Field(None, description="La nature")
    year: Annotated[int | None, Field(ge=2000, le=2100, description="L'année")] = None


class VoterOut(Schema):
    """Une structure qui vote à l'assemblée, et à qui l'on peut donner pouvoir."""

    member_id: UUID
    name: str


class VoterListParams(PageParams):
    """Who votes at an assembly: filter and page."""

    q: Annotated[str | None, Field(max_length=100, description="Dans le nom, sans casse ni accents")] = None


class ParticipantListParams(PageParams):
    """Who is in an assembly: filters and page."""

    present: bool | None = Field(None, description="Présents, ou non")
