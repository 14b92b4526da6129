"""The training body: who it is, what it must print of its registration, what is not set yet. All of it is a setting.

Its number of registration goes on conventions, contracts and quotes as R6351-6 of the labour code words it, the very
first convention excepted; in advertising, a programme's sheet included, only as L6352-12 words it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from common.errors import NotFound
from common.labels import Labelled
from common.legal_entities import LegalIdentity
from common.wording import grouped

_NUMBER = re.compile(r"\d{11}")


class InternalRulesMissing(NotFound):
    """The training body has set no internal rules for this day."""

    code = "internal_rules_missing"


class ActionCategory(Labelled):
    """What a quality certificate is issued for (labour code, L6313-1)."""

    TRAINING = "training", "actions de formation"
    SKILLS_ASSESSMENT = "skills_assessment", "bilans de compétences"
    PRIOR_LEARNING = "prior_learning", "actions permettant de faire valider les acquis de l'expérience"
    APPRENTICESHIP = "apprenticeship", "actions de formation par apprentissage"


class MentionUse(Labelled):
    """Where a mention is printed."""

    CONTRACT = "contract", "conventions, contrats, devis et factures"
    ADVERTISING = "advertising", "publicité, fiches du catalogue comprises"
    CERTIFICATION = "certification", "présentation de l'organisme, jamais d'une formation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the prefect of the region gave back for the declaration of activity: eleven digits.

    ``of_region`` is what follows « préfet de région »: « d'Île-de-France ».
    """

    number: str
    of_region: str

    @property
    def is_well_formed(self) -> bool:
        """Whether the number has the eleven digits that it always has."""
        return _NUMBER.fullmatch(self.number) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification:
    """The quality certificate: what for, and its last day."""

    categories: tuple[ActionCategory, ...]
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalRules:
    """The rules that trainees are given, as they hold from a day on (labour code, L6352-3 and L6352-4)."""

    since: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(LegalIdentity):
    """The training body. ``disability_referent`` is the mail address of an office, never of a person."""

    phone: str | None = None
    disability_referent: str | None = None
    registration: Registration | None = None
    certification: Certification | None = None
    internal_rules: tuple[InternalRules, ...] = ()

    def certified_on(self, day: date) -> Certification | None:
        """Return the certificate, if it holds on a day."""
        held = self.certification
        return held if held is not None and day <= held.until else None

    def rules_on(self, day: date) -> InternalRules | None:
        """Return the internal rules of a day."""
        return max((one for one in self.internal_rules if one.since <= day), key=lambda one: one.since, default=None)

    @property
    def line(self) -> str:
        """Who it is, on one line, at the foot of a paper."""
        number = f"SIREN {grouped(self.siren, 3)}"
        if self.siret:
            number = f"SIRET {grouped(self.siren, 3)}\u00a0{self.siret.removeprefix(self.siren)}"
        return " · ".join((f"{self.name}, {self.legal_form}", ", ".join(self.address.lines), number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How a mention is worded from a day on: data, with its source."""

    use: MentionUse
    since: date
    text: str
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What is printed of the training body, and the text that asks for it."""

    use: MentionUse
    text: str
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is not set of the training body: a paper that needs it is not issued."""

    code: str
    message: str


def mentions_on(organisation: Organisation, wordings: Iterable[Wording], day: date) -> tuple[Mention, ...]:
    """Return what is printed of the training body on a day, a mention for each use of which it has something to say."""
    latest: dict[MentionUse, Wording] = {}
    for one in sorted(wordings, key=lambda wording: wording.since):
        if one.since <= day:
            latest[one.use] = one
    said = ((one, _write(one, organisation, day)) for one in latest.values())
    return tuple(Mention(use=one.use, text=text, status=one.status, source=one.source) for one, text in said if text)


def lacks(organisation: Organisation, day: date) -> Iterator[Lack]:
    """Tell what is not set of the training body, each with the text that asks for it."""
    if organisation.registration is None:
        yield Lack(
            code="registration_missing",
            message="Le numéro de déclaration d'activité n'est pas renseigné (code du travail, R6351-6).",
        )
    if organisation.certified_on(day) is None:
        yield Lack(
            code="certification_missing",
            message="Aucune certification qualité n'est renseignée pour ce jour (code du travail, L6316-1).",
        )
    if organisation.rules_on(day) is None:
        yield Lack(
            code="internal_rules_missing",
            message="Aucun règlement intérieur n'est renseigné pour ce jour (code du travail, L6352-3).",
        )


def _write(wording: Wording, organisation: Organisation, day: date) -> str:
    if wording.use is MentionUse.CERTIFICATION:
        held = organisation.certified_on(day)
        return wording.text.format(categories=", ".join(one.label for one in held.categories)) if held else ""
    known = organisation.registration
    return wording.text.format(number=known.number, of_region=known.of_region) if known else ""
