"""What several services tell of what gathers people: a training session, a webinar, a visit, a meeting of a pole.

One shape for all, so that an agenda is made of them without knowing any of them. Written by its first reader.
"""

from pydantic import AwareDatetime, Field

from common.events import Fact, State


class GatheringState(State):
    """Un rendez-vous après le fait. Ni personne physique, ni lien de visioconférence."""

    title: str = Field(examples=["Conduire un entretien professionnel"])
    kind: str = Field(
        description="Ce que c'est ; un code inconnu se montre tel quel",
        examples=["training_session", "webinar", "visit", "pole_meeting"],
    )
    starts_at: AwareDatetime = Field(examples=["2026-12-01T12:00:00Z"])
    ends_at: AwareDatetime | None = Field(
        description="null : personne n'a dit jusqu'à quand", examples=["2026-12-01T20:00:00Z"]
    )
    all_day: bool = Field(
        False,
        description="Des jours entiers, ceux de starts_at à ends_at au lieu dit, quelles que soient leurs heures",
    )
    zone: str = Field(description="Fuseau IANA du lieu, où l'heure se lit", examples=["America/Cayenne"])
    mode: str = Field(description="on_site, remote, mixed", examples=["on_site"])
    venue: str | None = Field(
        description="Nom du lieu, jamais une adresse privée", examples=["Maison des associations"]
    )
    city: str | None = Field(examples=["Cayenne"])
    department: str | None = Field(examples=["973"])
    delegation: str | None = Field(description="Absente : pour tout le pays", examples=["guyane"])
    audience: str = Field(
        description="public : tout le monde ; members : les adhérentes, de sa délégation s'il en a une ; participants :"
        " celles qui y sont inscrites. Un autre se lit participants",
        examples=["members"],
    )
    status: str = Field(
        description="scheduled : annoncé, reste à confirmer ; confirmed ; moved : changé, et ferme ; cancelled."
        " Un autre se lit confirmed",
        examples=["confirmed"],
    )
    reason_code: str | None = Field(
        None,
        description="Pourquoi il est annulé, sans texte libre : weather, too_few, speaker, venue, postponed, other."
        " Un autre se montre tel quel",
        examples=[None],
    )
    url: str | None = Field(description="Page publique, en https", examples=["https://www.coorace.example/sessions/1"])


class GatheringFact(Fact):
    """Un fait d'un rendez-vous."""

    state: GatheringState
