"""What renewals write: the notice, as a mail or a letter, and the paper that proves it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from common.clock import PARIS
from common.documents import print_pdf
from common.wording import write_day
from membership.members.domain import Correspondence, Member, Purpose, address_for
from membership.renewals.domain import Federation, Line, Means, Notice, Renewal, SaidNo
from membership.renewals.schemas import LineOut
from membership.renewals.tables import ExceptionRow

_LETTERS: Final = Path(__file__).parent / "templates" / "letters.typ"
_PROOF: Final = Path(__file__).parent / "templates" / "proof.typ"

EXPORT_HEADER = (
    "Référence",
    "Structure",
    "Délégation",
    "Situation",
    "Sort le",
    "Informée le",
    "À informer par",
    "À reprendre",
    "Exception",
)


@dataclass(frozen=True, slots=True)
class Written:
    """A notice as it is written: the same words in a mail, on paper, and in what is kept of either."""

    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    last_day: str
    signature: str

    @property
    def text(self) -> str:
        """All of it but the subject, in plain text, the last day in a frame."""
        edge = "=" * len(self.last_day)  # no sides: a font whose letters differ in width would misplace them
        framed = f"{edge}\n{self.last_day}\n{edge}"
        return "\n\n".join([self.greeting, *self.paragraphs, framed, self.signature]) + "\n"


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice to print, where it goes and to whose attention."""

    member: Member
    address: Correspondence
    attention: str | None


@dataclass(frozen=True, slots=True)
class File:
    """All there is of one structure in a renewal."""

    line: Line
    notices: Sequence[Notice]
    exceptions: Sequence[ExceptionRow]
    refusals: Sequence[SaidNo]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show of it."""
        return not (self.notices or self.exceptions or self.refusals)


def export_line(line: LineOut) -> Sequence[object]:
    """Return the cells of a structure, in the order of ``EXPORT_HEADER``."""
    return (
        line.reference,
        line.name,
        line.delegation,
        line.state_label,
        line.leaves_on,
        line.notified_on,
        line.means_label,
        line.problem,
        line.exception,
    )


def notice(renewal: Renewal, member: Member, federation: Federation, means: Means) -> Written:
    """Write a notice: what happens, until when and how it can be refused, and what a refusal does.

    A notice names the last day clearly, in a frame (code de la consommation, art. L215-1). Of dues it says no more than
    the law does (loi du 1er juillet 1901, art. 4: who leaves owes what fell due and the current year).
    """
    year, until, from_day = renewal.year, write_day(renewal.opt_out_until), write_day(renewal.renews_on)
    how = f"depuis votre espace adhérent, ou par un courrier à {federation.address}. Le jour de l'envoi compte"
    kept = f"votre structure reste adhérente jusqu'au {until} inclus, et la cotisation {year} ne lui est pas demandée"
    later = "Votre structure peut encore démissionner plus tard ; la cotisation de l'année en cours est alors due"
    paragraphs = [
        f"Votre structure, {member.name} (référence {member.reference}), est adhérente de {federation.name}.",
        f"Sans refus de votre part, l'adhésion de votre structure est renouvelée pour {year}, le {from_day}.",
        f"Vous pouvez refuser ce renouvellement jusqu'au {until} inclus, sans dire pourquoi : {how}.",
        f"Si vous refusez, {kept}. Les cotisations des années précédentes restent dues.",
        f"Si vous ne refusez pas, la cotisation {year} fait l'objet d'un appel, envoyé à part. {later}.",
    ]
    no_reply = "Ne répondez pas à ce message : les réponses ne sont pas lues, et ne valent pas refus."
    return Written(
        subject=f"Renouvellement de votre adhésion à {federation.name} pour {year} : vous pouvez le refuser",
        greeting="Madame, Monsieur,",
        paragraphs=(*paragraphs, *([no_reply] if means is Means.MAIL else [])),
        last_day=f"Dernier jour pour refuser le renouvellement : {until}",
        signature=f"L'équipe réseau de {federation.name}",
    )


def letter_address(member: Member) -> Correspondence | None:
    """Return where a letter about a structure's membership goes, if it is known."""
    return address_for(member, Purpose.MEETINGS)


