"""Reads of the banks shipped with the service."""

from datetime import date
from functools import cache

from common.shipped_data import shipped
from membership.banks.domain import Bank, BankNotFound, Part, Question, Theme
from membership.banks.schemas import (
    BankDetail,
    BankOut,
    BankQuestionOut,
    BanksOut,
    BankThemeOut,
    LevelOut,
    PartOut,
    ProposedActionOut,
    StepOut,
)

_SHIPPED = ("cap-2026", "cap-rse-2026", "cap-2015")


@cache
def banks() -> dict[str, Bank]:
    """Return the banks by code, the latest first, read once per process."""
    return {code: Bank.of(shipped("membership.banks", f"{code}.toml")) for code in _SHIPPED}


def bank_of(code: str) -> Bank:
    """Return one bank. Raises BankNotFound."""
    bank = banks().get(code)
    if bank is None:
        raise BankNotFound(f"Aucune banque de questions n'a le code « {code} ».")
    return bank


def list_banks(today: date) -> BanksOut:
    """Return the banks without their questions."""
    return BanksOut(items=[BankOut(**_head(bank, today)) for bank in banks().values()])


def find_bank(code: str, today: date) -> BankDetail:
    """Return one bank with its questions. Raises BankNotFound."""
    bank = bank_of(code)
    return BankDetail(
        **_head(bank, today),
        scale=[StepOut.model_validate(step) for step in bank.scale],
        levels=[LevelOut.model_validate(level) for level in bank.levels],
        themes=[_theme(theme) for theme in bank.themes],
    )


def _head(bank: Bank, today: date) -> dict[str, object]:
    return {
        "code": bank.code,
        "family": bank.family,
        "version": bank.version,
        "name": bank.name,
        "since": bank.since,
        "until": bank.until,
        "open": bank.is_open_on(today),
        "status": bank.status,
        "source": bank.source,
        "out_of": bank.out_of,
        "questions": len(bank.questions),
    }


def _theme(theme: Theme) -> BankThemeOut:
    return BankThemeOut(code=theme.code, name=theme.name, parts=[_part(part) for part in theme.parts])


def _part(part: Part) -> PartOut:
    return PartOut(code=part.code, name=part.name, questions=[_question(question) for question in part.questions])


def _question(question: Question) -> BankQuestionOut:
    return BankQuestionOut(
        code=question.code,
        text=question.text,
        help=question.help,
        evidence=question.evidence,
        weight=question.weight,
        may_be_inapplicable=question.may_be_inapplicable,
        actions=[ProposedActionOut.model_validate(action) for action in question.actions],
    )
