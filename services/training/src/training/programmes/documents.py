"""What the catalogue writes: a programme's sheet to print, one line of an export."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import counted, write_day
from training.organisation.domain import MentionUse, Organisation
from training.organisation.queries import mention
from training.programmes.domain import Field, Mode
from training.programmes.schemas import CatalogueLine, ContentBody, SheetOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "sheet.typ"
_SECTIONS: Final = (
    Field.PREREQUISITES, Field.AUDIENCE, Field.METHODS, Field.ASSESSMENT, Field.DISABILITY_ACCESS,
)  # fmt: skip

EXPORT_HEADER = (
    "code", "nature", "titre", "theme", "version", "publie_le", "modalites", "certifiant", "heures", "prix_adherent",
    "prix",
)  # fmt: skip


def catalogue_line(line: CatalogueLine) -> Sequence[object]:
    """Write a programme as one line."""
    return (
        line.code,
        line.kind_label,
        line.title,
        line.theme_label,
        line.number,
        line.published_on,
        " ; ".join(Mode(mode).label for mode in line.modes),
        "oui" if line.certifying else "non",
        None if line.hours is None else _plain(line.hours),
        line.member_price,
        line.price,
    )


async def print_sheet(sheet: SheetOut, organisation: Organisation, today: date) -> bytes:
    """Return the sheet of a version, dated the day it was published, in the name of the training body as it is today.

    A sheet advertises: it names the registration as L6352-12 words it, and never the quality mark, whose charter
    forbids it on what speaks of one training (``organisation/data/mentions.toml``).
    """
    content = sheet.content
    data = {
        "code": sheet.code,
        "kind": sheet.kind_label.capitalize(),
        "title": sheet.title,
        "version": f"Version {sheet.number}, publiée le {write_day(sheet.published_on)}",
        "organisation": organisation.name,
        "identity": organisation.line,
        "registration": mention(organisation, MentionUse.ADVERTISING, today),
        "summary": content.summary,
        "facts": [{"label": label, "text": text} for label, text in _facts(sheet) if text],
        "objectives": list(content.objectives),
        "parts": [f"{part.code} · {part.title}" for part in sheet.parts],
        "sections": [
            {"label": field.label, "text": getattr(content, field.value)}
            for field in _SECTIONS
            if getattr(content, field.value)
        ],
    }
    return await print_pdf(_TEMPLATE, data, on=sheet.published_on)


def _facts(sheet: SheetOut) -> list[tuple[str, str]]:
    content = sheet.content
    return [
        ("Thème", sheet.theme_label),
        ("Durée", _duration(content)),
        ("Modalités", ", ".join(mode.label for mode in content.modes)),
        ("Reconnaissance", _recognition(content)),
        ("Prix par stagiaire", _price(content)),
        ("Financement", ", ".join(one.label for one in content.funding)),
        ("Délai d'accès", _access(content.access_days)),
        ("Stagiaires", _trainees(content)),
        ("Spécialité (NSF)", content.nsf_code or ""),
        ("Contact", _contact(content)),
    ]


def _duration(content: ContentBody) -> str:
    told = ((content.days, "jour"), (content.hours, "heure"))
    return ", ".join(_counted(value, unit) for value, unit in told if value)


def _counted(value: Decimal, unit: str) -> str:
    return f"{_plain(value).replace('.', ',')} {unit}{'s' if value >= 2 else ''}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _recognition(content: ContentBody) -> str:
    if content.recognition is None:
        return ""
    return " ".join(filter(None, (content.recognition.label, content.recognition_number)))


def _price(content: ContentBody) -> str:
    if content.on_request:
        return "sur devis"
    if content.price is None:
        return ""
    if content.member_price is None:
        return format_euros(content.price)
    return f"{format_euros(content.member_price)} pour un adhérent, {format_euros(content.price)} sinon"


def _access(days: int | None) -> str:
    if days is None:
        return ""
    return "aucun" if days == 0 else counted(days, "jour")


def _trainees(content: ContentBody) -> str:
    bounds = ((content.trainees_min, "au moins"), (content.trainees_max, "au plus"))
    return ", ".join(f"{count} {which}" for count, which in bounds if count)


def _contact(content: ContentBody) -> str:
    contact = content.contact
    return ", ".join(filter(None, (contact.office, contact.email, contact.phone))) if contact else ""
