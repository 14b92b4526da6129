"""What a programme is held against: the themes, the referential of a day, the programmes that are on sale."""

from datetime import date
from functools import cache
from typing import Any

from common.dated import RuleMissing, rule_on
from common.shipped_data import shipped
from common.transaction import Read
from training.programmes import repository
from training.programmes.domain import Asked, Content, Known, Referential, named
from training.programmes.schemas import ReferentialOut, RequirementOut, ThemeOut, ThemesOut
from training.referential.domain import ReferentialNotFound
from training.referential.queries import version_of

_PACKAGE = "training.programmes"


@cache
def themes() -> dict[str, str]:
    """Return the labels of the themes, by code, in their order."""
    return {theme["code"]: theme["label"] for theme in shipped(_PACKAGE, "themes.toml")["themes"]}


def list_themes() -> ThemesOut:
    """Return the themes, with where the list comes from."""
    data = shipped(_PACKAGE, "themes.toml")
    items = [ThemeOut(code=code, label=label) for code, label in themes().items()]
    return ThemesOut(items=items, status=data["status"], source=data["source"])


def theme_label(code: str | None) -> str:
    """Return what a theme is called; one that has left the list stays legible."""
    return themes().get(code or "", code or "")


@cache
def referentials() -> tuple[Referential, ...]:
    """Return what each version of the quality referential asks of a sheet."""
    return tuple(_referential(one) for one in shipped(_PACKAGE, "requirements.toml")["versions"])


def referential_on(day: date) -> Referential:
    """Return the referential that holds on a day. Raises RuleMissing."""
    return rule_on(referentials(), day)


async def known_for(read: Read, content: Content | None) -> Known:
    """Return what a draft is held against now."""
    parts = await repository.on_sale(read, content.parts) if content and content.parts else {}
    return Known(themes=themes(), on_sale=parts)


def requirements(day: date) -> ReferentialOut:
    """Return what a sheet must say to be published on a day. Raises ReferentialNotFound."""
    try:
        found = referential_on(day)
    except RuleMissing as missing:
        raise ReferentialNotFound("Aucun référentiel n'est renseigné pour un jour si ancien.") from missing
    return ReferentialOut(
        code=found.code,
        label=found.label,
        since=found.since,
        source=found.source,
        status=found.status,
        items=[
            RequirementOut(
                indicator=one.indicator,
                asked=[named(requirement) for requirement in one.fields],
                certifying=one.certifying,
                status=one.status,
            )
            for one in found.asked
        ],
    )


def _referential(given: dict[str, Any]) -> Referential:
    asked = tuple(
        Asked(
            indicator=one["indicator"],
            fields=tuple(one["fields"]),
            certifying=one.get("certifying", False),
            status=one["status"],
        )
        for one in given["asked"]
    )
    version = version_of(given["code"])
    return Referential(
        code=version.code,
        since=version.since,
        label=version.label,
        source=version.source,
        status=version.status.value,
        asked=asked,
    )
