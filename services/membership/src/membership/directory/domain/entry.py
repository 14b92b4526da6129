"""The public directory: what each structure says of itself there, and its consent, field by field.

Nothing of a field is public without a consent in force, the register's own fields included. Consents are kept as they
were given and as they ended: none is overwritten.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound, Refusal
from common.labels import Labelled
from membership.members.domain import MemberStatus, normalise


class DirectoryField(Labelled):
    """What can be public of a structure. The first six are read in the register, the others are filled in."""

    LISTED = "listed", "présence dans l'annuaire, et nom"
    CITY = "city", "commune"
    DEPARTMENT = "department", "département"
    KINDS = "kinds", "types d'activité"
    DELEGATION = "delegation", "délégation"
    LABELS = "labels", "labels et certifications"
    PRESENTATION = "presentation", "présentation"
    OFFERS = "offers", "ce qu'elle vend"
    SECTORS = "sectors", "secteurs"
    TERRITORY = "territory", "départements servis"
    WEBSITE = "website", "site"
    PHONE = "phone", "téléphone"
    EMAIL = "email", "courriel"
    PURCHASING = "purchasing", "contact des acheteurs et grands comptes"


FILLED_IN = (
    DirectoryField.PRESENTATION,
    DirectoryField.OFFERS,
    DirectoryField.SECTORS,
    DirectoryField.TERRITORY,
    DirectoryField.WEBSITE,
    DirectoryField.PHONE,
    DirectoryField.EMAIL,
    DirectoryField.PURCHASING,
)
"""The fields that somebody fills in, in the order in which they are asked for."""


class ConsentEnding(Labelled):
    """How a consent ended."""

    WITHDRAWN = "withdrawn", "retiré"
    CHANGED = "changed", "champ modifié par une autre que la structure"
    UNMERGED = "unmerged", "réunion d'un doublon annulée"


class DirectoryEntryNotFound(NotFound):
    """No such structure in the public directory, or not any more."""

    code = "directory_entry_not_found"


class SectorUnknown(Invalid):
    """The sector is none of the list."""

    code = "sector_unknown"


class DepartmentUnknown(Invalid):
    """No department of France has this code."""

    code = "department_unknown"


class SignedBeforeTheEnd(Conflict):
    """What was signed before a consent ended does not bring it back."""

    code = "consent_signed_before_the_end"


class SignedInFuture(Invalid):
    """A written consent was signed today or before."""

    code = "consent_signed_in_future"


class NotShown(Conflict):
    """The public does not see this structure now."""

    code = "directory_entry_not_shown"


class DirectoryTooLarge(Invalid):
    """An export of the public directory has a bound: anybody may ask for one."""

    code = "directory_export_too_large"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing a structure sells, in the sector where it does."""

    sector: str
    title: str


@dataclass(frozen=True, slots=True)
class Purchasing:
    """Whom buyers and large accounts reach: a service or an office, never a person."""

    office: str
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in for the public, with or without consent."""

    presentation: str | None = None
    offers: tuple[Offer, ...] = ()
    sectors: tuple[str, ...] = ()
    territory: tuple[str, ...] = ()
    website: str | None = None
    phone: str | None = None
    email: str | None = None
    purchasing: Purchasing | None = None

    @property
    def fields(self) -> list[DirectoryField]:
        """The fields that hold something."""
        return [one for one in FILLED_IN if getattr(self, one.value)]


@dataclass(frozen=True, slots=True)
class Written:
    """A consent on paper, recorded for the structure: the day it was signed and where it is kept."""

    signed_on: date
    reference: str


@dataclass(frozen=True, slots=True)
class Ended:
    """When a consent ended, by whom and how."""

    at: datetime
    by: str
    ending: ConsentEnding


@dataclass(frozen=True, slots=True)
class Consent:
    """A structure's consent that one field be public. ``given_by`` is a token's subject, never a name."""

    id: UUID
    field: DirectoryField
    given_at: datetime
    given_by: str
    written: Written | None = None
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A structure's part in the directory. Version 0: nobody has filled or consented to anything yet."""

    member_id: UUID
    filled: Filled = Filled()
    consents: tuple[Consent, ...] = ()
    version: int = 0

    @property
    def consented(self) -> list[DirectoryField]:
        """The fields with a consent in force, in the order of the fields."""
        held = {consent.field for consent in self.consents if consent.ended is None}
        return [one for one in DirectoryField if one in held]


