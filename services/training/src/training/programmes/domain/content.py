"""What a programme says of itself: plain values, that may be unusable for as long as they are being written.

The fields are those that the Qualiopi referential asks of a published sheet (décret 2019-565 and, from 1 November
2026, décret 2026-728, indicator 1), and the codes that the yearly report of activity counts by (Cerfa 10443*17).
"""

from dataclasses import dataclass
from decimal import Decimal

from common.labels import Labelled


class ProgrammeKind(Labelled):
    """What is sold under one code. A pack and a path are made of programmes."""

    PROGRAMME = "programme", "formation"
    PACK = "pack", "pack métier"
    PATH = "path", "parcours certifiant"


class Recognition(Labelled):
    """What one leaves with."""

    NONE = "none", "sans reconnaissance"
    ATTESTATION = "attestation", "attestation de fin de formation"
    RNCP = "rncp", "certification professionnelle (RNCP)"
    BLOCK = "block", "bloc de compétences d'une certification (RNCP)"
    RS = "rs", "certification du répertoire spécifique (RS)"

    @property
    def is_certifying(self) -> bool:
        """Whether it is registered at France compétences, and so bears a number."""
        return self in (Recognition.RNCP, Recognition.BLOCK, Recognition.RS)


class Mode(Labelled):
    """How it is taught."""

    ON_SITE = "on_site", "en présence"
    REMOTE = "remote", "à distance"
    MIXED = "mixed", "mixte"


class Funding(Labelled):
    """How it can be paid for, as the catalogue says it."""

    SKILLS_PLAN = "skills_plan", "plan de développement des compétences (OPCO)"
    GROUP_ACCOUNT = "group_account", "compte groupe du réseau"
    CPF = "cpf", "compte personnel de formation"
    JOB_SEEKERS = "job_seekers", "France Travail"
    OWN_FUNDS = "own_funds", "à la charge de la structure ou du stagiaire"


class Field(Labelled):
    """The fields of a programme, in the order of its sheet; the values are the names of the attributes."""

    TITLE = "title", "Titre"
    SUMMARY = "summary", "Présentation"
    THEME = "theme", "Thème"
    OBJECTIVES = "objectives", "Objectifs"
    PREREQUISITES = "prerequisites", "Prérequis"
    AUDIENCE = "audience", "Public"
    PARTS = "parts", "Composition"
    HOURS = "hours", "Durée en heures"
    DAYS = "days", "Durée en jours"
    MODES = "modes", "Modalités"
    METHODS = "methods", "Méthodes mobilisées"
    ASSESSMENT = "assessment", "Évaluation"
    RECOGNITION = "recognition", "Reconnaissance"
    RECOGNITION_NUMBER = "recognition_number", "Numéro de la certification"
    ON_REQUEST = "on_request", "Sur devis"
    MEMBER_PRICE = "member_price", "Prix adhérent"
    PRICE = "price", "Prix"
    FUNDING = "funding", "Financement"
    ACCESS_DAYS = "access_days", "Délai d'accès"
    DISABILITY_ACCESS = "disability_access", "Accès des personnes handicapées"
    CONTACT = "contact", "Contact"
    NSF_CODE = "nsf_code", "Spécialité (NSF)"
    TRAINEES_MIN = "trainees_min", "Stagiaires au moins"
    TRAINEES_MAX = "trainees_max", "Stagiaires au plus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom one asks: a service or an office, never a person."""

    office: str
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a programme says of itself, at one version or in its draft. Prices in euros, for one trainee."""

    title: str
    summary: str = ""
    theme: str | None = None
    objectives: tuple[str, ...] = ()
    prerequisites: str = ""
    audience: str = ""
    parts: tuple[str, ...] = ()
    hours: Decimal | None = None
    days: Decimal | None = None
    modes: tuple[Mode, ...] = ()
    methods: str = ""
    assessment: str = ""
    recognition: Recognition | None = None
    recognition_number: str | None = None
    on_request: bool = False
    member_price: Decimal | None = None
    price: Decimal | None = None
    funding: tuple[Funding, ...] = ()
    access_days: int | None = None
    disability_access: str = ""
    contact: Contact | None = None
    nsf_code: str | None = None
    trainees_min: int | None = None
    trainees_max: int | None = None

    @property
    def is_certifying(self) -> bool:
        """Whether it leads to something registered at France compétences."""
        return self.recognition is not None and self.recognition.is_certifying


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One programme of a pack or a path, at the version that was sold when the whole was published."""

    code: str
    number: int
    title: str
    hours: Decimal | None
    member_price: Decimal | None
    price: Decimal | None
