"""Reads of pictures: what structures submitted in a period, none of them recognisable."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import select

from common.clock import beginning
from common.dated import rule_on
from common.rights import Grant, Scope, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.assessment_pictures.domain import (
    Handed,
    PictureRule,
    Present,
    Region,
    contribution,
    draw,
    draw_present,
    period_of,
    require_over,
)
from membership.assessment_pictures.schemas import (
    PictureOut,
    PictureParams,
    PresentPictureOut,
    PresentPictureParams,
    PresentRowOut,
    RegionOut,
)
from membership.assessments.queries import submitted_in
from membership.banks.domain import Bank, BankNotFound
from membership.banks.queries import bank_of, banks
from membership.members.domain import MemberStatus
from membership.members.queries import register_on
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory


@cache
def picture_rules() -> tuple[PictureRule, ...]:
    """Return the dated rules of pictures, read once per process."""
    return shipped_rules("membership.assessment_pictures", "picture.toml", PictureRule)


async def find_picture(source: Read, params: PictureParams) -> PictureOut:
    """Return the picture of the period that a year is in. Raises BankNotFound, PictureNotOver.

    What is drawn does not change any more, whatever becomes of a structure, and counts whom the present picture does:
    the last assessment that each submitted in the period, as it was and where it was then.
    """
    rule = rule_on(picture_rules(), date(params.year, 12, 31))
    period = period_of(rule, params.year)
    require_over(period, source.today)
    bank = _bank_on(params.family, period.last)
    where = await _members_on(source, period.last)
    latest = {one.structure: one.brought for one in await _handed_in(source, bank, period.first, period.last)}
    picture, members = draw(bank, list(latest.values()), rule.fewest), Counter(where.values())
    names: dict[str | None, str] = {one.code: one.name for one in load_territory().delegations}
    return PictureOut(
        family=params.family,
        bank=bank.code,
        bank_status=bank.status,
        first=period.first,
        last=period.last,
        out_of=bank.out_of,
        fewest=rule.fewest,
        rule_status=rule.status,
        rule_source=rule.source,
        country=RegionOut.of(bank, None, "France", len(where), picture.country),
        delegations=[
            RegionOut.of(
                bank,
                code,
                names.get(code, "sans délégation"),
                members[code],
                picture.parts.get(code, _nobody(bank)),
            )
            for code in (*names, None)
        ],
    )


async def find_present(source: Read, params: PresentPictureParams) -> PresentPictureOut:
    """Return the present picture of the running period: the country, and the delegations that one reads one by one.

    Raises BankNotFound. Who may not read a delegation's assessments is told of the country alone: together, rows that
    move on days of their own would tell more than each.
    """
    rule = rule_on(picture_rules(), source.today)
    period, yesterday = period_of(rule, source.today.year), source.today - timedelta(days=1)
    bank = _bank_on(params.family, source.today)
    handed = await _handed_in(source, bank, period.first, yesterday)
    members = Counter((await _members_on(source, yesterday)).values())
    grant = grant_for(RIGHTS, Act.READ_ASSESSMENTS, source.actor)

    def present(of: Sequence[Handed], *, insiders: bool) -> Present:
        return draw_present(bank, of, rule.fewest, insiders=insiders)

    return PresentPictureOut(
        family=params.family,
        bank=bank.code,
        bank_status=bank.status,
        first=period.first,
        last=yesterday,
        out_of=bank.out_of,
        fewest=rule.fewest,
        rule_status=rule.status,
        rule_source=rule.source,
        country=PresentRowOut.of(bank, None, "France", members.total(), present(handed, insiders=True)),
        delegations=[
            PresentRowOut.of(
                bank,
                one.code,
                one.name,
                members[one.code],
                present([each for each in handed if each.brought.delegation == one.code], insiders=False),
            )
            for one in load_territory().delegations
            if _reads(grant, one.code)
        ],
    )


def _reads(grant: Grant | None, delegation: str) -> bool:
    """Tell whether somebody reads each assessment of a delegation."""
    if grant is None or grant.scope is Scope.OWN:
        return False
    return grant.scope is Scope.ALL or grant.actor.delegation == delegation


async def _handed_in(source: Read, bank: Bank, first: date, last: date) -> list[Handed]:
    """Return what was submitted of a bank's family in a period, in the order in which it was."""
    return [
        Handed(one.structure, one.day, contribution(bank, one.delegation, bank_of(one.bank), one.scores))
        for one in await submitted_in(source, bank.family, first, last)
    ]


def _bank_on(family: str, day: date) -> Bank:
    """Return the version of a family that served on a day, the latest where two did. Raises BankNotFound."""
    serving = [bank for bank in banks().values() if bank.family == family and bank.is_open_on(day)]
    if not serving:
        raise BankNotFound(f"Aucune banque de la démarche « {family} » ne servait le {day:%d/%m/%Y}.")
    return max(serving, key=lambda bank: bank.since)


async def _members_on(source: Read, day: date) -> dict[UUID, str | None]:
    """Return the delegation of each member on a day, from what was known when that day ended."""
    register = register_on(day, known_at=beginning(day + timedelta(days=1)))
    belonging = register.c.status.in_([MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value])
    rows = await source.session.execute(select(register.c.id, register.c.delegation).where(belonging))
    return {row.id: row.delegation for row in rows}


def _nobody(bank: Bank) -> Region:
    """A region where nobody submitted looks as one where too few did."""
    return Region(
        structures=None,
        themes={},
        levels={level.code: None for level in bank.levels},
    )
