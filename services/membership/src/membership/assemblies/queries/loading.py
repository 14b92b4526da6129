"""Loads an assembly with all that its rules look at, and tells who may know of it."""

from functools import cache
from uuid import UUID

from pydantic import TypeAdapter

from common.dated import rule_on
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped
from common.transaction import Read
from membership.assemblies import repository
from membership.assemblies.domain import Assembly, AssemblyNotFound, AssemblyRule, AssemblyStatus, Meeting
from membership.electoral_roll.queries import live_roll, roll_frozen_for, sealed_roll
from membership.electoral_roll.schemas import Moment
from membership.rights import RIGHTS, Act


@cache
def assembly_rules() -> tuple[AssemblyRule, ...]:
    """Return the dated rules of assemblies shipped with the service."""
    rules = shipped("membership.assemblies", "assembly.toml")["rules"]
    return TypeAdapter(tuple[AssemblyRule, ...]).validate_python(rules)


async def meeting_of(source: Read, assembly: Assembly) -> Meeting:
    """Load all that the rules look at. Until a roll is frozen it is the live one of its day. Raises RuleMissing."""
    roll_id = assembly.roll_id
    day = assembly.roll_day or assembly.held_on
    if roll_id is None:
        frozen = await roll_frozen_for(source, day)
        roll_id = frozen.id if frozen else None
    if roll_id is not None:
        roll = await sealed_roll(source, roll_id)
    else:
        live = await live_roll(source, Grant(source.actor, Scope.ALL), Moment(as_of=day, known_at=None))
        roll = {line.member_id: line for line in live.lines}
    return Meeting(
        assembly=assembly,
        rule=assembly.rule or rule_on(assembly_rules(), assembly.held_on),
        roll_id=roll_id,
        roll=roll,
        attending=await repository.attending_of(source, assembly.id),
        proxies=await repository.proxies_of(source, assembly.id),
        results=await repository.results_of(source, assembly.id),
    )


def require_visible(source: Read, assembly: Assembly) -> Assembly:
    """Let an assembly in preparation be known only to those who run assemblies. Raises AssemblyNotFound."""
    if assembly.status is AssemblyStatus.PREPARED and not runs(source):
        raise AssemblyNotFound("Cette assemblée n'existe pas.")
    return assembly


def runs(source: Read) -> bool:
    """Tell whether the reader runs assemblies."""
    return grant_for(RIGHTS, Act.RUN_ASSEMBLIES, source.actor) is not None


async def load(source: Read, assembly_id: UUID) -> Meeting:
    """Load an assembly that the reader may know of. Raises AssemblyNotFound, RuleMissing."""
    return await meeting_of(source, require_visible(source, await repository.get(source, assembly_id)))
