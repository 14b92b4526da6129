"""What keeps an assembly from opening, as announced and as refused."""

from uuid import UUID

from common.testing.harness import ServiceUnderTest

from ..electoral_roll.test_roll import act as act_on_roll
from ..electoral_roll.test_roll import at, freeze
from .test_assembly import HELD, RESOLUTION, ROLL_DAY, act, convened, opens, text_of


async def test_it_opens_once_the_roll_is_no_longer_contested_or_somebody_says_why(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION)
    async with at(membership, HELD) as client:
        roll = await freeze(client, ROLL_DAY)

        async def announced() -> str | None:
            shown = (await client.get(path)).json()
            assert ("open" in shown["allowed_actions"]) != ("open" in shown["blockers"])
            return shown["blockers"]["open"][0]["code"] if "open" in shown["blockers"] else None

        assert await announced() == "contest_window_open"
        early = await act(client, path, "/open")
        assert (early.status_code, early.json()["code"]) == (409, "contest_window_open")
        async with at(membership, HELD, "member", member_id=UUID(ids["Alpha"])) as own:
            await own.post(f"{roll}/members/{ids['Alpha']}/contest", json={"reason": "x"})
        assert await announced() == "contest_open"
        contested = await opens(client, path)
        assert (contested.status_code, contested.json()["code"]) == (409, "contest_open")
        [waiting] = (await client.get(f"{roll}/contests")).json()["items"]
        await act_on_roll(client, roll, f"contests/{waiting['id']}/reject", answer="non")
        opened = await opens(client, path)
        assert (opened.status_code, opened.json()["waiver"]) == (200, "personne ne conteste la liste")
        minutes = text_of((await client.get(f"{path}/minutes/draft")).content)
        assert "Délai pour contester la liste : personne ne conteste la liste" in minutes
