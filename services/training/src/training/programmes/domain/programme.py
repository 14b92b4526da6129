"""The life of a programme: one draft at most, versions that nobody changes, in the catalogue or out of it.

Source: décret 2019-565, indicator 1 (a sheet that can be checked, with its version and its date).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from common.errors import FieldError
from common.labels import Labelled
from training.programmes.domain.content import Content, Part, ProgrammeKind
from training.programmes.domain.refusals import (
    AlreadyPublished,
    DraftMissing,
    DraftOpen,
    Incomplete,
    NeverPublished,
    NotOnSale,
    NotRetired,
    PartsNotSold,
    Retired,
    SoldInOthers,
    Unchanged,
)
from training.programmes.domain.requirements import Defect


class ProgrammeStatus(Labelled):
    """Where a programme stands."""

    IN_PREPARATION = "in_preparation", "en préparation, jamais publié"
    ON_SALE = "on_sale", "au catalogue"
    RETIRED = "retired", "retiré du catalogue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What is sold under one code. ``current`` is the number of its last version, ``version`` that of this state."""

    id: UUID
    code: str
    kind: ProgrammeKind
    status: ProgrammeStatus = ProgrammeStatus.IN_PREPARATION
    current: int | None = None
    draft: Content | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a version says: its content, and what it is made of as sold that day."""

    content: Content
    parts: tuple[Part, ...] = ()


def draft_of(programme: Programme) -> Content:
    """Return what is being written. Raises DraftMissing."""
    if programme.draft is None:
        raise DraftMissing("Ouvrez d'abord un projet : une version publiée ne se récrit pas.")
    return programme.draft


def rewrite(programme: Programme, content: Content) -> Programme:
    """Write the draft again, whole. Raises DraftMissing."""
    draft_of(programme)
    return _changed(programme, draft=content)


def open_draft(programme: Programme, current: Content | None) -> Programme:
    """Begin a draft from the current version. Raises DraftOpen."""
    if programme.draft is not None or current is None:
        raise DraftOpen("Un projet est déjà ouvert : récrivez-le, publiez-le ou abandonnez-le.")
    return _changed(programme, draft=current)


def discard_draft(programme: Programme) -> Programme:
    """Give the draft up; the current version stays. Raises DraftMissing, NeverPublished."""
    draft_of(programme)
    if programme.current is None:
        raise NeverPublished("Ce programme n'a que son projet : récrivez-le, ou supprimez le programme.")
    return _changed(programme, draft=None)


def publish(programme: Programme, issue: Issue, last: Issue | None, defects: Sequence[Defect]) -> Programme:
    """Make the draft the next version, and the current one. Raises DraftMissing, Retired, Incomplete, Unchanged."""
    draft_of(programme)
    if programme.status is ProgrammeStatus.RETIRED:
        raise Retired("Ce programme est retiré : remettez-le au catalogue avant d'en publier une version.")
    if defects:
        raise Incomplete(
            "Ce programme ne peut pas encore se publier : " + " ".join(one.message for one in defects),
            errors=[FieldError(one.pointer, one.code, one.message) for one in defects],
        )
    if issue == last:
        raise Unchanged("Le projet dit la même chose que la version en vigueur.")
    return _changed(programme, draft=None, current=next_number(programme), status=ProgrammeStatus.ON_SALE)


def next_number(programme: Programme) -> int:
    """Return the number of the version to come."""
    return (programme.current or 0) + 1


def retire(programme: Programme, sold_in: Collection[str]) -> Programme:
    """Sell it no more; its versions are still read. Raises NotOnSale, SoldInOthers."""
    if programme.status is not ProgrammeStatus.ON_SALE:
        raise NotOnSale("Seul un programme au catalogue se retire.")
    if sold_in:
        raise SoldInOthers(f"Il fait partie de {', '.join(sorted(sold_in))} : publiez-les sans lui, ou retirez-les.")
    return _changed(programme, status=ProgrammeStatus.RETIRED)


def resume(programme: Programme, unsold: Collection[str]) -> Programme:
    """Sell it again, at its last version. Raises NotRetired, PartsNotSold."""
    if programme.status is not ProgrammeStatus.RETIRED:
        raise NotRetired("Seul un programme retiré se remet au catalogue.")
    if unsold:
        raise PartsNotSold(f"Il est fait de {', '.join(sorted(unsold))}, qui n'est plus au catalogue.")
    return _changed(programme, status=ProgrammeStatus.ON_SALE)


def require_never_published(programme: Programme) -> None:
    """Let a programme be deleted that nobody could have read. Raises AlreadyPublished."""
    if programme.current is not None:
        raise AlreadyPublished("Ce programme a été publié : ses versions se gardent. Retirez-le du catalogue.")


def _changed(programme: Programme, **fields: object) -> Programme:
    return replace(programme, version=programme.version + 1, **fields)  # type: ignore[arg-type]  # fields of its own
