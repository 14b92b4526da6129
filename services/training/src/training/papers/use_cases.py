"""What is done with papers: issue, change a session and what that voids in one act, send, sign, void.

The session is held first: two who issue its papers at once do not issue them twice.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from uuid import UUID

from common.clock import legal_day
from common.etags import check_version
from common.files import Files, keep_sent
from common.identifiers import new_id
from common.mail import post
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from common.uploads import SentFile
from training.organisation.domain import Organisation
from training.papers import documents, domain, repository
from training.papers.domain import (
    JOURNALS,
    Consequence,
    NoPapersYet,
    NothingToIssue,
    Paper,
    PaperKind,
    Scene,
    SentHow,
    SignedCopy,
    Subject,
)
from training.papers.queries.papers import Beside, beside, compared, differences_out, find_paper, line_of, paper_within
from training.papers.queries.rules import rule_of
from training.papers.queries.scene import scene_of
from training.papers.schemas import PaperReplacedOut, SessionChangedOut, SessionChangeIn
from training.sessions import use_cases as sessions
from training.sessions.domain import ANNOUNCED, Session
from training.sessions.queries.sessions import session_of
from training.sessions.schemas import SessionMove


async def issue(tx: Tx, organisation: Organisation, session: Session, kinds: Sequence[PaperKind]) -> list[Paper]:
    """Issue the papers of some kinds that a session that is held has not, all of them or none; return them.

    Raises NoPapersYet, NothingToIssue, PaperIncomplete, ProgrammeNotFound, VersionNotFound, TrainerNotFound,
    RoomNotFound, RuleMissing.
    """
    if session.status not in ANNOUNCED:
        raise NoPapersYet("Une session a des papiers une fois annoncée, et tant qu'elle n'est pas annulée.")
    scene = await scene_of(tx, organisation, session)
    there = {(one.subject.kind, one.subject.about) for one in await repository.live(tx, session.id)}
    wanted = [one for one in domain.subjects(scene, kinds) if (one.kind, one.about) not in there]
    if not wanted:
        raise NothingToIssue("Chacun de ces papiers est déjà émis, ou n'est pour personne encore.")
    papers = await _issued(tx, organisation, [_draft(tx, scene, one) for one in wanted])
    await repository.open_states(tx, papers)
    return papers


async def change(tx: Tx, organisation: Organisation, session: Session, given: SessionChangeIn) -> SessionChangedOut:
    """Change a session that is held, void each paper that this outdates and issue it anew; tell which.

    All of it or nothing. What is outdated by something else, such as a seat given back, is mended in the same act.
    Raises what moving a session or adopting a version does, PaperIncomplete, SessionNotFound, ProgrammeNotFound,
    VersionNotFound, TrainerNotFound, RoomNotFound, RuleMissing.
    """
    if given.slots is not None:
        await sessions.move(tx, session, SessionMove(slots=given.slots, reason=given.reason))
    if given.adopt_version:
        await sessions.adopt_version(tx, session, given.reason)
    now = await session_of(tx, session.id)
    scene = await scene_of(tx, organisation, now)
    seen = [beside(paper, scene) for paper in await repository.hold_live(tx, session.id)]
    outdated = [one for one in seen if one.consequence.outdates]
    anew = [_draft(tx, scene, one.paper.subject, one.paper.id) for one in outdated if one.now is not None]
    replacing = {one.replaces: one for one in await _issued(tx, organisation, anew)}
    replaced = [await _replaced(tx, scene, one, replacing.get(one.paper.id), given.reason) for one in outdated]
    await repository.open_states(tx, replacing.values())
    return SessionChangedOut(
        session_id=now.id,
        version=now.version,
        replaced=replaced,
        informed=[compared(one) for one in seen if one.consequence is Consequence.INFORM],
    )


async def send(
    tx: Tx, grant: Grant, organisation: Organisation, paper_id: UUID, if_match: str | None, how: SentHow
) -> None:
    """Have a paper go to whom it is for. Raises PaperNotFound, PaperVoided, PaperNotSent, RecipientUnknown."""
    paper = await _held(tx, grant, organisation, paper_id, if_match)
    scene = await scene_of(tx, organisation, await session_of(tx, paper.session_id))
    address = domain.recipient(scene, paper.subject)
    sent = domain.send(paper, how, address, tx.now)
    mails = [documents.announced(paper, address)] if address and how is SentHow.MAIL else []
    ids = await post(tx, mails)
    await repository.save(tx, sent, ids[0] if ids else None)


async def sign(
    tx: Tx,
    grant: Grant,
    organisation: Organisation,
    files: Files,
    paper_id: UUID,
    if_match: str | None,
    sent: SentFile,
    signed_on: date,
    signatory: str,
) -> None:
    """Keep the copy that was signed. The store is asked before the paper is held: a slow one holds nobody up.

    Raises PaperNotFound, PaperVoided, PaperNotSigned, PaperSigned, SignedInFuture, SignedCopyTooLarge,
    SignedCopyUnreadable.
    """
    reached = await paper_within(tx, grant, paper_id)
    domain.require_signable(reached)
    kept = await keep_sent(tx, files, f"papers/{paper_id}", sent, domain.recognise_copy(sent.content))
    paper = await _held(tx, grant, organisation, paper_id, if_match)
    signed = domain.sign(paper, signed_on, legal_day(paper.issued_at), tx.today)
    await repository.save(tx, signed)
    copy = SignedCopy(**asdict(kept), paper_id=paper_id, signed_on=signed_on, signatory=signatory)
    await repository.add_copy(tx, copy)


async def void(
    tx: Tx, grant: Grant, organisation: Organisation, paper_id: UUID, if_match: str | None, reason: str
) -> None:
    """Have a paper be worth nothing any more; it stays readable. Raises PaperNotFound, PaperVoided."""
    paper = await _held(tx, grant, organisation, paper_id, if_match)
    await repository.save(tx, domain.void(paper, reason, tx.now))


async def _held(tx: Tx, grant: Grant, organisation: Organisation, paper_id: UUID, if_match: str | None) -> Paper:
    await paper_within(tx, grant, paper_id)
    paper = await repository.hold(tx, paper_id)
    await check_version(if_match, paper.version, partial(find_paper, tx, grant, organisation, paper_id))
    return paper


async def _replaced(tx: Tx, scene: Scene, seen: Beside, by: Paper | None, reason: str) -> PaperReplacedOut:
    """Void a paper that is outdated, and tell what takes its place, if something does."""
    voided = domain.give_way(seen.paper, reason, tx.now, by.id if by else None)
    await repository.save(tx, voided)
    return PaperReplacedOut(
        paper=line_of(voided),
        consequence=seen.consequence,
        consequence_label=seen.consequence.label,
        differences=differences_out(seen.differences),
        sign_again=seen.consequence is Consequence.SIGN_AGAIN,
        recipient=domain.recipient(scene, seen.paper.subject),
        replacement=line_of(by) if by else None,
    )


def _draft(tx: Tx, scene: Scene, subject: Subject, replaces: UUID | None = None) -> Paper:
    """Write a paper that has no number yet. Raises RuleMissing."""
    return Paper(
        id=new_id(),
        number="",
        subject=subject,
        session_id=scene.session.id,
        terms=domain.write(scene, subject, rule_of(subject.kind, scene.today)) or {},
        sha256="",
        replaces=replaces,
        issued_at=tx.now,
        issued_by=tx.actor.subject,
    )


async def _issued(tx: Tx, organisation: Organisation, drafts: Sequence[Paper]) -> list[Paper]:
    """Keep papers under numbers of the training body's own series, one per kind and year; return them.

    Raises PaperIncomplete, RuleMissing.
    """
    domain.require_whole((rule_of(one.subject.kind, tx.today), one.terms) for one in drafts)
    numbered: list[Paper] = []
    for kind in PaperKind:
        same = [one for one in drafts if one.subject.kind is kind]
        numbers = await take_numbers(tx, Series(organisation.code, JOURNALS[kind], tx.today.year), len(same))
        numbered += [
            replace(one, number=number, sha256=domain.fingerprint(number, kind, one.terms))
            for one, number in zip(same, numbers, strict=True)
        ]
    await repository.add(tx, numbered)
    return numbered
