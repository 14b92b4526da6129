"""How far rights reach: what is another's changes nothing of what one reads of dues, and no act of one's reaches it.

Three structures, two of one delegation and one of another, are given the same things in turn. Each caller whose right
is bounded asks every route again each time: the answers stay, to the letter, in lists, sums, exports and papers.
"""

from pathlib import Path
from uuid import UUID

import pytest

from common.contracts.roles import Role
from common.testing.acknowledging import acknowledge
from common.testing.asking import Api, Ids, Operation, Reader, changed, rows_of_every_table, source_of
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from dues.app import service

from .furnishing import called, federation, furnish, one_furnished
from .reminders.desk import FIRST

API = Api(service, endless={"/invoices/stream"})
_JOBS = "libs/common/tests/test_jobs.py::test_a_job_belongs_to_who_asked_for_it"
_HERE = "services/dues/tests"
ASKED_ELSEWHERE = {
    "GET /jobs/{job_id}": _JOBS,
    "GET /jobs/{job_id}/receipt": _JOBS,
    "GET /jobs/{job_id}/events": _JOBS,
    "POST /jobs/{job_id}/cancel": _JOBS,
}
"""Routes with a part that no structure has here, and the test that asks another's of each, which is not found."""
HEARD_ELSEWHERE = "libs/common/tests/test_feeds.py::test_the_live_feed_begins_now_and_resumes_where_it_was_left"
"""What is heard on the stream: nothing of a stranger's."""
READ_ELSEWHERE = {
    "GET /fund/applications/{application_id}/letter": (
        f"{_HERE}/fund/test_papers.py::test_the_letter_says_what_was_awarded_and_how_it_is_paid"
    ),
    "GET /mandates/{mandate_id}/form": f"{_HERE}/mandates/test_mandates.py::test_a_structure_keeps_its_own_mandate",
    "GET /reliefs/{relief_id}/attachments/{attachment_id}": (
        f"{_HERE}/reliefs/test_story.py::test_documents_are_added_while_it_is_under_study"
    ),
    "GET /reliefs/{relief_id}/letter": f"{_HERE}/reliefs/test_story.py::test_the_letter_keeps_the_words_of_its_day",
}
"""Papers that those structures have not, as nothing is decided of what is asked and the mandate is signed; and the
test where whom they concern reads them, and another does not."""
PRINTED_WITH_ITS_FILTERS = {"GET /accounts/aged-balance/pdf"}
"""What says, for whoever holds the paper, by which words it was asked for."""
NOBODY = str(UUID(int=99))
NOWHERE = {"delegation": "nulle-part", "payee": "delegation-nulle-part", "beneficiary": "nobody", "q": "Nulle part"}


def readers(ids: Ids) -> tuple[Reader, Reader]:
    """A structure, and its delegation."""
    return (
        Reader(Role.MEMBER, {"member_id": UUID(ids["member_id"])}),
        Reader(Role.DELEGATION, {"delegation": ids["delegation"]}),
    )


