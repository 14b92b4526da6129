"""API shapes of the training body."""

from datetime import date

from pydantic import Field

from common.blockers import BlockerOut
from common.types import Schema
from training.organisation.domain import ActionCategory, MentionUse


class PostalAddressOut(Schema):
    """Son adresse. `street` peut avoir plusieurs lignes."""

    street: str
    postcode: str
    city: str
    country: str


class RegistrationOut(Schema):
    """Sa déclaration d'activité : le numéro, et ce qui suit « préfet de région »."""

    number: str
    of_region: str


class CategoryOut(Schema):
    """Une catégorie d'actions."""

    code: ActionCategory
    label: str


class CertificationOut(Schema):
    """Son certificat Qualiopi : pour quelles actions, et son dernier jour."""

    categories: list[CategoryOut]
    until: date


class MentionOut(Schema):
    """Ce qui s'imprime de lui, où, et le texte qui le demande."""

    use: MentionUse
    use_label: str
    text: str
    status: str = Field(description="published : un texte le dit ; assumed : notre lecture, à confirmer")
    source: str


class OrganisationOut(Schema):
    """L'organisme de formation, tel que ses papiers le nomment aujourd'hui."""

    name: str
    legal_form: str
    address: PostalAddressOut
    siren: str
    siret: str | None
    vat_number: str | None
    email: str
    phone: str | None
    disability_referent: str | None = Field(description="Adresse du service ; jamais une personne")
    registration: RegistrationOut | None = Field(description="Absent : aucun numéro n'est renseigné")
    certification: CertificationOut | None = Field(description="Absent : aucune ne vaut ce jour")
    mentions: list[MentionOut]
    internal_rules_since: date | None = Field(description="Absent : aucun règlement intérieur n'est renseigné")
    missing: list[BlockerOut] = Field(description="Ce qui n'est pas renseigné de lui")
    demonstration: bool = Field(description="Organisme fictif, refusé en production")


class InternalRulesOut(Schema):
    """Le règlement intérieur, et le jour depuis lequel il vaut."""

    since: date
    text: str