def postal_address(member: Member, address: Correspondence) -> str:
    """Return where a letter to a structure goes on one line, without the name of anybody."""
    return ", ".join(_recipient(Letter(member, address, attention=None)))


async def print_letters(renewal: Renewal, letters: Sequence[Letter], federation: Federation, on: date) -> bytes:
    """Return the PDF of letters to post, one a page, dated the day they are printed."""
    written = [
        {"recipient": _recipient(letter), **_printed(notice(renewal, letter.member, federation, Means.LETTER))}
        for letter in letters
    ]
    sender = {
        "name": federation.name,
        "lines": [federation.street, f"{federation.postcode} {federation.city}"],
        "line": f"Expéditeur : {federation.address}",
    }
    return await print_pdf(_LETTERS, {"day": write_day(on), "sender": sender, "letters": written}, on=on)


async def print_proof(renewal: Renewal, file: File, federation: Federation, on: date) -> bytes:
    """Return the PDF that says what was sent to a structure, when, to whom, and what became of it."""
    line = file.line
    document = {
        "day": write_day(on),
        "year": str(renewal.year),
        "federation": federation.name,
        "name": line.member.name,
        "reference": line.member.reference,
        "window": f"du {write_day(renewal.notice_from)} au {write_day(renewal.notice_until)}",
        "limit": write_day(renewal.opt_out_until),
        "state": line.state.label,
        "leaves": f"le {write_day(line.standing.leaves_on)}" if line.standing.leaves_on else "",
        "notices": [_notice(one) for one in file.notices],
        "refusals": [_refusal(one) for one in file.refusals],
        "exceptions": [_exception(one) for one in file.exceptions],
        "reservation": renewal.rule_source if renewal.rule_status != "published" else "",
    }
    return await print_pdf(_PROOF, document, on=on)


def _printed(written: Written) -> dict[str, object]:
    return {
        "subject": written.subject,
        "greeting": written.greeting,
        "paragraphs": list(written.paragraphs),
        "last_day": written.last_day,
        "signature": written.signature,
    }


def _recipient(letter: Letter) -> list[str]:
    address = letter.address
    attention = address.attention or letter.attention
    where = [address.street, f"{address.postcode} {address.city}"]
    return [letter.member.name, *([f"À l'attention de {attention}"] if attention else []), *where]


def _notice(one: Notice) -> dict[str, str]:
    day = f" du {write_day(one.sent_on)}" if one.sent_on else ""
    return {
        "title": f"{one.means.label.capitalize()}{day}",
        "status": one.status.label,
        "sent": write_instant(one.sent_at) if one.sent_at else "",
        "recipient": one.recipient or "",
        "message_id": one.message_id or "",
        "reply": one.reply or "",
        "tracking_number": one.tracking_number or "",
        "returned": f"le {write_day(one.returned_on)} : {one.returned_reason}" if one.returned_on else "",
        "recorded": _recorded(one.recorded_at, one.recorded_by),
        "subject": one.subject or "",
        "text": one.text or "",
    }


def _refusal(said: SaidNo) -> dict[str, str]:
    back = said.taken_back
    return {
        "said_on": write_day(said.said_on) if said.said_on else "",
        "reason": said.entry.reason or "",
        "recorded": _recorded(said.entry.recorded_at, said.entry.recorded_by),
        "withdrawn": f"{_recorded(back.recorded_at, back.recorded_by)} : {back.reason or 'sans raison'}"
        if back
        else "",
    }


def _exception(row: ExceptionRow) -> dict[str, str]:
    back = row.withdrawn_at
    withdrawn = f"{_recorded(back, row.withdrawn_by or '')} : {row.withdrawn_reason}" if back else ""
    return {"reason": row.reason, "recorded": _recorded(row.granted_at, row.granted_by), "withdrawn": withdrawn}


def _recorded(at: datetime, by: str) -> str:
    return f"{write_instant(at)}, par {by}"


def write_instant(at: datetime) -> str:
    """Write an instant in full, at the hour of Paris.

    >>> from datetime import UTC
    >>> write_instant(datetime(2026, 10, 15, 12, 5, tzinfo=UTC))
    '15 octobre 2026 à 14 h 05'
    """
    there = at.astimezone(PARIS)
    return f"{write_day(there.date())} à {there:%-H h %M}"
