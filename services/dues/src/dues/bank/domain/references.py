"""The numbers and references that texts hold, however payers and banks write them."""

import re

from stdnum import iso11649

from dues.collections.domain import JOURNAL as RUNS
from dues.invoices.domain import JOURNAL
from dues.transfers.domain import JOURNAL as BATCHES

_SPACING = re.compile(r"[\W_]+")
_REFERENCE = re.compile(rf"RF\d\d{JOURNAL}\d{{9}}")
_COLLECTION = re.compile(RUNS + r"[\W_]?(20\d\d)[\W_]?(\d{5})[\W_]?(\d{5})(?!\d)", re.IGNORECASE)
# Banks write "VIR 2026…" of any transfer: a batch is only named whole, in as many digits as it is printed.
_BATCH = re.compile(r"(?<![^\W_])" + BATCHES + r"[\W_]?(20\d\d)[\W_]?(\d{5})(?:[\W_]?(\d{2,3}))?(?!\d)", re.IGNORECASE)


def numbers_in(text: str | None, journal: str = JOURNAL) -> frozenset[str]:
    """Return the numbers of calls that a text names, however it is spaced and whatever zeros it lacks.

    Of another journal, the numbers of its documents.

    >>> sorted(numbers_in("cot 2026 42 et COT-2026-000 43")), sorted(numbers_in("PRV-2026-00007-RCUR", "PRV"))
    (['COT-2026-00042', 'COT-2026-00043'], ['PRV-2026-00007'])
    """
    if not text:
        return frozenset()
    tight = {(year, int(rank)) for year, rank in _written(journal, r"(20\d\d)(\d{5})", _SPACING.sub("", text))}
    loose = _written(journal, r"[\W_]{0,3}(20\d\d)[\W_]{0,3}(\d{1,6})(?!\d)", text)
    # "000 43" is read as 0 by who stops at the space: no document bears that number.
    return frozenset(f"{journal}-{year}-{rank:05d}" for year, rank in tight | {(y, int(r)) for y, r in loose} if rank)


def _written(journal: str, pattern: str, text: str) -> list[tuple[str, str]]:
    return re.findall(journal + pattern, text, re.IGNORECASE)


def referenced_in(text: str | None) -> frozenset[str]:
    """Return the numbers of calls whose structured references (ISO 11649) a text holds, whole and sound.

    >>> sorted(referenced_in("Cotisation RF93 COT2 0260 0042")), sorted(referenced_in("RF94COT202600042"))
    (['COT-2026-00042'], [])
    """
    found = _REFERENCE.findall(_SPACING.sub("", text or "").upper())
    return frozenset().union(*(numbers_in(reference[4:]) for reference in found if iso11649.is_valid(reference)))


def collections_in(text: str | None) -> frozenset[str]:
    """Return the collections that a text names, by the reference that the banks know them by.

    >>> sorted(collections_in("REJET PRV-2026-00007-00042")), sorted(collections_in("PRV-2026-00007-RCUR"))
    (['PRV-2026-00007-00042'], [])
    """
    return frozenset(f"{RUNS}-{'-'.join(parts)}" for parts in _COLLECTION.findall(text or ""))


def batches_in(text: str | None) -> frozenset[str]:
    """Return the batches of transfers that a text names, be it by one of their transfers.

    >>> sorted(batches_in("VIR-2026-00004-02")), sorted(batches_in("VIR 2026 4, VIR 20260315"))
    (['VIR-2026-00004'], [])
    """
    return frozenset(f"{BATCHES}-{year}-{rank}" for year, rank, _ in _BATCH.findall(text or ""))


def transfers_in(text: str | None) -> frozenset[str]:
    """Return the transfers that a text names, by the reference that the banks know them by.

    >>> sorted(transfers_in("RETOUR VIR-2026-00004-02")), sorted(transfers_in("VIR-2026-00004"))
    (['VIR-2026-00004-02'], [])
    """
    named = _BATCH.findall(text or "")
    return frozenset(f"{BATCHES}-{year}-{rank}-{line}" for year, rank, line in named if line)
