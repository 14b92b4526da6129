"""As many programmes as it takes, put straight into the catalogue: texts of the length of real sheets."""

import random
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg

from common.testing.harness import ServiceUnderTest

_KNOWN = """
    accompagnement salarie parcours insertion entretien tuteur encadrant objectif evaluation bilan budget tresorerie
    gestion paie recrutement integration management equipe conflit delegation strategie gouvernance association
    juridique contrat convention qualite securite prevention handicap numerique communication vente partenariat
    territoire emploi formation competence pedagogie animation reunion projet financement subvention cooperation
""".split()  # noqa: SIM905  # one list of words, as one reads them
_SYLLABLES = ("ba", "co", "di", "fu", "gra", "lo", "mi", "ner", "pou", "qua", "ri", "so", "tra", "vo")
_WORDS = [*_KNOWN, *("".join(parts) for parts in product(_SYLLABLES, repeat=3))]
_WEIGHTS = [40] * len(_KNOWN) + [1] * (len(_WORDS) - len(_KNOWN))
_THEMES, _MODES = ("support", "hr", "finance", "strategy", "legal"), (["on_site"], ["remote"], ["on_site", "remote"])
_ENTRY = """
    INSERT INTO catalogue_entry (programme_id, code, kind, number, published_on, title, title_key, theme, modes,
        certifying, hours, price, member_price, parts, words)
    VALUES ($1, $2, 'programme', 1, $3, $4::text, $4::text, $5, $6, $7, $8, $9, $9, '{}',
        setweight(to_tsvector('french', $4::text), 'A') || setweight(to_tsvector('french', $10::text), 'B')
        || setweight(to_tsvector('french', $11::text), 'C'))
"""
_PROGRAMME = """
    INSERT INTO programme (id, code, kind, status, current, title, version, created_at, created_by, changed_at,
        changed_by)
    VALUES ($1, $2, 'programme', 'on_sale', 1, $3, 1, now(), 'essai', now(), 'essai')
"""


async def fill(training: ServiceUnderTest, count: int) -> None:
    """Put programmes in the catalogue, the same each time."""
    chance = random.Random(59)
    entries = [_entry(chance, rank) for rank in range(count)]
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        await connection.executemany(_PROGRAMME, [(entry[0], entry[1], entry[3]) for entry in entries])
        await connection.executemany(_ENTRY, entries)
        await connection.executemany("INSERT INTO catalogue_word VALUES ($1)", [(word,) for word in _WORDS])
        await connection.execute("VACUUM ANALYZE catalogue_entry, catalogue_word")
    finally:
        await connection.close()


def _entry(chance: random.Random, rank: int) -> tuple[Any, ...]:
    return (
        UUID(int=rank + 1),
        f"T-{rank}",
        date(2026, 1 + rank % 12, 1),
        _text(chance, 5),
        chance.choice(_THEMES),
        chance.choice(_MODES),
        rank % 7 == 0,
        chance.randint(1, 70),
        chance.randint(100, 3_000),
        _text(chance, 40),
        _text(chance, 150),
    )


def _text(chance: random.Random, length: int) -> str:
    return " ".join(chance.choices(_WORDS, _WEIGHTS, k=length))
