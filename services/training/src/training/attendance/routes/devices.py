"""HTTP door of the devices that sign without network."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from common.door import Door, TxDep
from common.problem import problems
from common.rights import Grant, allow
from training.attendance.domain import DeviceChainBroken, DeviceNotFound, TrainerUnnamed
from training.attendance.queries import showing
from training.attendance.schemas import DeviceIn, DeviceOut, DeviceSyncIn, DeviceSyncOut
from training.attendance.use_cases import offline
from training.enrolments.domain import SessionNotOpen
from training.rights import Act
from training.sessions.domain import SessionNotFound

router = APIRouter(prefix="/sessions/{session_id}/attendance/devices", tags=["Émargement"], route_class=Door)

MayRun = Annotated[Grant, Depends(allow(Act.RUN_ATTENDANCE))]


@router.post(
    "",
    status_code=201,
    operation_id="registerSigningDevice",
    summary="Enregistrer un appareil",
    responses=problems(SessionNotFound, TrainerUnnamed),
)
async def register(session_id: UUID, body: DeviceIn, tx: TxDep, grant: MayRun) -> DeviceOut:
    """Avant de perdre le réseau : sa clé publique, pour cette session. La clé secrète ne le quitte pas."""
    return showing.device_out(await offline.register(tx, grant, session_id, body))


@router.post(
    "/{device_id}/sync",
    operation_id="syncSigningDevice",
    summary="Envoyer ce qui fut signé hors ligne",
    responses=problems(SessionNotFound, DeviceNotFound, DeviceChainBroken, SessionNotOpen),
)
async def sync(session_id: UUID, device_id: UUID, body: DeviceSyncIn, tx: TxDep, grant: MayRun) -> DeviceSyncOut:
    """Dans son ordre, qui est vérifié. Renvoyé, rien de plus ; contraire à ce qui fut signé autrement, gardé à côté."""
    device, added = await offline.sync(tx, grant, session_id, device_id, body)
    beside = [showing.beside_out(one) for one in added if one.said.aside is not None]
    return DeviceSyncOut(device=showing.device_out(device), added=len(added), beside=beside)
