"""What is another structure's: no route reads it, no act reaches it, no list counts it."""

from uuid import UUID

from common.testing.asking import rows_of_every_table
from common.testing.harness import ServiceUnderTest

from .arrangements import acted, opened, person, seated


async def test_no_route_reads_nor_reaches_what_is_another_s(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    async with training.client("training") as team, training.client("member", member_id=UUID(int=1)) as other:
        first, one = await seated(team, held, 1), await person(team, 2)
        theirs = await seated(team, held, 2, trainees=[one])
        await acted(team, f"/enrolments/{first['seats'][0]['id']}", "withdraw", {"reason": "absence"})
        [offer] = (await team.get(f"/enrolment-requests/{theirs['id']}")).json()["open_offers"]
        request, seat = f"/enrolment-requests/{theirs['id']}", f"/enrolments/{theirs['seats'][0]['id']}"
        quote, proposed, trainee = f"/quotes/{theirs['quote_id']}", f"/seat-offers/{offer}", f"/trainees/{one}"
        before = await rows_of_every_table(training)
        for path in (quote, f"{quote}/pdf", request, seat, proposed, trainee):
            assert (await other.get(path)).status_code == 404, path
        told = {"If-Match": '"v1"'}
        for path, body in (
            (f"{quote}/renew", None),
            (f"{request}/withdraw", {"reason": "absence"}),
            (f"{seat}/withdraw", {"reason": "absence"}),
            (f"{seat}/substitute", {"trainee_id": one}),
            (f"{proposed}/accept", None),
            (f"{proposed}/decline", None),
            ("/enrolment-requests", {"quote_id": theirs["quote_id"], "trainees": [one]}),
        ):
            assert (await other.post(path, json=body, headers=told)).status_code == 404, path
        assert (await other.patch(trainee, json={"last_name": "Pris"}, headers=told)).status_code == 404
        assert await rows_of_every_table(training) == before
        for path, known in (
            ("/trainees", 0), ("/quotes", 1), ("/enrolments", 1), ("/enrolment-requests", 1), ("/seat-offers", 0),
            (f"/sessions/{held.id}/waiting-list", 0),
        ):  # fmt: skip
            page = (await other.get(path, params={"total": True})).json()
            assert (len(page["items"]), page["total"]) == (known, known), path
            nobody = {"member_id": str(UUID(int=2))}
            if path not in ("/seat-offers", f"/sessions/{held.id}/waiting-list"):
                assert (await other.get(path, params=nobody)).json()["items"] == [], path
