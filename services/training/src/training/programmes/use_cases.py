"""What is done with programmes: create, write, publish, retire, take up again.

The programme is held first, then what it is made of: two who act on one at once do not miss each other.
"""

from functools import partial

from pydantic import TypeAdapter

from common.etags import check_version
from common.identifiers import new_id
from common.transaction import Tx
from training.programmes import domain, repository
from training.programmes.domain import CodeTaken, Content, Programme
from training.programmes.queries.programmes import find_programme, issue_from, last_issue, unsold_parts
from training.programmes.queries.rules import known_for, referential_on, theme_label
from training.programmes.schemas import ContentBody, ProgrammeNew
from training.programmes.tables import ProgrammeRow, VersionRow

_CONTENT = TypeAdapter(Content)


async def create(tx: Tx, given: ProgrammeNew) -> None:
    """Create a programme with its draft. Raises CodeTaken."""
    content = Content(title=given.title)
    programme = Programme(id=new_id(), code=given.code, kind=given.kind, draft=content)
    if not await repository.add(tx, programme, content):
        raise CodeTaken("Un programme porte déjà ce code : un code n'en désigne qu'un.")


async def rewrite(tx: Tx, code: str, if_match: str | None, given: ContentBody) -> None:
    """Write the draft again, whole; it may be unusable. Raises ProgrammeNotFound, DraftMissing."""
    row, programme = await _held(tx, code, if_match)
    content = _content(given)
    await repository.save(tx, row, domain.rewrite(programme, content), content)


async def open_draft(tx: Tx, code: str, if_match: str | None) -> None:
    """Begin a draft from the current version. Raises ProgrammeNotFound, DraftOpen."""
    row, programme = await _held(tx, code, if_match)
    last = await last_issue(tx, programme)
    opened = domain.open_draft(programme, last.content if last else None)
    await repository.save(tx, row, opened, domain.draft_of(opened))


async def discard_draft(tx: Tx, code: str, if_match: str | None) -> None:
    """Give the draft up. Raises ProgrammeNotFound, DraftMissing, NeverPublished."""
    row, programme = await _held(tx, code, if_match)
    after = domain.discard_draft(programme)
    last = await last_issue(tx, programme)
    await repository.save(tx, row, after, last.content if last else domain.draft_of(programme))


async def publish(tx: Tx, code: str, if_match: str | None) -> None:
    """Make the draft the next version, sold from now on.

    Raises ProgrammeNotFound, DraftMissing, Retired, Incomplete, Unchanged, RuleMissing.
    """
    row, programme = await _held(tx, code, if_match)
    draft = domain.draft_of(programme)
    await repository.hold_parts(tx, draft.parts)
    known, referential = await known_for(tx, draft), referential_on(tx.today)
    issue = issue_from(draft, known)
    found = domain.defects(draft, programme.kind, referential, known, code)
    after = domain.publish(programme, issue, await last_issue(tx, programme), found)
    await repository.save(tx, row, after, issue.content)
    number = domain.next_number(programme)
    await _list(tx, after, await repository.add_version(tx, programme.id, number, issue, referential.code))


async def retire(tx: Tx, code: str, if_match: str | None) -> None:
    """Sell a programme no more. Raises ProgrammeNotFound, NotOnSale, SoldInOthers."""
    row, programme = await _held(tx, code, if_match)
    after = domain.retire(programme, await repository.sold_in(tx, code))
    await repository.save(tx, row, after, Content(title=row.title))
    await repository.leave_catalogue(tx, programme.id)


async def resume(tx: Tx, code: str, if_match: str | None) -> None:
    """Sell a programme again, at its last version. Raises ProgrammeNotFound, NotRetired, PartsNotSold."""
    row, programme = await _held(tx, code, if_match)
    last = await repository.last_version(tx, programme)
    issue = repository.issue_of(last) if last else None
    await repository.hold_parts(tx, [part.code for part in issue.parts] if issue else [])
    after = domain.resume(programme, await unsold_parts(tx, issue))
    await repository.save(tx, row, after, Content(title=row.title))
    if last is not None:
        await _list(tx, after, last)


async def throw_away(tx: Tx, code: str, if_match: str | None) -> None:
    """Delete a programme that was never published. Raises ProgrammeNotFound, AlreadyPublished."""
    _, programme = await _held(tx, code, if_match)
    domain.require_never_published(programme)
    await repository.remove(tx, programme.id)


async def _held(tx: Tx, code: str, if_match: str | None) -> tuple[ProgrammeRow, Programme]:
    row = await repository.get(tx, code, for_update=True)
    await check_version(if_match, row.version, partial(find_programme, tx, code))
    return row, repository.programme_of(row)


async def _list(tx: Tx, programme: Programme, row: VersionRow) -> None:
    """Put a version in the catalogue, under its words."""
    issue = repository.issue_of(row)
    theme = theme_label(issue.content.theme)
    searched = domain.searched(programme.code, programme.kind, issue.content, theme, issue.parts)
    await repository.list_in_catalogue(tx, programme, row, searched)


def _content(given: ContentBody) -> Content:
    return _CONTENT.validate_python(given.model_dump())
