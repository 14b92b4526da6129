"""What is done with trainees: put one on the list of a structure, amend one."""

from dataclasses import replace
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant, Scope
from common.transaction import Tx
from training.members.queries import require_member
from training.trainees import repository
from training.trainees.domain import Trainee, TraineeNotYours
from training.trainees.queries import find_trainee, require_trainees
from training.trainees.schemas import TraineeAmend, TraineeIn


async def register(tx: Tx, grant: Grant, given: TraineeIn) -> UUID:
    """Put a person on a list; return their id. Raises MemberUnknown, MemberMerged, TraineeNotYours."""
    if given.member_id is not None:
        await require_member(tx, grant, given.member_id)
    elif grant.scope is Scope.OWN:
        raise TraineeNotYours("Votre structure tient la liste de ses propres personnes : dites member_id.")
    trainee = Trainee(id=new_id(), **given.model_dump())
    await repository.add(tx, trainee)
    return trainee.id


async def amend(tx: Tx, grant: Grant, trainee_id: UUID, if_match: str | None, change: TraineeAmend) -> None:
    """Correct what is known of a person. Raises TraineeNotFound."""
    await require_trainees(tx, grant, [trainee_id])
    trainee = await repository.hold(tx, trainee_id)
    await check_version(if_match, trainee.version, partial(find_trainee, tx, grant, trainee_id))
    named = change.model_dump(exclude_unset=True)
    kept = {name: value for name, value in named.items() if value is not None or name == "email"}
    await repository.save(tx, replace(trainee, **kept, version=trainee.version + 1))
