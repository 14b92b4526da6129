"""Reads of pictures: what structures submitted in a year, none of them recognisable."""

from common.transaction import Read
from membership.assessments.queries import submitted_in
from membership.banks.domain import Bank, Scores
from membership.banks.queries import bank_of
from membership.pictures.domain import FEWEST, Contribution, Region, draw, require_over
from membership.pictures.schemas import PictureOut, PictureParams, RegionOut
from membership.territory.queries import load_territory


async def find_picture(source: Read, params: PictureParams) -> PictureOut:
    """Return the picture of a year. Raises BankNotFound, PictureNotOver."""
    bank = bank_of(params.bank)
    require_over(params.year, source.today)
    found = await submitted_in(source, bank, params.year)
    picture = draw(bank, [_contribution(delegation, scores) for delegation, scores in found])
    names: dict[str | None, str] = {one.code: one.name for one in load_territory().delegations}
    return PictureOut(
        bank=bank.code,
        bank_status=bank.status,
        year=params.year,
        out_of=bank.out_of,
        fewest=FEWEST,
        country=RegionOut.of(bank, None, "France", picture.country),
        delegations=[
            RegionOut.of(bank, code, names.get(code, "sans délégation"), picture.parts.get(code, _nobody(bank)))
            for code in (*names, None)
        ],
    )


def _contribution(delegation: str | None, scores: Scores) -> Contribution:
    level = scores.whole.level
    points = {theme: score.points for theme, score in scores.themes.items()}
    return Contribution(delegation, points, level.code if level else "")


def _nobody(bank: Bank) -> Region:
    """A region where nobody submitted looks as one where too few did."""
    return Region(
        structures=None,
        themes={theme.code: None for theme in bank.themes},
        levels={level.code: None for level in bank.levels},
    )
