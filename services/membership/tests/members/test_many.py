"""More structures than a statement has parameters: an export of them is read all the same."""

from uuid import UUID

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.members.domain import Topic
from membership.members.queries.register import (
    allowed_on,
    applying_among,
    held_on,
    names_of,
    structures_of,
)
from membership.rights import Act

from .test_dates import TODAY, entered

MOST_PARAMETERS = 32_767


async def test_reads_about_more_structures_than_a_statement_has_parameters(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        paths = {name: await entered(client, name, postcode=code) for name, code in (("A", "31000"), ("B", "35000"))}
    found = {name: UUID(path.rpartition("/")[2]) for name, path in paths.items()}
    ids = [*found.values(), *(UUID(int=one) for one in range(MOST_PARAMETERS))]
    delegation = Actor("test", roles=frozenset({"delegation"}), delegation="occitanie")
    async with membership.runtime.database.reading(delegation) as read:
        assert await allowed_on(read, Act.READ_MEMBERS, ids) == {found["A"]}
        assert await applying_among(read, ids) == set(found.values())
        assert {one.name for one in (await structures_of(read, ids)).values()} == {"A", "B"}
        assert await names_of(read, ids) == {id_: name for name, id_ in found.items()}
        named = held_on(TODAY, Topic.NAME, [""], ids)
        assert {row.member_id for row in await read.session.execute(named.select())} == set(found.values())
