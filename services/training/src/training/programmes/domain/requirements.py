"""What a sheet must say before it is published, on the day of its publication, and what it may not contradict.

Source: the national quality referential, décret 2019-565 until 31 October 2026 and décret 2026-728 from 1 November
2026, indicators 1, 3, 5 and 6 (``data/requirements.toml``). That nothing published may mislead is indicator 1 of 2026;
a sheet that contradicts itself was not checkable before either.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from training.programmes.domain.content import Content, Field, Part, ProgrammeKind, Recognition

_NUMBERS = {
    Recognition.RNCP: (re.compile(r"RNCP\d{1,6}"), "RNCP12345"),
    Recognition.BLOCK: (re.compile(r"RNCP\d{1,6}BC\d{2}"), "RNCP12345BC01"),
    Recognition.RS: (re.compile(r"RS\d{1,6}"), "RS1234"),
}
_NSF = re.compile(r"\d{3}")
_NAMES = {"duration": "la durée, en heures ou en jours", "price": "le prix, ou qu'il est sur devis"}
_MISSING = {
    Field.PREREQUISITES: "les prérequis (« aucun » s'il n'y en a pas)",
    Field.OBJECTIVES: "les objectifs",
    Field.ACCESS_DAYS: "le délai d'accès",
    Field.CONTACT: "le contact",
    Field.METHODS: "les méthodes mobilisées",
    Field.MODES: "les modalités",
    Field.ASSESSMENT: "les modalités d'évaluation",
    Field.DISABILITY_ACCESS: "l'accès des personnes handicapées",
    Field.RECOGNITION: "le type de reconnaissance",
    Field.RECOGNITION_NUMBER: "le numéro de la certification",
    Field.FUNDING: "les modes de financement",
}
_POINTERS = {"duration": Field.HOURS, "price": Field.PRICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one indicator asks of a sheet."""

    indicator: int
    fields: tuple[str, ...]
    certifying: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Referential:
    """The referential that holds from a day on."""

    code: str
    since: date
    label: str
    source: str
    status: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """What keeps a draft from being published: where, what, and the indicators that ask for it, if any."""

    pointer: str
    code: str
    message: str
    indicators: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a draft is held against: the themes, and the programmes on sale by code, as they would be parts of it."""

    themes: Collection[str]
    on_sale: Mapping[str, Part]


def named(requirement: str) -> str:
    """Return what a sentence calls a requirement.

    >>> named("access_days")
    "le délai d'accès"
    """
    return _NAMES.get(requirement) or _MISSING[Field(requirement)]


def defects(
    content: Content, kind: ProgrammeKind, referential: Referential, known: Known, code: str = ""
) -> tuple[Defect, ...]:
    """Return all that keeps a draft from being published under a referential."""
    whole = settled(content, known)
    return (*_missing(whole, referential), *_contradictions(content, known.themes), *_parts(content, kind, known, code))


def parts_of(content: Content, known: Known) -> tuple[Part, ...]:
    """Return what a pack or a path is made of as sold now, in its order."""
    return tuple(known.on_sale[code] for code in content.parts if code in known.on_sale)


def settled(content: Content, known: Known) -> Content:
    """Return the content with its duration and its prices, where not stated, as the sum of those of its parts.

    Where one of them does not say, nor does the whole: half a sum would mislead. A version keeps what it added up.
    """
    parts = parts_of(content, known)
    if not parts or len(parts) < len(content.parts):
        return content
    hours = content.hours if content.hours is not None or content.days is not None else _sum(one.hours for one in parts)
    if content.on_request or content.price is not None or content.member_price is not None:
        return replace(content, hours=hours)
    price, member_price = _sum(one.price for one in parts), _sum(one.member_price for one in parts)
    return replace(content, hours=hours, price=price, member_price=member_price)


def _sum(amounts: Iterator[Decimal | None]) -> Decimal | None:
    known = list(amounts)
    return None if None in known else sum((one for one in known if one is not None), Decimal(0))


def _missing(content: Content, referential: Referential) -> Iterator[Defect]:
    asked: dict[str, list[int]] = {}
    for one in referential.asked:
        for requirement in one.fields if content.is_certifying or not one.certifying else ():
            asked.setdefault(requirement, []).append(one.indicator)
    for requirement, indicators in asked.items():
        if not _says(content, requirement):
            place = _POINTERS.get(requirement, requirement)
            which = f"indicateur{'s' if len(indicators) > 1 else ''} {' et '.join(map(str, indicators))}"
            message = f"Il manque {named(requirement)} ({which})."
            yield Defect(
                pointer=f"/{place}", code=f"{requirement}_missing", message=message, indicators=tuple(indicators)
            )


def _says(content: Content, requirement: str) -> bool:
    if requirement == "duration":
        return content.hours is not None or content.days is not None
    if requirement == "price":
        return content.on_request or content.price is not None
    said = getattr(content, requirement)
    return said is not None and said not in ("", ())


def _contradictions(content: Content, themes: Collection[str]) -> Iterator[Defect]:
    if content.theme is None or content.theme not in themes:
        yield Defect(pointer="/theme", code="theme_unknown", message="Choisissez un thème du catalogue.")
    yield from _of_recognition(content)
    yield from _of_prices(content)
    if content.nsf_code is not None and not _NSF.fullmatch(content.nsf_code):
        yield Defect(pointer="/nsf_code", code="nsf_code_wrong", message="Un code NSF a trois chiffres.")
    if content.trainees_min and content.trainees_max and content.trainees_min > content.trainees_max:
        yield Defect(
            pointer="/trainees_min", code="trainees_reversed", message="Le minimum de stagiaires dépasse le maximum."
        )


def _of_recognition(content: Content) -> Iterator[Defect]:
    number, pointer = content.recognition_number, f"/{Field.RECOGNITION_NUMBER}"
    if number is None:
        return
    if content.recognition not in _NUMBERS:
        message = "Un numéro de certification est donné, et la reconnaissance n'est pas une certification."
        yield Defect(pointer=pointer, code="recognition_number_idle", message=message)
        return
    shape, example = _NUMBERS[content.recognition]
    if not shape.fullmatch(number):
        message = f"« {number} » n'est pas un numéro de cette certification : écrivez-le comme {example}."
        yield Defect(pointer=pointer, code="recognition_number_wrong", message=message)


def _of_prices(content: Content) -> Iterator[Defect]:
    if content.on_request and (content.price is not None or content.member_price is not None):
        message = "Le prix est dit sur devis, et un montant est donné."
        yield Defect(pointer="/on_request", code="price_contradicted", message=message)
    if content.price is not None and content.member_price is not None and content.member_price > content.price:
        message = "Le prix adhérent dépasse celui des autres."
        yield Defect(pointer="/member_price", code="member_price_above", message=message)
    if content.price is None and content.member_price is not None:
        message = "Le prix adhérent est donné sans celui des autres."
        yield Defect(pointer="/price", code="price_alone", message=message)


def _parts(content: Content, kind: ProgrammeKind, known: Known, code: str) -> Iterator[Defect]:
    if kind is ProgrammeKind.PROGRAMME:
        if content.parts:
            message = "Une formation n'est pas faite d'autres : créez un pack ou un parcours."
            yield Defect(pointer="/parts", code="parts_idle", message=message)
        return
    if not content.parts:
        message = "Dites de quelles formations il est fait."
        yield Defect(pointer="/parts", code="parts_missing", message=message)
    for place, part in enumerate(content.parts):
        if part in content.parts[:place]:
            message = f"{part} y est deux fois."
            yield Defect(pointer=f"/parts/{place}", code="part_twice", message=message)
        elif part == code or part not in known.on_sale:
            message = f"{part} n'est pas une formation du catalogue."
            yield Defect(pointer=f"/parts/{place}", code="part_not_sold", message=message)
    if kind is ProgrammeKind.PATH and not content.is_certifying:
        message = "Un parcours certifiant mène à une certification : dites laquelle."
        yield Defect(pointer="/recognition", code="path_not_certifying", message=message)
