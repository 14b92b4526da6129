"""HTTP door of the attendance of a session: opened, signed, closed, corrected."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.pagination import Whole
from common.problem import problems
from common.rights import Grant, allow
from training.attendance.domain import (
    AlreadyMarked,
    AlreadyOpen,
    AttendanceEntryNotFound,
    HalfDayClosed,
    HalfDayNotFound,
    MarkUnfit,
    NothingToCorrect,
    NotOnSheet,
    NotOpen,
    SessionNotHeld,
    StrokeUnfit,
    TooEarly,
    TrainerUnnamed,
)
from training.attendance.queries import showing
from training.attendance.schemas import (
    AttendanceOut,
    ClosingIn,
    CorrectionIn,
    IssuedCode,
    LedgerOut,
    MarkIn,
    SentLink,
)
from training.attendance.use_cases import signing
from training.enrolments.domain import SessionNotOpen
from training.rights import Act
from training.sessions.domain import SessionNotFound
from training.trainers.domain import TrainerNotFound

router = APIRouter(prefix="/sessions/{session_id}/attendance", tags=["Émargement"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ATTENDANCE))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ATTENDANCE))]
_SHOWN = (SessionNotFound, RuleMissing)
_HALF_DAY = (*_SHOWN, HalfDayNotFound, SessionNotHeld)
_WRITTEN = (*_HALF_DAY, SessionNotOpen)
_OPEN = (NotOpen, HalfDayClosed)


@router.get("", operation_id="getAttendance", summary="L'émargement d'une session", responses=problems(*_SHOWN))
async def get_attendance(session_id: UUID, read: ReadDep, grant: MayRead) -> AttendanceOut:
    """Demi-journée par demi-journée, et les heures suivies. Un formateur lit ses sessions, une structure ses gens."""
    return await showing.find_attendance(read, grant, session_id)


@router.get(
    "/ledger",
    operation_id="getAttendanceLedger",
    summary="Le registre, à vérifier",
    responses=problems(SessionNotFound),
)
async def get_ledger(session_id: UUID, read: ReadDep, grant: MayRun) -> LedgerOut:
    """Sans aucun nom. `GET /training/v1/attendance/verifier.py` le vérifie sans nous."""
    return await showing.find_ledger(read, grant, session_id)


@router.get(
    "/slots/{slot_id}/sheet.pdf",
    operation_id="printAttendanceSheet",
    summary="La feuille d'émargement d'une demi-journée",
    response_class=Response,
    responses=problems(*_HALF_DAY, TrainerNotFound),
)
async def print_sheet(session_id: UUID, slot_id: UUID, read: ReadDep, grant: MayRead) -> Response:
    """Toujours avec l'heure, la manière et l'empreinte de chaque signature."""
    return pdf_response(await showing.print_half_day(read, grant, session_id, slot_id), f"emargement-{slot_id}")


@router.post(
    "/links",
    operation_id="sendSigningLinks",
    summary="Envoyer les liens de signature",
    responses=problems(*_SHOWN),
)
async def send_links(session_id: UUID, tx: TxDep, grant: MayRun) -> Whole[SentLink]:
    """Un par personne, par courriel, à la place du précédent. Le formateur a les codes, la personne le lien."""
    return Whole(items=list(await signing.send_links(tx, grant, session_id)))


@router.post(
    "/slots/{slot_id}/open",
    operation_id="openHalfDay",
    summary="Ouvrir une demi-journée",
    responses=problems(*_WRITTEN, AlreadyOpen, TooEarly),
)
async def open_half_day(session_id: UUID, slot_id: UUID, tx: TxDep, grant: MayRun) -> AttendanceOut:
    """Peu avant son début. Rien ne se signe avant."""
    await signing.open_half_day(tx, grant, session_id, slot_id)
    return await showing.find_attendance(tx, grant, session_id)


@router.post(
    "/slots/{slot_id}/codes",
    operation_id="giveSigningCodes",
    summary="Donner les codes",
    responses=problems(*_HALF_DAY, *_OPEN),
)
async def give_codes(session_id: UUID, slot_id: UUID, tx: TxDep, grant: MayRun) -> Whole[IssuedCode]:
    """À qui n'a pas signé : un code par personne, pour cette demi-journée, quelques minutes, une fois."""
    return Whole(items=list(await signing.give_codes(tx, grant, session_id, slot_id)))


@router.post(
    "/slots/{slot_id}/marks",
    operation_id="markAttendance",
    summary="Signer sur l'appareil du formateur",
    responses=problems(*_WRITTEN, *_OPEN, NotOnSheet, AlreadyMarked, MarkUnfit, StrokeUnfit),
)
async def mark(session_id: UUID, slot_id: UUID, body: MarkIn, tx: TxDep, grant: MayRun) -> AttendanceOut:
    """Présent, en partie ou absent. De l'équipe, c'est la saisie d'une feuille papier."""
    await signing.mark(tx, grant, session_id, slot_id, body)
    return await showing.find_attendance(tx, grant, session_id)


@router.post(
    "/slots/{slot_id}/close",
    operation_id="closeHalfDay",
    summary="Signer la demi-journée, comme formateur",
    responses=problems(*_WRITTEN, *_OPEN, TrainerUnnamed, StrokeUnfit),
)
async def close(session_id: UUID, slot_id: UUID, body: ClosingIn, tx: TxDep, grant: MayRun) -> AttendanceOut:
    """Qui n'a pas signé est absent, pour un motif à dire. Les heures sont dites aux autres services à la dernière."""
    await signing.close(tx, grant, session_id, slot_id, body)
    return await showing.find_attendance(tx, grant, session_id)


@router.post(
    "/entries/{number}/correct",
    operation_id="correctAttendance",
    summary="Corriger une ligne",
    responses=problems(*_WRITTEN, AttendanceEntryNotFound, NotOnSheet, NothingToCorrect, MarkUnfit),
)
async def correct(session_id: UUID, number: int, body: CorrectionIn, tx: TxDep, grant: MayRun) -> AttendanceOut:
    """Elle reste : une autre dit ce qui est, et pourquoi. Aussi pour dire le motif d'une absence."""
    await signing.correct(tx, grant, session_id, number, body)
    return await showing.find_attendance(tx, grant, session_id)