async def test_what_is_another_s_changes_nothing_of_what_one_reads(dues: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(dues, one_furnished)
    garonne, vilaine = ids["Garonne"], ids["Vilaine"]
    own, local = readers(garonne)
    async with dues.days_later(FIRST) as later:
        alone = {reader.role: await API.answers(later, reader, garonne) for reader in (own, local)}
        await furnish(dues, later, "Tarn", ids["Tarn"])
        beside = {reader.role: await API.answers(later, reader, garonne) for reader in (own, local)}
        assert changed(alone[own.role], beside[own.role]) == set()
        assert len(changed(alone[local.role], beside[local.role])) > 30, "what is of its territory, it reads"
        await furnish(dues, later, "Vilaine", vilaine)
        for reader in (own, local):
            after = await API.answers(later, reader, garonne)
            assert changed(beside[reader.role], after) == set()
            told = {path for path, answer in after.items() if "Vilaine" in answer or vilaine["member_id"] in answer}
            assert told == set(), "nor in what was there before"


async def test_what_is_another_s_is_not_found(dues: ServiceUnderTest, arranged: Arrange) -> None:
    """404 for all that is read and every act, named in the path or in the body; and nothing at all is written."""
    ids = await arranged(dues, one_furnished)
    garonne, vilaine = ids["Garonne"], ids["Vilaine"]
    of_all = {key for key, value in vilaine.items() if value == garonne[key]}
    async with dues.days_later(FIRST) as later:
        await furnish(dues, later, "Vilaine", vilaine)
        before = await rows_of_every_table(later)
        answered: dict[int, set[str]] = {}
        asked: set[Operation] = set()
        left_out: set[str] = set()
        for reader in readers(garonne):
            known = [one for one in API.reached_by(reader) if one.named <= vilaine.keys()]
            left_out |= {str(one) for one in API.reached_by(reader) if one not in known}
            its_own = [one for one in known if (one.named | {*(API.body_of(one) or ())}) & vilaine.keys() - of_all]
            asked |= set(its_own)
            async with later.client(reader.role, **reader.claims) as client:
                for one in its_own:
                    answer = await API.ask(client, one, vilaine)
                    answered.setdefault(answer.status_code, set()).add(str(one))
        assert answered.keys() == {404}, answered
        assert await rows_of_every_table(later) == before
        assert left_out == ASKED_ELSEWHERE.keys(), "a part of a path is given to the structures above, or stands there"
        reads = [one for one in asked if one.reads]
        there: set[str] = set()
        for reader in readers(vilaine):
            async with later.client(reader.role, **reader.claims) as owner:
                there |= {str(one) for one in reads if (await API.ask(owner, one, vilaine)).status_code == 200}
        assert {str(one) for one in reads} - there == READ_ELSEWHERE.keys()


async def test_to_ask_a_list_for_what_is_another_s_is_to_ask_for_nothing(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    """Each filter that names a thing, given another's: the answer is that of a thing that does not exist."""
    ids = await arranged(dues, one_furnished)
    garonne, vilaine = ids["Garonne"], ids["Vilaine"]
    async with dues.days_later(FIRST) as later:
        await furnish(dues, later, "Vilaine", vilaine)
        differing, told = {key for key, value in garonne.items() if value != vilaine[key]}, []
        for reader in readers(garonne):
            filtered = [
                (one, key)
                for one in API.reached_by(reader)
                for key in sorted(one.narrowed_by & differing)
                if one.reads and one.named <= garonne.keys() and str(one) not in PRINTED_WITH_ITS_FILTERS
            ]
            assert len(filtered) > 30, "every list is asked"
            async with later.client(reader.role, **reader.claims) as client:
                for one, key in filtered:
                    another = await API.ask(client, one, garonne, **{key: vilaine[key]})
                    nobody = await API.ask(client, one, garonne, **{key: NOWHERE.get(key, NOBODY)})
                    if (another.status_code, another.content) != (nobody.status_code, nobody.content):
                        told.append((str(one), key, another.text, nobody.text))
        assert told == []


async def test_the_feed_tells_each_of_its_own_calls(dues: ServiceUnderTest) -> None:
    ids = await federation(dues, dues)
    for name, known_by in ids.items():
        await called(dues, name, known_by)
    await acknowledge(dues)
    garonne, tarn = ids["Garonne"], ids["Tarn"]
    own, local = readers(garonne)
    for reader, told in ((own, [garonne]), (local, [garonne, tarn])):
        async with dues.client(reader.role, **reader.claims) as client:
            changes = (await client.get("/invoices/changes")).json()["items"]
        assert [one["fact"]["state"]["member_id"] for one in changes] == [one["member_id"] for one in told]


@pytest.mark.parametrize(
    ("test", "shown_by"),
    [
        *((test, "404") for test in sorted({*ASKED_ELSEWHERE.values(), *READ_ELSEWHERE.values()})),
        (HEARD_ELSEWHERE, "author=STRANGER"),
    ],
)
def test_what_is_asked_elsewhere_is_asked_there(test: str, shown_by: str) -> None:
    """The tests that stand for routes left out above exist, and ask as another."""
    assert shown_by in source_of(Path(__file__).parents[3], test)
