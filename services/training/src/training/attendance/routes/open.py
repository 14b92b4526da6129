"""HTTP doors of what needs no token: one's own link, the seals, the verifier; and the list of all presences."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.attendance.documents import EXPORT_HEADER
from training.attendance.domain import (
    AlreadyMarked,
    CodeWrong,
    HalfDayClosed,
    HalfDayNotFound,
    MarkUnfit,
    NotOpen,
    SessionNotHeld,
    SigningLinkNotFound,
    StrokeUnfit,
)
from training.attendance.queries import lists, showing
from training.attendance.schemas import (
    AttendanceExportParams,
    AttendanceLine,
    AttendanceListParams,
    OwnAttendanceOut,
    OwnSignatureIn,
    SealOut,
    SigningKey,
)
from training.attendance.use_cases import signing
from training.enrolments.domain import SessionNotOpen
from training.rights import Act
from training.sessions.domain import SessionNotFound

attendance = APIRouter(prefix="/attendance", tags=["Émargement"], route_class=Door)
links = APIRouter(prefix="/signing-link", tags=["Émargement"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ATTENDANCE))]
Anybody = Annotated[Grant, Depends(allow(Act.VERIFY_ATTENDANCE))]
Signer = Annotated[Grant, Depends(allow(Act.SIGN_ATTENDANCE))]
LinkKey = Annotated[SigningKey, Header(alias="Signing-Key", description="La clé que porte le courriel, après le `#`")]
_VERIFIER: Final = Path(__file__).parents[1] / "verify.py"
_BY_LINK = (SigningLinkNotFound, SessionNotFound)


@attendance.get(
    "",
    operation_id="listAttendance",
    summary="Présences et absences",
    responses=problems(BadCursor, BadSort),
)
async def list_attendance(
    read: ReadDep, grant: MayRead, params: Annotated[AttendanceListParams, Query()]
) -> Page[AttendanceLine]:
    """Par exemple les absences du jour dont le motif reste à dire. Tris : day, slot."""
    return await lists.list_marks(read, grant, params)


@attendance.get("/export", operation_id="exportAttendance", summary="Export CSV ou tableur", response_class=Response)
async def export_attendance(
    read: ReadDep, grant: MayRead, params: Annotated[AttendanceExportParams, Query()]
) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres."""
    lines = await lists.export_marks(read, grant, params)
    return await export_response(params.format, "presences", EXPORT_HEADER, lines)


@attendance.get(
    "/seals", operation_id="listAttendanceSeals", summary="Les sceaux", responses=problems(BadCursor, BadSort)
)
async def list_seals(read: ReadDep, _: Anybody, params: Annotated[PageParams, Query()]) -> Page[SealOut]:
    """Sans jeton. Chaque jour, la fin des registres qui ont changé ; rien que des empreintes. Tri : number."""
    return await lists.list_seals(read, params)


@attendance.get(
    "/verifier.py", operation_id="downloadAttendanceVerifier", summary="Le vérificateur", response_class=Response
)
async def get_verifier(_: Anybody) -> Response:
    """Sans jeton. Un fichier Python sans dépendance : il vérifie un registre et les sceaux sans nous."""
    headers = {"Content-Disposition": 'attachment; filename="verifier.py"'}
    return Response(_VERIFIER.read_bytes(), media_type="text/x-python; charset=utf-8", headers=headers)


@links.get("", operation_id="openSigningLink", summary="Ce qu'ouvre un lien", responses=problems(*_BY_LINK))
async def open_link(key: LinkKey, read: ReadDep, _: Signer) -> OwnAttendanceOut:
    """Sans jeton, par la clé du courriel : ses demi-journées, et ce qu'on y a signé."""
    return await showing.find_own(read, key)


@links.post(
    "/sign",
    operation_id="signBySigningLink",
    summary="Signer sa présence",
    responses=problems(
        *_BY_LINK, HalfDayNotFound, SessionNotHeld, NotOpen, HalfDayClosed, AlreadyMarked, CodeWrong, StrokeUnfit,
        SessionNotOpen, MarkUnfit,
    ),
)  # fmt: skip
async def sign(key: LinkKey, body: OwnSignatureIn, tx: TxDep, _: Signer) -> OwnAttendanceOut:
    """Avec le code que le formateur dit dans la salle : le lien seul ne vaut rien, transmis non plus."""
    await signing.sign_by_link(tx, key, body)
    return await showing.find_own(tx, key)
