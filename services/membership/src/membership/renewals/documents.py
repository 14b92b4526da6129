"""What renewals write: the notice, as a mail or a letter, and the paper that proves it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from common.documents import print_pdf
from common.wording import write_day
from membership.members.domain import Member
from membership.notices.domain import Federation, Means, Notice, Written
from membership.notices.queries import printed, recorded
from membership.renewals.domain import Line, Renewal, SaidNo
from membership.renewals.schemas import LineOut
from membership.renewals.tables import ExceptionRow

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
        paragraphs=(*paragraphs, *([no_reply] if means is Means.MAIL else [])),
        framed=f"Dernier jour pour refuser le renouvellement : {until}",
        signature=f"L'équipe réseau de {federation.name}",
    )


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
        "notices": [printed(one) for one in file.notices],
        "refusals": [_refusal(one) for one in file.refusals],
        "exceptions": [_exception(one) for one in file.exceptions],
        "reservation": renewal.rule_source if renewal.rule_status != "published" else "",
    }
    return await print_pdf(_PROOF, document, on=on)


def _refusal(said: SaidNo) -> dict[str, str]:
    back = said.taken_back
    return {
        "said_on": write_day(said.said_on) if said.said_on else "",
        "reason": said.entry.reason or "",
        "recorded": recorded(said.entry.recorded_at, said.entry.recorded_by),
        "withdrawn": f"{recorded(back.recorded_at, back.recorded_by)} : {back.reason or 'sans raison'}" if back else "",
    }


def _exception(row: ExceptionRow) -> dict[str, str]:
    back = row.withdrawn_at
    withdrawn = f"{recorded(back, row.withdrawn_by or '')} : {row.withdrawn_reason}" if back else ""
    return {"reason": row.reason, "recorded": recorded(row.granted_at, row.granted_by), "withdrawn": withdrawn}
