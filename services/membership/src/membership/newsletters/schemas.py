"""API shapes of newsletters."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, EmailStr, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import LongText, Schema, Text
from membership.newsletters.domain import ConfirmedBy, StoppedBy, SubscriptionState

Secret = Annotated[str, Field(min_length=20, max_length=100)]
Chosen = Annotated[list[UUID], Field(max_length=50)]


class PublicNewsletterOut(Schema):
    """Une lettre à laquelle on peut s'abonner."""

    id: UUID
    name: str
    description: str
    topic: str | None
    delegation: str | None = Field(description="null : lettre nationale")


class PublicNewsletterParams(PageParams):
    """Filters of the letters open to subscription."""

    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    topic: list[str] = Field(default_factory=list, max_length=20, description="Thèmes")
    national: bool | None = Field(None, description="Celles de la fédération, ou non")


class ConsentTextOut(Schema):
    """Ce à quoi consent une personne qui s'abonne."""

    version: str
    text: str
    confirm_days: int
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmé")
    source: str


class SubscribeIn(Schema):
    """S'abonner : une adresse, et les lettres voulues."""

    email: EmailStr = Field(examples=["accueil@structure.example"])
    newsletters: Annotated[list[UUID], Field(min_length=1, max_length=50)]


class SubscribeOut(Schema):
    """La même réponse, que l'adresse soit connue ou non."""

    message: str


class ConfirmIn(Schema):
    """Ce que porte le lien reçu par courriel, après le `#`."""

    token: Secret


class PreferenceOut(Schema):
    """Une lettre, et si cette adresse la reçoit."""

    newsletter: UUID
    name: str
    subscribed: bool


class PreferencesOut(Schema):
    """Les lettres que reçoit une adresse."""

    address: str = Field(description="Masquée", examples=["m…@exemple.fr"])
    key: str = Field(description="À garder : elle ouvre la page de préférences")
    items: list[PreferenceOut]


class PreferencesIn(Schema):
    """Les lettres que l'on veut recevoir désormais, et aucune autre."""

    newsletters: Chosen


class StoppedOut(Schema):
    """L'arrêt est fait."""

    message: str


class StopLinkOut(Schema):
    """Rien n'est arrêté : un lien suivi n'arrête rien."""

    stopped: Literal[False] = False
    message: str


class RefusedOut(Schema):
    """C'est noté : la même réponse, que la clé soit connue ou non."""

    message: str


class NewsletterIn(Schema):
    """Une lettre à ouvrir. Une délégation n'ouvre que les siennes."""

    name: Text = Field(examples=["La lettre des achats responsables"], max_length=120)
    description: Text
    topic: Text | None = Field(None, examples=["achats responsables"], max_length=60)
    delegation: str | None = Field(None, max_length=40, description="null : lettre nationale, au réseau seul")


class NewsletterOut(PublicNewsletterOut):
    """Une lettre, vue de qui l'envoie."""

    created_at: AwareDatetime
    closed_at: AwareDatetime | None
    pending: int
    confirmed: int
    ended: int
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class NewsletterListParams(PageParams):
    """Filters of the letters that one sends."""

    open: bool | None = Field(None, description="Ouvertes aux abonnements, ou non")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")


class IssueIn(Schema):
    """Un numéro, en texte simple."""

    title: Text = Field(max_length=150)
    text: Annotated[LongText, Field(min_length=1)]
    link: Annotated[str, Field(pattern=r"^https?://[^\s<>\"'\\]+$", max_length=300)] | None = None


class IssueOut(Schema):
    """Un numéro, et combien l'ont reçu."""

    id: UUID
    newsletter_id: UUID
    title: str
    text: str
    link: str | None
    created_at: AwareDatetime
    created_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    sent_at: AwareDatetime | None
    job_id: UUID | None = Field(description="Le travail qui l'envoie : avancement et reçu")
    posted: int
    recipients: int = Field(description="Combien le recevraient maintenant, ceux qui l'ont reçu exceptés")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SubscriberParams(Schema):
    """One address, in full: nobody looks through them."""

    email: EmailStr = Field(description="L'adresse exacte")


class SubscriptionOut(Schema):
    """Un abonnement et sa preuve."""

    newsletter: UUID
    name: str
    state: SubscriptionState
    asked_at: AwareDatetime
    text_version: str = Field(description="Version du texte auquel la personne a consenti")
    confirmed_at: AwareDatetime | None
    confirmed_by: ConfirmedBy | None
    stopped_at: AwareDatetime | None
    stopped_by: StoppedBy | None


class SubscriberOut(Schema):
    """Tout ce que l'on sait d'une adresse abonnée (RGPD, article 15)."""

    id: UUID
    address: str | None
    created_at: AwareDatetime
    erased_at: AwareDatetime | None
    subscriptions: list[SubscriptionOut]
    received: int = Field(description="Combien de numéros lui sont partis")
    allowed_actions: list[str]
