"""What papers must say and what a change entails, as shipped with the service: dated, each with its source."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final

from pydantic import TypeAdapter

from common.dated import rule_on
from common.shipped_data import shipped, shipped_rules
from training.papers.domain import Clause, ClauseUse, KindRule, PaperKind
from training.papers.schemas import ClauseOut, MentionOfPaper, PaperRuleOut, PaperRulesOut

_PACKAGE = "training.papers"
_KINDS: Final = TypeAdapter(tuple[KindRule, ...])


@cache
def _kinds() -> tuple[KindRule, ...]:
    return _KINDS.validate_python(shipped(_PACKAGE, "mentions.toml")["kinds"])


@cache
def _clauses() -> tuple[Clause, ...]:
    return shipped_rules(_PACKAGE, "clauses.toml", Clause)


def rule_of(kind: PaperKind, day: date) -> KindRule:
    """Return what a kind of paper says on a day. Raises RuleMissing."""
    return rule_on((one for one in _kinds() if one.kind is kind), day)


def clauses_on(day: date, withdrawal_days: int) -> Mapping[ClauseUse, str]:
    """Return the clauses of a day, written. Raises RuleMissing."""
    return {one.use: one.text.replace("{days}", str(withdrawal_days)) for one in _held(day)}


def rules_of(day: date) -> PaperRulesOut:
    """Return what each paper says on a day, and the clauses of conventions and contracts. Raises RuleMissing."""
    changes = shipped(_PACKAGE, "mentions.toml")["changes"]
    return PaperRulesOut(
        kinds=[_rule_out(rule_of(kind, day)) for kind in PaperKind],
        changes_status=changes["status"],
        changes_source=changes["source"],
        clauses=[
            ClauseOut(
                use=one.use, use_label=ClauseUse(one.use).label, text=one.text, status=one.status, source=one.source
            )
            for one in _held(day)
        ],
    )


def _held(day: date) -> Iterator[Clause]:
    return (rule_on((one for one in _clauses() if one.use == use), day) for use in ClauseUse)


def _rule_out(rule: KindRule) -> PaperRuleOut:
    mentions = [
        MentionOfPaper(
            term=one.term,
            label=one.term.label,
            article=one.article,
            required=one.required,
            change=one.change,
            change_label=one.change.label,
        )
        for one in rule.mentions
    ]
    return PaperRuleOut(
        kind=rule.kind,
        kind_label=rule.kind.label,
        since=rule.since,
        status=rule.status,
        source=rule.source,
        mentions=mentions,
    )
