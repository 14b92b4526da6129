"""What the federation's staff do with the key figures: publish those of a year that is over.

And what the copies they are counted from tell the agenda: which structures are in a session, until when one is
guaranteed.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from common.contracts.training import EnrolmentFact, SessionFact
from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.subscriptions import Event
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import guarantee_end
from membership.observatory.domain import require_explained
from membership.observatory.queries import secrecy_rules
from membership.territory.queries import load_territory
from membership.yearly_figures import queries, repository
from membership.yearly_figures.domain import NETWORK, FrozenFigure, YearlyEdition, require_over


async def tell_enrolled(tx: Tx, event: Event[EnrolmentFact]) -> None:
    """Show a session to a structure that has a place there, and no more to one that gave its last place back."""
    await _call_enrolled(tx, [event.fact.state.session_id])


async def tell_session(tx: Tx, event: Event[SessionFact]) -> None:
    """Show a session to the structures whose places were told before the session was."""
    await _call_enrolled(tx, [event.fact.state.id])


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again what the copies say: by night, what was told while it did not listen yet."""
    since = dates.shown_since(tx)
    await _call_enrolled(tx, await dates.sessions_since(tx, since))
    ends = [
        guarantee_end(one.id, one.member_id, one.ends_on, one.ended_on)
        for one in await repository.guarantees_until(tx, since)
    ]
    await agenda.tell(tx, ends)


async def _call_enrolled(tx: Tx, sessions: Sequence[UUID]) -> None:
    await agenda.hold(tx, sessions)
    await agenda.call(tx, await repository.enrolled_in(tx, sessions))


async def publish(tx: Tx, grant: Grant, year: int, if_match: str | None, reason: str | None) -> int:
    """Freeze the figures of a year, of the network and of each delegation, with their definitions; return its number.

    Raises YearStillRunning, FiguresNotDefined, RevisionUnexplained, RuleMissing, PreconditionMissing,
    PreconditionFailed.
    """
    require_over(year, tx.today)
    held = queries.definitions_of(year)
    await repository.hold_year(tx, year)
    earlier = await repository.count_of(tx, year)
    await check_version(if_match, earlier, partial(queries.find_year, tx, grant, year, None))
    require_explained(earlier, reason)
    minimum = rule_on(secrecy_rules(), tx.today).minimum
    figured = await queries.told_of(tx, year, held.figures)
    places = (NETWORK, *(one.code for one in load_territory().delegations))
    labels = {theme.code: theme.label for theme in held.themes}
    figures = tuple(
        FrozenFigure(
            code=one.code,
            label=one.label,
            theme=one.theme,
            theme_label=labels[one.theme],
            unit=one.unit,
            definition=one.definition,
            period=one.period,
            status=one.status,
            source=one.source,
            discreet=one.discreet,
            values=figured[one.code].frozen(places, minimum),
        )
        for one in held.figures
    )
    edition = YearlyEdition(
        id=new_id(),
        year=year,
        number=earlier + 1,
        definitions=held.version,
        reason=reason,
        published_on=tx.today,
        published_at=tx.now,
        published_by=tx.actor.subject,
        figures=figures,
    )
    await repository.add(tx, edition)
    return edition.number
