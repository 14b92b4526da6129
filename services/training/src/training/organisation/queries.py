"""Reads the training body from its TOML file, and what its papers say of it on a day."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from common.blockers import BlockerOut
from common.entity_files import load_identity, refuse
from common.shipped_data import shipped
from common.wording import write_day
from training.organisation.domain import (
    InternalRulesMissing,
    Mention,
    MentionUse,
    Organisation,
    Wording,
    lacks,
    mentions_on,
)
from training.organisation.schemas import (
    CategoryOut,
    CertificationOut,
    InternalRulesOut,
    MentionOut,
    OrganisationOut,
    PostalAddressOut,
    RegistrationOut,
)

DEMO_ORGANISATION = Path(__file__).parent / "data" / "demo-organisation.toml"

_ORGANISATION: Final = TypeAdapter(Organisation)


def load_organisation(path: Path) -> Organisation:
    """Return the training body that a file describes. Raises ``ValueError`` on a false identifier."""
    organisation = load_identity(path, _ORGANISATION.validate_python)
    known = organisation.registration
    refuse(
        path,
        "a number of registration, of eleven digits",
        known and known.number,
        unless=known is None or known.is_well_formed,
    )
    return organisation


@cache
def wordings() -> tuple[Wording, ...]:
    """Return how mentions are worded, as shipped with the service."""
    rules = shipped("training.organisation", "mentions.toml")["rules"]
    return tuple(Wording(**{**rule, "use": MentionUse(rule["use"])}) for rule in rules)


def mention(organisation: Organisation, use: MentionUse, day: date) -> str:
    """Return what a paper of this use prints of the training body on a day; nothing where it has nothing to say."""
    return next((one.text for one in mentions_on(organisation, wordings(), day) if one.use is use), "")


def show(organisation: Organisation, day: date) -> OrganisationOut:
    """Return what anybody may read of the training body on a day: never its account."""
    known, certified, rules = organisation.registration, organisation.certified_on(day), organisation.rules_on(day)
    return OrganisationOut(
        name=organisation.name,
        legal_form=organisation.legal_form,
        address=PostalAddressOut.model_validate(organisation.address),
        siren=organisation.siren,
        siret=organisation.siret,
        vat_number=organisation.vat_number,
        email=organisation.email,
        phone=organisation.phone,
        disability_referent=organisation.disability_referent,
        registration=RegistrationOut.model_validate(known) if known else None,
        certification=CertificationOut(
            categories=[CategoryOut(code=one, label=one.label) for one in certified.categories], until=certified.until
        )
        if certified
        else None,
        mentions=[_mention_out(one) for one in mentions_on(organisation, wordings(), day)],
        internal_rules_since=rules.since if rules else None,
        missing=[BlockerOut(code=one.code, message=one.message) for one in lacks(organisation, day)],
        demonstration=organisation.demonstration,
    )


def find_internal_rules(organisation: Organisation, day: date) -> InternalRulesOut:
    """Return the internal rules that hold on a day. Raises InternalRulesMissing."""
    found = organisation.rules_on(day)
    if found is None:
        raise InternalRulesMissing(f"Aucun règlement intérieur n'est renseigné pour le {write_day(day)}.")
    return InternalRulesOut(since=found.since, text=found.text)


def _mention_out(one: Mention) -> MentionOut:
    return MentionOut(use=one.use, use_label=one.use.label, text=one.text, status=one.status, source=one.source)
