"""One structure's declaration for one year: a draft filled over days, then revisions that nothing changes any more."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from common.errors import Conflict, FieldError, NotFound
from common.labels import Labelled
from membership.declarations.domain.checks import Finding, Form, outstanding
from membership.declarations.domain.figures import Answers, Comments, changes
from membership.declarations.domain.questionnaire import BASE_OF_DUES, CARRIED_OVER, Place, places
from membership.members.domain import ActivityKind, Entry, Member, NotAMember, Topic, counting, in_force


class DeclarationState(Labelled):
    """Where a structure stands with its declaration."""

    NOT_STARTED = "not_started", "non commencée"
    DRAFT = "draft", "en cours de saisie"
    DECLARED = "declared", "déclarée"
    CORRECTED = "corrected", "corrigée"
    EXEMPT = "exempt", "dispensée"


class AlreadyDeclared(Conflict):
    """A declaration is made once; what changes after is a correction, with its reason."""

    code = "already_declared"


class NotDeclared(Conflict):
    """Only what was declared can be corrected."""

    code = "not_declared"


class NothingDrafted(Conflict):
    """Nothing was filled in since the last revision."""

    code = "nothing_drafted"


class NothingToCarryOver(Conflict):
    """No blank of the form has a figure of last year."""

    code = "nothing_to_carry_over"


class NothingChanged(Conflict):
    """A correction changes a figure at least."""

    code = "nothing_changed"


class RevisionNotFound(NotFound):
    """A declaration has no revision of this number."""

    code = "declaration_revision_not_found"


class FindingsOutstanding(Conflict):
    """Errors are to be put right, and warnings explained, before a declaration is made; all of them are told."""

    code = "findings_outstanding"


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something, when, and on which legal day."""

    at: datetime
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Draft:
    """What was filled in so far, complete or not, and who saved it when.

    Of ``carried`` the value is last year's: carried over, and left as it was since.
    """

    answers: Answers
    comments: Comments
    saved_at: datetime
    saved_by: str
    carried: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Explained:
    """A warning as the declarer saw it, and what they said of it."""

    code: str
    activity: ActivityKind | None
    message: str
    comment: str


@dataclass(frozen=True, slots=True)
class Revision:
    """The figures as declared, or as corrected for a reason; never changed."""

    number: int
    answers: Answers
    explained: tuple[Explained, ...]
    recorded_at: datetime
    recorded_by: str
    recorded_on: date
    reason: str | None = None

    @property
    def base_of_dues(self) -> Decimal:
        """The figure that every declaration has: no revision is made without it."""
        return self.answers[Place(BASE_OF_DUES)]


@dataclass(frozen=True, slots=True)
class Declaration:
    """The declaration of one structure for one year of accounts.

    ``late`` is said of its first revision, by the last day that its campaign has now: an extension takes it back.
    """

    id: UUID
    member_id: UUID
    year: int
    draft: Draft | None = None
    revisions: tuple[Revision, ...] = ()
    late: bool = False
    version: int = 0

    @property
    def last(self) -> Revision | None:
        """The revision that counts."""
        return self.revisions[-1] if self.revisions else None

    @property
    def declared(self) -> Answers:
        """What was declared, as last corrected; a draft is none of it."""
        return self.last.answers if self.last else {}


def require_declarant(member: Member) -> None:
    """Let only a structure declare that is or was a member: the others know no candidate. Raises NotAMember."""
    if member.admission is None:
        raise NotAMember(f"{member.name} n'a jamais été adhérente : elle n'a rien à déclarer.")


def activities_of(entries: Iterable[Entry], year: int) -> tuple[ActivityKind, ...]:
    """Return the activities a structure had on any day of a year, in the federation's order.

    Of a structure that the register only knows since later, those of its first day there: nothing can be entered of it
    for that year, and what it takes up after asks nothing of a year that is over.
    """
    known = counting(entry for entry in entries if entry.subject.topic is Topic.ACTIVITY)
    first, last = date(year, 1, 1), date(year, 12, 31)
    began = {entry.subject.key for entry in known if entry.value is not None and first < entry.effective_on <= last}
    had = began | {subject.key for subject in in_force(known, first)}
    if not had:
        since = sorted({entry.effective_on for entry in known if entry.effective_on > last})
        had = next((keys for day in since if (keys := {subject.key for subject in in_force(known, day)})), set())
    return tuple(kind for kind in ActivityKind if kind.value in had)


def save_draft(declaration: Declaration, draft: Draft) -> Declaration:
    """Keep what was filled in so far in the place of what was kept before; what was carried over stays known as such
    until it is given another value."""
    before = declaration.draft
    carried = {place for place in before.carried if draft.answers.get(place) == before.answers[place]} if before else ()
    return replace(declaration, draft=replace(draft, carried=frozenset(carried)), version=declaration.version + 1)


def require_carriable(declaration: Declaration, form: Form) -> None:
    """Let last year's figures be carried over only where there is a blank for one. Raises NothingToCarryOver."""
    if not form.previous:
        raise NothingToCarryOver(f"Rien de ce qui est demandé pour {declaration.year} n'a été déclaré l'an dernier.")
    if not _carriable(declaration, form):
        raise NothingToCarryOver("Tout ce qui avait été déclaré l'an dernier est déjà renseigné.")


