"""Fictitious structures, as many as wanted: for measures at the federation's size and beyond. No real name."""

import csv
import io
from collections.abc import Iterator

_HEADER = ("nom", "siren", "types", "adresse", "code_postal", "commune", "departement")
_PLACES = (("31000", "TOULOUSE", "31"), ("75011", "PARIS", "75"), ("69003", "LYON", "69"), ("35000", "RENNES", "35"),
           ("33000", "BORDEAUX", "33"), ("13001", "MARSEILLE", "13"), ("59000", "LILLE", "59"))  # fmt: skip
_KINDS = ("AI", "AI", "AI", "ACI", "ACI", "ETTI", "EI", "EBE", "GES", "AI/ACI")


def structures(count: int) -> Iterator[tuple[str, ...]]:
    """Yield rows of a member file; SIRENs start with 9 and pass their checksum.

    >>> next(structures(1))
    ('STRUCTURE FICTIVE 00001', '900000019', 'ACI', '1 rue des Exemples', '75011', 'PARIS', '75')
    """
    for rank in range(1, count + 1):
        postcode, city, department = _PLACES[rank % len(_PLACES)]
        kinds = _KINDS[rank * 3 % len(_KINDS)]
        street = f"{rank} rue des Exemples"
        yield f"STRUCTURE FICTIVE {rank:05d}", _siren(rank), kinds, street, postcode, city, department


def member_file(count: int) -> bytes:
    """Return a file of fictitious structures, as the import reads it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADER)
    writer.writerows(structures(count))
    return out.getvalue().encode()


def _siren(rank: int) -> str:
    """Complete a nine-digit number with its Luhn key."""
    body = f"9{rank:07d}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in body[-1::-2])
    key = -(doubled + sum(int(digit) for digit in body[-2::-2])) % 10
    return f"{body}{key}"