@dataclass(frozen=True, slots=True)
class Searched:
    """What the public may search a structure by, of what was filled in. Empty for one that is not listed."""

    sectors: tuple[str, ...] = ()
    territory: tuple[str, ...] = ()
    words: str = ""


def searched(entry: DirectoryEntry) -> Searched:
    """Return what may be searched: nothing without consent, for a match would tell it."""
    consented, filled = entry.consented, entry.filled
    if DirectoryField.LISTED not in consented:
        return Searched()
    sectors: list[str] = []
    words: list[str] = []
    if DirectoryField.SECTORS in consented:
        sectors += filled.sectors
    if DirectoryField.OFFERS in consented:
        sectors += [offer.sector for offer in filled.offers]
        words += [offer.title for offer in filled.offers]
    if DirectoryField.PRESENTATION in consented:
        words.append(filled.presentation or "")
    return Searched(
        sectors=tuple(dict.fromkeys(sectors)),
        territory=filled.territory if DirectoryField.TERRITORY in consented else (),
        words=normalise(" ".join(words)),
    )


def change(
    entry: DirectoryEntry, fields: Mapping[str, Any], *, by: str, at: datetime, by_itself: bool
) -> DirectoryEntry:
    """Change what is filled in.

    A consent is to what the structure has read: a field that another changed is not public until it consents again.
    """
    filled = replace(entry.filled, **fields)
    changed = {one for one in FILLED_IN if getattr(filled, one.value) != getattr(entry.filled, one.value)}
    if not changed:
        return entry
    ended = () if by_itself else changed
    consents = _ended(entry.consents, ended, Ended(at, by, ConsentEnding.CHANGED))
    return replace(entry, filled=filled, consents=consents, version=entry.version + 1)


def consent(entry: DirectoryEntry, given: Iterable[Consent]) -> DirectoryEntry:
    """Add consents; one to a field that has one in force changes nothing, that one stands."""
    in_force = entry.consented
    new = tuple(one for one in given if one.field not in in_force)
    return replace(entry, consents=(*entry.consents, *new), version=entry.version + 1) if new else entry


def withdraw(entry: DirectoryEntry, fields: Collection[DirectoryField], *, by: str, at: datetime) -> DirectoryEntry:
    """End the consents to some fields; to those that have none, nothing changes."""
    if not set(fields) & set(entry.consented):
        return entry
    consents = _ended(entry.consents, fields, Ended(at, by, ConsentEnding.WITHDRAWN))
    return replace(entry, consents=consents, version=entry.version + 1)


def handed_on(entry: DirectoryEntry, member_id: UUID, new_id: Callable[[], UUID]) -> DirectoryEntry:
    """Return a duplicate's entry as the one of the record that stays, with the consents in force, as they were given.

    What the duplicate has is left as it is.
    """
    consents = tuple(replace(one, id=new_id()) for one in entry.consents if one.ended is None)
    return replace(entry, member_id=member_id, consents=consents)


def taken_back(original: DirectoryEntry, later: DirectoryEntry) -> DirectoryEntry:
    """Return a duplicate's entry once its merge is undone: with the consents it had, less those withdrawn since."""
    withdrawn = {
        _given(one): one.ended for one in later.consents if one.ended and one.ended.ending is ConsentEnding.WITHDRAWN
    }
    consents = tuple(
        replace(one, ended=withdrawn[_given(one)]) if one.ended is None and _given(one) in withdrawn else one
        for one in original.consents
    )
    return (
        original
        if consents == original.consents
        else replace(original, consents=consents, version=original.version + 1)
    )


