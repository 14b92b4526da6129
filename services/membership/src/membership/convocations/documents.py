"""What convocations write: the mail or the letter, and the paper that proves that they left."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from common.documents import print_pdf
from common.wording import counted, write_day
from membership.assemblies.domain import ConvocationState
from membership.assemblies.schemas import AssemblyOut, ItemOut
from membership.convocations.schemas import ConvocationOut
from membership.members.domain import Member
from membership.notices.domain import Federation, Means, Notice, NoticeStatus, Written
from membership.notices.queries import printed

_PROOF: Final = Path(__file__).parent / "templates" / "proof.typ"

EXPORT_HEADER = (
    "Référence", "Structure", "Délégation", "Vote", "Situation", "Convoquée le", "Hors délai", "À joindre par",
    "À reprendre",
)  # fmt: skip


def export_line(line: ConvocationOut) -> Sequence[object]:
    """Return the cells of a structure, in the order of ``EXPORT_HEADER``."""
    return (
        line.reference,
        line.name,
        line.delegation,
        "oui" if line.enrolled else "non",
        line.state_label,
        line.convened_on,
        line.late_reason or (_UNEXPLAINED if line.late else None),
        line.means_label,
        " ; ".join(line.problems),
    )


_UNEXPLAINED: Final = "sans raison consignée"


def convocation(assembly: AssemblyOut, roll_day: date, federation: Federation, member: Member, means: Means) -> Written:
    """Write a convocation: when and where, on what, who stands, and how to be represented.

    Structures that stand are named, not the people they present: what is sent is kept for years.
    """
    second = " (seconde convocation : aucun quorum n'est requis)" if assembly.second_of else ""
    day = write_day(assembly.held_on)
    structure = f"Votre structure, {member.name} (référence {member.reference})"
    how = f"depuis votre espace adhérent, ou par un courrier à {federation.address}"
    paragraphs = [
        f"{structure}, est convoquée à l'{assembly.kind_label} de {federation.name}{second} : « {assembly.title} ».",
        f"Elle se tient le {day}. Lieu : {assembly.place}.",
        "Ordre du jour :",
        *(f"{rank}. {_item(item)}" for rank, item in enumerate(assembly.agenda, start=1)),
        f"Votent les structures de la liste électorale du {write_day(roll_day)}. Votre espace adhérent le dit.",
        f"Si personne ne peut venir, donnez pouvoir à une autre structure qui vote, avant le premier vote : {how}.",
        f"Au plus {counted(assembly.most_proxies, 'pouvoir')} par structure. Celle qui est présente vote elle-même.",
    ]
    no_reply = "Ne répondez pas à ce message : les réponses ne sont pas lues, et ne valent pas pouvoir."
    return Written(
        subject=f"Convocation : {assembly.title}, le {day}",
        paragraphs=(*paragraphs, *([no_reply] if means is Means.MAIL else [])),
        framed=f"{assembly.kind_label.capitalize()} du {day}, {assembly.place}",
        signature=f"L'équipe réseau de {federation.name}",
    )


def _item(item: ItemOut) -> str:
    if item.seats is None:
        majority = f" ({item.majority})" if item.majority else ""
        return f"{item.title}{majority}{f' : {item.text}' if item.text else ''}"
    candidates = ", ".join(one.member_name for one in item.candidates)
    known = f"candidatures reçues à ce jour : {candidates}" if candidates else "aucune candidature reçue à ce jour"
    return f"{item.title} : {counted(item.seats, 'siège')} à pourvoir, {item.scope_name} ; {known}"


async def print_proof(
    assembly: AssemblyOut,
    lines: Sequence[tuple[ConvocationOut, Sequence[Notice]]],
    federation: Federation,
    on: date,
) -> bytes:
    """Return the PDF that says who was convened, when, at which address and what became of it, and who was not."""
    count = assembly.convocations
    last_day = count.last_day if count else assembly.held_on
    sent = [notice for _, notices in lines for notice in notices if notice.status is NoticeStatus.SENT and notice.text]
    document = {
        "day": write_day(on),
        "title": assembly.title,
        "federation": federation.name,
        "kind": assembly.kind_label.capitalize(),
        "held_on": write_day(assembly.held_on),
        "place": assembly.place,
        "convened_on": write_day(assembly.convened_on) if assembly.convened_on else "",
        "last_day": write_day(count.last_day) if count else "",
        "counts": f"{count.convened} sur {count.enrolled}" if count else "",
        "elsewhere": f"{count.elsewhere} : {assembly.convened_by}" if count and count.elsewhere else "",
        "lines": [
            {"name": line.name, "reference": line.reference, **_sending(notice, last_day)}
            for line, notices in lines
            for notice in notices
        ],
        "left": [
            {"name": line.name, "reference": line.reference, "why": " ; ".join(line.problems) or "Rien n'a été envoyé."}
            for line, _ in lines
            if line.enrolled and line.state is ConvocationState.TO_CONVENE
        ],
        "sample": printed(min(sent, key=_is_letter)) if sent else None,
        "reservation": assembly.rule_source if assembly.rule_status != "published" else "",
    }
    return await print_pdf(_PROOF, document, on=on)


def _is_letter(notice: Notice) -> bool:
    """Tell what is shown last: a mail is kept as it went."""
    return notice.means is Means.LETTER


def _sending(notice: Notice, last_day: date) -> dict[str, str]:
    said = printed(notice)
    is_late = notice.sent_on is not None and notice.sent_on > last_day
    late = f"après le dernier jour : {notice.late_reason or _UNEXPLAINED}" if is_late else ""
    became = (said["status"], said["returned"], said["tracking_number"] or said["reply"], late)
    when = said["sent"] or (write_day(notice.sent_on) if notice.sent_on else "")
    return {"when": when, "recipient": said["recipient"], "became": " · ".join(filter(None, became))}