def carry_over(declaration: Declaration, form: Form, author: Author) -> Declaration:
    """Fill the blanks of the draft, or of a correction to begin, with last year's figures; what is given stays.

    Whoever confirmed those carried over before has not seen these. Raises NothingToCarryOver.
    """
    require_carriable(declaration, form)
    before = declaration.draft or Draft(declaration.declared, {}, author.at, author.by)
    carried = _carriable(declaration, form)
    filled = {**before.answers, **carried}
    in_order = dict.fromkeys([*places(form.questionnaire, form.activities), *filled])
    draft = Draft(
        answers={place: filled[place] for place in in_order if place in filled},
        comments={place: said for place, said in before.comments.items() if place.code != CARRIED_OVER},
        saved_at=author.at,
        saved_by=author.by,
        carried=before.carried | carried.keys(),
    )
    return replace(declaration, draft=draft, version=declaration.version + 1)


def _carriable(declaration: Declaration, form: Form) -> Answers:
    given = declaration.draft.answers if declaration.draft else declaration.declared
    return {place: value for place, value in form.previous.items() if place not in given}


def require_drafted(declaration: Declaration) -> None:
    """Let only a draft that there is be dropped. Raises NothingDrafted."""
    if declaration.draft is None:
        raise NothingDrafted("Aucune saisie n'est en cours.")


def drop_draft(declaration: Declaration) -> Declaration:
    """Forget what was filled in since the last revision; what is declared stands. Raises NothingDrafted."""
    require_drafted(declaration)
    return replace(declaration, draft=None, version=declaration.version + 1)


def require_declarable(declaration: Declaration, found: Collection[Finding]) -> None:
    """Let only a settled draft become a first revision. Raises AlreadyDeclared, NothingDrafted, FindingsOutstanding."""
    if declaration.last is not None:
        day = declaration.revisions[0].recorded_on
        raise AlreadyDeclared(f"L'année {declaration.year} est déclarée depuis le {day:%d/%m/%Y} : corrigez-la.")
    if declaration.draft is None:
        raise NothingDrafted("Aucun chiffre n'est saisi.")
    require_settled(found)


def require_correctable(declaration: Declaration, found: Collection[Finding]) -> None:
    """Let only a settled draft that changes a figure become a correction.

    Raises NotDeclared, NothingDrafted, NothingChanged, FindingsOutstanding.
    """
    if declaration.last is None:
        raise NotDeclared(f"L'année {declaration.year} n'est pas encore déclarée : il n'y a rien à corriger.")
    if declaration.draft is None:
        raise NothingDrafted("Rien n'est saisi depuis la dernière révision.")
    if not changes(declaration.last.answers, declaration.draft.answers):
        raise NothingChanged("Aucun chiffre ne diffère de ce qui est déclaré.")
    require_settled(found)


def declare(declaration: Declaration, found: Collection[Finding], author: Author, *, late: bool) -> Declaration:
    """Make the draft the declaration. Raises AlreadyDeclared, NothingDrafted, FindingsOutstanding."""
    require_declarable(declaration, found)
    return replace(_revised(declaration, found, author, reason=None), late=late)


def correct(declaration: Declaration, found: Collection[Finding], author: Author, *, reason: str) -> Declaration:
    """Make the draft a correction. Raises NotDeclared, NothingDrafted, NothingChanged, FindingsOutstanding."""
    require_correctable(declaration, found)
    return _revised(declaration, found, author, reason=reason)


def _revised(
    declaration: Declaration, found: Collection[Finding], author: Author, *, reason: str | None
) -> Declaration:
    revision = Revision(
        number=len(declaration.revisions) + 1,
        answers=declaration.draft.answers if declaration.draft else {},
        explained=tuple(
            Explained(finding.code, finding.activity, finding.message, finding.comment)
            for finding in found
            if finding.comment is not None
        ),
        recorded_at=author.at,
        recorded_by=author.by,
        recorded_on=author.on,
        reason=reason,
    )
    return replace(
        declaration, draft=None, revisions=(*declaration.revisions, revision), version=declaration.version + 1
    )


def replaced(declaration: Declaration, by: Revision, author: Author, *, reason: str) -> Declaration:
    """Make figures that were declared elsewhere, or before, a correction; what is being filled in stays."""
    revision = replace(
        by,
        number=len(declaration.revisions) + 1,
        recorded_at=author.at,
        recorded_by=author.by,
        recorded_on=author.on,
        reason=reason,
    )
    return replace(declaration, revisions=(*declaration.revisions, revision), version=declaration.version + 1)


def require_settled(found: Collection[Finding]) -> None:
    """Let only figures through that hold together, or whose oddities are explained. Raises FindingsOutstanding."""
    left = outstanding(found)
    if left:
        many = f"{len(left)} points restent à corriger ou à commenter."
        raise FindingsOutstanding(
            left[0].message if len(left) == 1 else many,
            errors=[FieldError(f"/findings/{rank}", one.code, one.message) for rank, one in enumerate(left)],
            extra={"findings": [_told(finding) for finding in left]},
        )


def state_of(revisions: int, *, exempt: bool, drafted: bool) -> DeclarationState:
    """Return where a structure stands: figures count before an exemption, an exemption before a draft."""
    if revisions:
        return DeclarationState.DECLARED if revisions == 1 else DeclarationState.CORRECTED
    if exempt:
        return DeclarationState.EXEMPT
    return DeclarationState.DRAFT if drafted else DeclarationState.NOT_STARTED


def _told(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "activity": finding.activity,
        "message": finding.message,
        "figures": [{"code": place.code, "activity": place.activity} for place in finding.places],
    }