def left_over(original: DirectoryEntry, later: DirectoryEntry, *, by: str, at: datetime) -> DirectoryEntry | None:
    """Return what the record that stayed keeps of a handed on entry: what it changed itself, with its own consents.

    None where it has done nothing with it.
    """
    handed = {_given(one) for one in original.consents}
    if later.filled == original.filled and all(_given(one) in handed for one in later.consents):
        return None
    ended = Ended(at, by, ConsentEnding.UNMERGED)
    consents = tuple(
        replace(one, ended=ended) if one.ended is None and _given(one) in handed else one for one in later.consents
    )
    return replace(later, consents=consents, version=later.version + 1)


def _given(one: Consent) -> tuple[DirectoryField, datetime, str]:
    return one.field, one.given_at, one.given_by


def require_known(filled: Filled, sectors: Collection[str], departments: Collection[str]) -> None:
    """Let only sectors and departments of the lists be filled in. Raises SectorUnknown, DepartmentUnknown."""
    for code in (*filled.sectors, *(offer.sector for offer in filled.offers)):
        if code not in sectors:
            raise SectorUnknown(f"« {code} » n'est pas dans la liste des secteurs (GET /directory/sectors).")
    for code in filled.territory:
        if code not in departments:
            raise DepartmentUnknown(f"« {code} » n'est pas un département.")


def require_signed(written: Written, today: date) -> None:
    """Let only a consent be recorded that was signed. Raises SignedInFuture."""
    if written.signed_on > today:
        raise SignedInFuture(f"Un accord ne peut pas avoir été signé le {written.signed_on:%d/%m/%Y}.")


def require_signed_since(entry: DirectoryEntry, fields: Collection[DirectoryField], signed: datetime) -> None:
    """Let a paper speak for a field only if it was signed since the last consent to it ended.

    ``signed`` is the end of the day of signing. Raises SignedBeforeTheEnd.
    """
    later = [one.field for one in entry.consents if one.field in fields and one.ended and one.ended.at > signed]
    if later:
        raise SignedBeforeTheEnd(
            f"Depuis ce papier, l'accord a pris fin pour « {later[0].label} » : il en faut un signé ensuite."
        )


def not_shown(entry: DirectoryEntry, status: MemberStatus) -> Refusal | None:
    """Say why the public does not see a structure; None where it does."""
    if status is not MemberStatus.ACTIVE:
        return NotShown(f"Seule une structure adhérente paraît : celle-ci est {status.label}.")
    if DirectoryField.LISTED not in entry.consented:
        return NotShown("La structure n'a pas donné son accord pour paraître dans l'annuaire.")
    return None


def notices(filled: Filled) -> list[Blocker]:
    """Warn of what should be looked at before it is public; nothing is refused for it."""
    addresses = {
        DirectoryField.EMAIL: filled.email,
        DirectoryField.PURCHASING: filled.purchasing.email if filled.purchasing else None,
    }
    return [
        Blocker("address_looks_personal", f"{one.label.capitalize()} : « {address} » semble l'adresse d'une personne.")
        for one, address in addresses.items()
        if address and looks_personal(address)
    ]


_OF_AN_OFFICE = frozenset({
    "accueil", "achat", "achats", "administration", "agence", "atelier", "boutique", "bureau", "chantier", "commande",
    "commandes", "commercial", "commerciale", "communication", "comptabilite", "contact", "coordination", "devis",
    "direction", "espaces", "info", "infos", "marches", "mission", "production", "rh", "secretariat", "service",
    "services", "siege", "ventes",
})  # fmt: skip


def looks_personal(address: str) -> bool:
    """Tell whether an address is shaped like one person's: a name, or an initial, then a name.

    >>> looks_personal("camille.exemple@structure.example"), looks_personal("c.exemple@structure.example")
    (True, True)
    >>> looks_personal("contact.toulouse@structure.example"), looks_personal("accueil@structure.example")
    (False, False)
    """
    parts = normalise(address.partition("@")[0]).split()
    is_two_names = len(parts) == 2 and all(re.fullmatch(r"[a-z]+", part) for part in parts)  # a name of two
    return is_two_names and not _OF_AN_OFFICE & set(parts)


def _ended(consents: Iterable[Consent], fields: Collection[DirectoryField], ended: Ended) -> tuple[Consent, ...]:
    return tuple(replace(one, ended=ended) if one.ended is None and one.field in fields else one for one in consents)
