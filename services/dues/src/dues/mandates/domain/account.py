"""The account that is debited, and the reference of a mandate: what is checked before either is kept."""

import re
from dataclasses import dataclass

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from dues.mandates.domain.refusals import BicInvalid, IbanInvalid, IbanOutsideSepa, RumInvalid

JOURNAL = "RUM"
"""The series of the references that we give: ``RUM-2026-00042``."""
_OURS = re.compile(rf"{JOURNAL}-\d{{4}}-\d+")
_REFERENCE = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,35}")


@dataclass(frozen=True, slots=True)
class Account:
    """An account within SEPA, written without spaces, and whose it is. ``bic`` is its bank, where that is known."""

    holder: str
    iban: str
    bic: str | None = None


def read_account(holder: str, iban: str, bic: str | None) -> Account:
    """Check an account as a person typed it; its bank is the one given, or else the one its number tells.

    The national key is checked too, and the countries of SEPA are those of the SWIFT register that schwifty carries.
    Raises IbanInvalid, IbanOutsideSepa, BicInvalid.
    """
    try:
        read = IBAN(iban, validate_bban=True)
    except SchwiftyException:
        raise IbanInvalid("Cet IBAN est faux : vérifiez-le, chiffre par chiffre, sur le RIB.") from None
    if not read.in_sepa_zone:
        raise IbanOutsideSepa(
            "Cet IBAN est d'un pays hors de l'espace SEPA : il n'y passe ni prélèvement ni virement SEPA."
        )
    if bic is None:
        return Account(holder, str(read), str(read.bic) if read.bic else None)
    return Account(holder, str(read), _bank(bic))


def masked(iban: str) -> str:
    """Write an account so that its holder knows it again and nobody else learns it.

    >>> masked("FR7600000000000000000000097")
    'FR76 **** **** 097'
    """
    return f"{iban[:4]} **** **** {iban[-3:]}"


def require_reference(rum: str) -> None:
    """Let a reference given elsewhere be taken over only as banks carry it (EPC: no slash at its ends, none doubled).

    Raises RumInvalid.
    """
    if not _REFERENCE.fullmatch(rum) or rum != rum.strip() or rum[0] == "/" or rum[-1] == "/" or "//" in rum:
        raise RumInvalid(
            "Une référence unique de mandat fait 35 caractères au plus : lettres sans accent, chiffres, espace et"
            " / - ? : ( ) . , ' +, sans barre à ses bouts ni deux barres de suite."
        )
    if _OURS.fullmatch(rum):
        raise RumInvalid(f"Une référence de la forme {JOURNAL}-AAAA-NNNNN est donnée par la fédération, à son tour.")


def _bank(bic: str) -> str:
    try:
        return str(BIC(bic))
    except SchwiftyException:
        raise BicInvalid("Ce BIC n'en est pas un : il a huit ou onze caractères, et se lit sur le RIB.") from None
