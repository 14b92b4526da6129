"""Broken builds of the mechanism: each a small edit of its source, made as a process loads it.

A checker that has never turned red proves nothing. Every mutant takes away one protection, and `test_mutants.py` shows
that the checker sees what is then lost, doubled or out of order. An edit must find its text once.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType, ModuleType


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in the source of one module."""

    module: str
    old: str
    new: str

    def on(self, source: str) -> str:
        """Return the edited source. Raises ValueError when the text does not stand there exactly once."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.module} holds {source.count(self.old)} times: {self.old}")
        return source.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken build."""

    lacks: str
    """The protection taken away, for the report."""
    edits: tuple[Edit, ...]


_MARK_IGNORED = Edit(
    "common.ordering",
    'if sequence <= mark:\n        return "settled"',
    'if sequence <= mark:\n        return "next"',
)

MUTANTS = {
    "dedup-off": Mutant(
        "ni boîte de réception ni marque",
        (
            _MARK_IGNORED,
            Edit("common.inbox", "if event_id in new or event.envelope.dropped_through]", "]"),
        ),
    ),
    "mark-ignored": Mutant("pas de marque", (_MARK_IGNORED,)),
    "offset-before-commit": Mutant(
        "la position de lecture avant la base",
        (
            Edit(
                "common.consumer",
                "            if records and await self._settle(records, stop):\n"
                "                await self._commit(client, batches)\n",
                "            if records:\n"
                "                await self._commit(client, batches)\n"
                "                await self._settle(records, stop)\n",
            ),
        ),
    ),
    "skip-locked": Mutant(
        "SKIP LOCKED entre relais, au lieu des seaux",
        (
            Edit(
                "common.relay", "owned = await self._claim_buckets(connection, owned)", "owned = list(range(BUCKETS))"
            ),
            Edit(
                "common.relay",
                "ORDER BY o.id LIMIT $2\n",
                "ORDER BY o.id LIMIT least(10, $2) FOR UPDATE OF o SKIP LOCKED\n",
            ),
            Edit(
                "common.relay",
                "                sent = await self._cycle(connection, producer, destinations, owned)\n",
                "                async with connection.transaction():\n"
                "                    sent = await self._cycle(connection, producer, destinations, owned)\n",
            ),
            Edit(
                "common.relay",
                'failpoints.reached("relay.claimed")',
                "import random; await asyncio.sleep(random.random() / 4)",  # relays are not equally fast
            ),
        ),
    ),
    "id-cursor": Mutant(
        "un curseur sur l'identifiant, au lieu de ce qui reste à envoyer",
        (
            Edit("common.relay", "\nSELECT o.id, o.event_id", "\nWITH claimed AS (SELECT o.id, o.event_id"),
            Edit(
                "common.relay",
                "ORDER BY o.id LIMIT $2\n",
                "AND o.id > coalesce(nullif(current_setting('chaos.cursor', true), '')::bigint, 0)"
                " ORDER BY o.id LIMIT $2),\n"
                "moved AS (SELECT set_config('chaos.cursor', coalesce(max(id)::text,"
                " current_setting('chaos.cursor', true)), false) FROM claimed)\n"
                "SELECT claimed.* FROM claimed, moved ORDER BY claimed.id\n",
            ),
        ),
    ),
    "xid-cursor": Mutant(
        "l'ordre des transactions gardé par xmin, au lieu de l'ordre des verrous",
        (
            Edit(
                "common.relay",
                "ORDER BY o.id LIMIT $2\n",
                "AND o.xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                " ORDER BY o.xmin::text::bigint, o.id LIMIT $2\n",
            ),
        ),
    ),
    "event-before-lock": Mutant(
        "la place du fait est prise avant le verrou de l'agrégat (cas 13)",
        (
            Edit(
                "common.db",
                "            yield tx\n            await session.flush()\n",
                "            from sqlalchemy import text\n"
                "            import random\n"
                "            places = text(\"SELECT nextval(pg_get_serial_sequence('event_outbox', 'id'))\"\n"
                "                          ' FROM generate_series(1, 100)')\n"
                "            session.info['places'] = list((await session.execute(places)).scalars())\n"
                "            await asyncio.sleep(random.random() / 20)\n"  # the use case is not quick to lock
                "            yield tx\n            await session.flush()\n",
            ),
            Edit(
                "common.outbox",
                '"event_ids": [new_id()',
                '"ids": tx.session.info["places"][: len(tx.pending)], "event_ids": [new_id()',
            ),
            Edit("common.outbox", '" (event_id, topic', '" (id, event_id, topic'),
            Edit("common.outbox", '" SELECT event_id, topic', '" OVERRIDING SYSTEM VALUE SELECT id, event_id, topic'),
            Edit(
                "common.outbox",
                "unnest(CAST(:event_ids AS uuid[]),",
                "unnest(CAST(:ids AS bigint[]), CAST(:event_ids AS uuid[]),",
            ),
            Edit("common.outbox", "AS u (event_id, topic", "AS u (id, event_id, topic"),
        ),
    ),
    "successor-applied": Mutant(
        "ce qui suit un événement en échec passe",
        (
            Edit("common.ordering", 'return "behind"', 'return "next"'),
            Edit(
                "common.ordering",
                'return "next" if sequence <= max(mark, dropped_through) + 1 else "gap"',
                'return "next"',
            ),
        ),
    ),
    "ledger-before-acknowledgement": Mutant(
        "le registre avant l'accusé du courtier",
        (
            Edit(
                "common.relay",
                '        failpoints.reached("relay.claimed")\n',
                "        await archive.move(connection, [row.id for row in rows])\n"
                '        failpoints.reached("relay.claimed")\n',
            ),
        ),
    ),
    "two-writes": Mutant(
        "les faits après la validation de leurs effets",
        (
            Edit("common.db", "            await write_outbox(tx)\n", ""),
            Edit(
                "common.db",
                '            failpoints.reached("transaction.committed")\n',
                '            failpoints.reached("transaction.committed")\n'
                "            await write_outbox(tx)\n            await session.commit()\n",
            ),
        ),
    ),
}


def apply(name: str) -> None:
    """Let this process load the mechanism with a mutant's edits. Raises RuntimeError when it is loaded already."""
    edits = MUTANTS[name].edits
    loaded = {edit.module for edit in edits} & sys.modules.keys()
    if loaded:
        raise RuntimeError(f"{sorted(loaded)} cannot be broken any more")
    sys.meta_path.insert(0, _Finder(edits))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        edits = [edit for edit in self._edits if edit.module == fullname]
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target) if edits else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, edits)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(fullname, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path).decode()
        for edit in self._edits:
            source = edit.on(source)
        return compile(source, self.path, "exec", dont_inherit=True)
