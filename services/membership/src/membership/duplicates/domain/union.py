"""What a structure is once its two records are one: field by field, which record's value is kept."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from common.labels import Labelled
from common.wording import counted
from membership.members.domain import Member, agree, belongs, printed_activities, pursue


class FieldName(Labelled):
    """What of a structure one record may say otherwise than the other."""

    NAME = "name", "nom"
    IDENTIFIERS = "identifiers", "SIREN et SIRET"
    ADDRESS = "address", "adresse"
    CATEGORY = "category", "catégorie d'adhérent"
    DELEGATION = "delegation", "délégation imposée"
    MAIN_ACTIVITY = "main_activity", "activité principale"
    ACTIVITIES = "activities", "activités et conventions"
    GROUPS = "groups", "groupes"
    CORRESPONDENCE = "correspondence", "adresses de correspondance"
    RENEWED_YEARS = "renewed_years", "années renouvelées"


CHOOSABLE = frozenset(
    {
        FieldName.NAME,
        FieldName.IDENTIFIERS,
        FieldName.ADDRESS,
        FieldName.CATEGORY,
        FieldName.DELEGATION,
        FieldName.MAIN_ACTIVITY,
    }
)
"""Of which one value is kept. Of the others, what both have is put together."""


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field, as each record says it and as the structure will have it; written as a person reads it."""

    field: FieldName
    of_stays: str | None
    of_goes: str | None
    becomes: str | None

    @property
    def differs(self) -> bool:
        """Whether the two records say two things."""
        return self.of_stays is not None and self.of_goes is not None and self.of_stays != self.of_goes


def default_choice(stays: Member, goes: Member) -> frozenset[FieldName]:
    """Return the fields that are taken from the record that goes: what the one that stays does not say.

    An address is taken as a whole, and only for one that is not whole. Assumed: no source gives a rule.
    """
    lacking = {
        FieldName.IDENTIFIERS: stays.siret is None and bool(goes.siret or goes.siren) and _agrees(stays, goes),
        FieldName.ADDRESS: _is_whole(goes) and not _is_whole(stays),
        FieldName.DELEGATION: stays.imposed_delegation is None and goes.imposed_delegation is not None,
        FieldName.MAIN_ACTIVITY: stays.chosen_main is None and goes.chosen_main is not None,
    }
    return frozenset(field for field, is_lacking in lacking.items() if is_lacking)


def united(stays: Member, goes: Member, taken: Collection[FieldName]) -> Member:
    """Return the structure as its two records together say it is; a field is taken only where ``goes`` says something.

    Where it stands is what ``stays`` says.
    """
    became = stays
    for kind in goes.activities:
        became = became if kind in became.activities else pursue(became, kind, main=False)
        if kind not in became.conventions:
            became = agree(became, kind, goes.conventions.get(kind))
    became = replace(
        became,
        groups=(stays.groups | goes.groups) - {stays.id, goes.id},
        correspondence={**goes.correspondence, **stays.correspondence},
        renewed_years=tuple(sorted({*stays.renewed_years, *goes.renewed_years}))
        if belongs(stays) and belongs(goes)
        else stays.renewed_years,
    )
    for field in (field for field in FieldName if field in taken and _WRITTEN[field](goes) is not None):
        became = _TAKEN[field](became, goes)
    return became


def field_lines(stays: Member, goes: Member, became: Member) -> list[FieldLine]:
    """Write a merge field by field."""
    return [FieldLine(field, write(stays), write(goes), write(became)) for field, write in _WRITTEN.items()]


def _agrees(stays: Member, goes: Member) -> bool:
    return stays.siren is None or stays.siren == goes.siren


def _is_whole(member: Member) -> bool:
    return bool(member.street and member.postcode and member.city)


def _main(became: Member, goes: Member) -> Member:
    return pursue(became, goes.main_activity, main=True) if goes.main_activity else became


def _address(became: Member, goes: Member) -> Member:
    return replace(
        became,
        street=goes.street,
        postcode=goes.postcode,
        city=goes.city,
        department=goes.department,
        covering_delegation=goes.covering_delegation,
    )


_TAKEN: dict[FieldName, Callable[[Member, Member], Member]] = {
    FieldName.NAME: lambda became, goes: replace(became, name=goes.name),
    FieldName.IDENTIFIERS: lambda became, goes: replace(became, siren=goes.siren, siret=goes.siret),
    FieldName.ADDRESS: _address,
    FieldName.CATEGORY: lambda became, goes: replace(became, category=goes.category),
    FieldName.DELEGATION: lambda became, goes: replace(became, imposed_delegation=goes.imposed_delegation),
    FieldName.MAIN_ACTIVITY: _main,
}

_WRITTEN: dict[FieldName, Callable[[Member], str | None]] = {
    FieldName.NAME: lambda member: member.name,
    FieldName.IDENTIFIERS: lambda member: member.siret or member.siren,
    FieldName.ADDRESS: lambda member: (
        ", ".join(filter(None, (member.street, member.postcode, member.city, member.department))) or None
    ),
    FieldName.CATEGORY: lambda member: member.category.label,
    FieldName.DELEGATION: lambda member: member.imposed_delegation,
    FieldName.MAIN_ACTIVITY: lambda member: member.main_activity.label if member.main_activity else None,
    FieldName.ACTIVITIES: lambda member: _activities(member) or None,
    FieldName.GROUPS: lambda member: f"{counted(len(member.groups), 'groupe')}" if member.groups else None,
    FieldName.CORRESPONDENCE: lambda member: (
        ", ".join(sorted(purpose.label for purpose in member.correspondence)) or None
    ),
    FieldName.RENEWED_YEARS: lambda member: ", ".join(map(str, member.renewed_years)) or None,
}


def _activities(member: Member) -> str:
    return ", ".join(
        f"{printed_activities([kind])} {member.conventions[kind].number}"
        if kind in member.conventions
        else printed_activities([kind])
        for kind in member.activities
    )
