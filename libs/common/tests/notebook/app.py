"""A small service, to prove the mechanism on: it keeps notes, and knows nothing of any federation."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from sqlalchemy import select, text
from starlette.responses import Response

from common import feeds
from common.contracts.roles import Role
from common.door import ActorDep, Door, ReadDep, TxDep
from common.errors import Conflict, NotFound
from common.etags import IfMatch, check_version, set_etag
from common.idempotency import NO_STORE
from common.identifiers import new_id
from common.jobs import JobKind, JobRun, ReceiptLine, enqueue
from common.pagination import Order, Page, PageParams, paginate
from common.rights import COMMON_RIGHTS, Grant, Rights, Scope, allow
from common.service import Service
from common.settings import CommonSettings
from common.transaction import Read, Tx
from common.types import Schema, Text

from .contracts import NoteState, NoteWritten
from .tables import Base, NoteRow

NOTES = "/notes"


class Settings(CommonSettings):
    model_config = SettingsConfigDict(env_prefix="NOTEBOOK_")


class Act(StrEnum):
    READ = "notes.read"
    WRITE = "notes.write"


RIGHTS: Rights = {
    **COMMON_RIGHTS,
    Act.READ: {Role.ANYONE: Scope.OWN, Role.MEMBER: Scope.OWN, Role.NETWORK: Scope.ALL},
    Act.WRITE: {Role.NETWORK: Scope.ALL},
}
MayRead = Annotated[Grant, Depends(allow(Act.READ))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE))]


class NoteNotFound(NotFound):
    code = "note_not_found"


class TitleRefused(Conflict):
    code = "title_refused"


class NewNote(Schema):
    title: Text
    rank: int = 0
    author: UUID | None = None


class RawNote(Schema):
    """A shape that bounds nothing, to see what the database says."""

    title: str
    rank: int = 0


class NoteOut(Schema):
    id: UUID
    title: str
    rank: int
    version: int


class Started(Schema):
    job_id: UUID = Field()


async def write_note(tx: Tx, title: str, *, rank: int = 0, author: UUID | None = None) -> NoteRow:
    """Write a note and say so."""
    note = NoteRow(id=new_id(), title=title, rank=rank, day=tx.today, author=author, written_at=tx.now)
    tx.session.add(note)
    tx.publish(NoteWritten(state=NoteState(id=note.id, title=title, rank=rank)))
    return note


async def find_note(read: Read, note_id: UUID) -> NoteRow:
    """Return a note. Raises NoteNotFound."""
    note = await read.session.get(NoteRow, note_id)
    if note is None:
        raise NoteNotFound("Cette note n'existe pas.")
    return note


ORDER = Order(
    columns={"title": NoteRow.title, "rank": NoteRow.rank, "day": NoteRow.day, "written_at": NoteRow.written_at},
    default="title",
    unique=NoteRow.id,
)
router = APIRouter(prefix=NOTES, tags=["Notes"], route_class=Door)


@router.post("/secret", status_code=201)
async def create_secret(body: NewNote, tx: TxDep, _: MayWrite, response: Response) -> NoteOut:
    """Answer what is not to be kept."""
    note = await write_note(tx, body.title)
    response.headers["Cache-Control"] = NO_STORE
    return NoteOut(id=note.id, title=note.title, rank=note.rank, version=1)


@router.post("", status_code=201)
async def create(body: NewNote, tx: TxDep, _: MayWrite, response: Response) -> NoteOut:
    if body.title == "refused":
        await write_note(tx, "written before the refusal")
        raise TitleRefused("Ce titre est refusé.")
    note = await write_note(tx, body.title, rank=body.rank, author=body.author)
    set_etag(response, note.version)
    response.headers["Location"] = f"/notebook/v1/notes/{note.id}"
    return NoteOut.model_validate(note)


@router.post("/raw", status_code=201)
async def create_raw(body: RawNote, tx: TxDep, _: MayWrite) -> NoteOut:
    return NoteOut.model_validate(await write_note(tx, body.title, rank=body.rank))


@router.post("/sacrificed", status_code=201)
async def sacrificed(body: NewNote, tx: TxDep, _: MayWrite) -> NoteOut:
    """Write a note, after which the database gives the transaction up as often as a test has made it."""
    note = await write_note(tx, body.title)
    await tx.session.flush()
    await tx.session.execute(text("SELECT sacrifice()"))
    return NoteOut.model_validate(note)


@router.post("/broken")
async def broken(_: TxDep, __: MayWrite) -> NoteOut:
    raise KeyError("a mistake of ours")


@router.put("/{note_id}")
async def rename(
    note_id: UUID, body: NewNote, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> NoteOut:
    note = await find_note(tx, note_id)

    async def current() -> NoteOut:
        return NoteOut.model_validate(note)

    await check_version(if_match, note.version, current)
    note.title, note.rank, note.version = body.title, body.rank, note.version + 1
    set_etag(response, note.version)
    return NoteOut.model_validate(note)


@router.get("")
async def list_notes(read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]) -> Page[NoteOut]:
    rows, cursor, total = await paginate(read, select(NoteRow), ORDER, params)
    return Page(items=[NoteOut.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/by-title/{title}")
async def by_title(title: str, read: ReadDep, _: MayRead) -> NoteOut:
    note = (await read.session.execute(select(NoteRow).where(NoteRow.title == title))).scalar_one_or_none()
    if note is None:
        raise NoteNotFound("Aucune note ne porte ce titre.")
    return NoteOut.model_validate(note)


@router.get("/whoami")
async def whoami(actor: ActorDep) -> dict[str, str]:
    return {"subject": actor.subject}


def _visible(grant: Grant) -> Any:
    return select(NoteRow.id).where(grant.covers(member=NoteRow.author, delegation=NoteRow.title))


feed = feeds.feed_routes(NOTES, topic=NoteWritten.topic, act=Act.READ, visible=_visible, name="Note", tag="Notes")


@router.post("/copying", status_code=202)
async def ask_for_copies(tx: TxDep, _: MayWrite, count: Annotated[int, Query(ge=1)] = 3) -> Started:
    return Started(job_id=await enqueue(tx, "notes.copy", count=count))


async def copy_notes(tx: Tx, run: JobRun) -> bool:
    """Write one note a step, and one line of the receipt."""
    run.total = run.arguments["count"]
    row = run.cursor.get("row", 0) + 1
    note = await write_note(tx, f"copy {row} of {run.id}", rank=row)
    run.receipt.append(ReceiptLine(row, "created", subject_id=note.id, reference=note.title))
    run.cursor["row"] = row
    run.done = row
    run.counts["created"] += 1
    return row == run.total


def service_with(*, jobs: Sequence[JobKind] = (), **changes: Any) -> Service:
    """Return the notebook, with more kinds of jobs or other parts if a test brings some."""
    declared: dict[str, Any] = {
        "name": "notebook",
        "title": "Carnet",
        "description": "Un carnet de notes.",
        "settings": Settings,
        "rights": RIGHTS,
        "metadata": Base.metadata,
        "migrations": Path(__file__).with_name("migrations"),
        "routers": (feed, router),
        "jobs": (JobKind("notes.copy", copy_notes), *jobs),
        **changes,
    }
    return Service(**declared)
