"""What the federation's staff do with the key figures: publish those of a year that is over."""

from functools import partial

from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.observatory.domain import require_explained
from membership.observatory.queries import secrecy_rules
from membership.territory.queries import load_territory
from membership.yearly_figures import queries, repository
from membership.yearly_figures.domain import NETWORK, FrozenFigure, YearlyEdition, require_over


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
