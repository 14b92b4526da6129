from chaos.stage import Role
from chaos.trial import Arena, Case


async def test_nothing_goes_wrong(arena: Arena) -> None:
    async with arena.trial(Case("0", "rien n'est cassé")) as trial:
        await trial.commands(60)
        trial.healed()
        await trial.recovered()


async def test_a_relay_killed_between_the_acknowledgement_and_the_ledger(arena: Arena) -> None:
    relay = Role("accounts", "relay", failpoint="relay.acknowledged:SIGKILL:5")
    cast = (Role("accounts", "api"), relay, Role("accounts", "consume"), Role("books", "all"))
    async with arena.trial(Case("3", "relais tué"), *cast) as trial:
        await trial.stage.died("accounts-relay")
        trial.healed()
        await trial.commands(20)
        await trial.recovered()
