"""The printed minutes of an assembly ("procès-verbal")."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from common.clock import PARIS
from common.documents import print_pdf
from common.wording import counted, write_day
from membership.assemblies.domain import AssemblyStatus, Choice
from membership.assemblies.schemas import (
    AssemblyOut,
    CandidateOut,
    ConvocationCountOut,
    HeadcountOut,
    ItemOut,
    ItemResultOut,
    ParticipantOut,
    ReplacedResultOut,
    StayOut,
)
from membership.board.schemas import BoardMandateOut

_ELSEWHERE: Final = (
    "Les présences, les pouvoirs et les votes par structure sont dans l'exemplaire que garde la fédération ; ce"
    " qui concerne une structure se lit dans son espace adhérent."
)
TEMPLATE: Final = Path(__file__).parent / "templates" / "minutes.typ"


async def print_minutes(document: Mapping[str, Any], held_on: date) -> bytes:
    """Return the PDF of what ``minutes`` wrote, the same bytes each time it is asked for."""
    return await print_pdf(TEMPLATE, document, on=held_on)


def minutes(
    assembly: AssemblyOut, participants: Sequence[ParticipantOut], reservations: Sequence[str]
) -> dict[str, Any]:
    """Return what the template prints: every text, number and day as it is to be read."""
    second = " (seconde convocation)" if assembly.second_of else ""
    return {
        "title": assembly.title,
        "kind": f"{assembly.kind_label.capitalize()}{second}",
        "held_on": write_day(assembly.held_on),
        "place": assembly.place,
        "draft": assembly.status is not AssemblyStatus.CLOSED,
        "convened": f"{_convened(assembly)}{write_sent(assembly.convocations)}",
        "roll": f"Liste électorale du {write_day(assembly.roll_day)}." if assembly.roll_day else "",
        "opened": f"Ouverte à {write_hour(assembly.opened_at)}." if assembly.opened_at else "",
        "waiver": f"Délai pour contester la liste : {assembly.waiver}" if assembly.waiver else "",
        "room": _room(assembly.opening) if assembly.opening else None,
        "failed": _failed(assembly),
        "participants": [_participant(one) for one in participants if one.stays or one.proxy_to],
        "items": [_item(item) for item in assembly.agenda],
        "mandates": [_mandate(one) for one in assembly.mandates],
        "reservations": list(reservations),
    }


def for_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the copy of the members prints: neither who came, by whom and with which proxies, nor who voted how.

    Those are read as far as the scope of who asks reaches; a document that everybody has reaches nobody.
    """
    items = [{**item, "named": []} for item in document["items"]]
    return {**document, "participants": [], "items": items, "elsewhere": _ELSEWHERE}


def write_hour(at: datetime) -> str:
    """Write the hour of an instant, in Paris."""
    there = at.astimezone(PARIS)
    return f"{there.hour} h {there.minute:02}"


def _failed(assembly: AssemblyOut) -> str:
    if not assembly.quorum_failed:
        return ""
    if all(item.without_quorum or item.result is None or item.result.withdrawn for item in assembly.agenda):
        return "L'assemblée n'a pas réuni le quorum : aucune résolution n'a été soumise au vote, aucune élection tenue."
    return "Le quorum n'était plus réuni : les points restés sans vote peuvent venir à une seconde convocation."


def _convened(assembly: AssemblyOut) -> str:
    if assembly.convened_on is None:
        return "Non convoquée."
    proof = f" ({assembly.convened_by})" if assembly.convened_by else ""
    return f"Convoquée le {write_day(assembly.convened_on)}{proof}."


def write_sent(count: ConvocationCountOut | None) -> str:
    """Write what was sent from here, where anything was, and what is known of the others."""
    if count is None or (count.first_on is None and not count.failed):
        return ""
    left = count.to_send + count.unreached
    others = (
        f"{counted(count.elsewhere, 'convoquée')} ailleurs" if count.elsewhere else "",
        f"{count.sending} en cours d'envoi" if count.sending else "",
        _left(left, count.failed) if left else "",
    )
    convened = f"{counted(count.convened, 'structure')} sur {count.enrolled}"
    went = f"Convocations parties{_days(count)} : {convened}{_late(count)}"
    return f" {' ; '.join(filter(None, (went, *others)))}."


def _days(count: ConvocationCountOut) -> str:
    if count.first_on is None or count.last_on is None:
        return ""
    if count.first_on == count.last_on:
        return f" le {write_day(count.first_on)}"
    return f" du {write_day(count.first_on)} au {write_day(count.last_on)}"


def _late(count: ConvocationCountOut) -> str:
    unexplained = f"{count.unexplained} sans raison consignée" if count.unexplained else ""
    reasons = " ; ".join(filter(None, (*count.late_reasons, unexplained)))
    return f", dont {count.late} après le dernier jour ({reasons})" if count.late else ""


def _left(left: int, failed: int) -> str:
    """Write what is known of those that were not convened: nobody says that it could not be, where nobody tried."""
    known = (
        f"l'envoi n'est pas parvenu à {failed}" if failed else "",
        f"rien n'a été envoyé d'ici à {left - failed}" if left > failed else "",
    )
    return f"{counted(left, 'non convoquée', 'non convoquées')} : {', '.join(filter(None, known))}"


def _room(room: HeadcountOut) -> dict[str, str]:
    return {
        "present": f"{room.present} voix ({room.structures} structures)",
        "represented": f"{room.represented} voix ({room.represented_structures} structures)",
        "votes": f"{room.votes} voix",
        "enrolled": f"{room.enrolled} voix ({room.enrolled_structures} structures)",
        "quorum": _quorum(room),
    }


def _quorum(room: HeadcountOut) -> str:
    needed = f"Il faut {room.needed} voix" if room.needed else "Aucun quorum n'est requis à la seconde convocation"
    verdict = "le quorum est atteint" if room.reached else "le quorum n'est pas atteint"
    return f"{room.votes} voix présentes ou représentées sur {room.enrolled} inscrites. {needed} : {verdict}."


def _participant(one: ParticipantOut) -> dict[str, str]:
    people = dict.fromkeys(stay.person or "" for stay in one.stays)
    return {"name": one.name, "person": ", ".join(people), "votes": str(one.votes), "presence": _presence(one)}


def _presence(one: ParticipantOut) -> str:
    parts = [_stay(stay) for stay in one.stays]
    if one.holds:
        parts.append("tient 1 pouvoir" if one.holds == 1 else f"tient {one.holds} pouvoirs")
    if one.proxy_to_name:
        lapsed = f" : sans effet. {one.proxy_lapsed}" if one.proxy_lapsed else ""
        parts.append(f"pouvoir à {one.proxy_to_name}{lapsed}")
    return ", ".join(parts)


def _stay(stay: StayOut) -> str:
    if stay.left_at is None:
        return f"présente depuis {write_hour(stay.arrived_at)}"
    return f"présente de {write_hour(stay.arrived_at)} à {write_hour(stay.left_at)}"


def _item(item: ItemOut) -> dict[str, Any]:
    result = item.result
    return {
        "kind": item.kind_label.capitalize(),
        "title": item.title,
        "text": item.text or "",
        "asked": _asked(item),
        "outcome": result.explanation if result else _WITHOUT_QUORUM if item.without_quorum else "",
        "ballots": _in_the_urn(result) if result and result.blank is not None else "",
        "room": _in_the_room(result) if result else "",
        "named": _named(result) if result else [],
        "replaced": [_replaced(one) for one in result.replaced] if result else [],
        "candidates": [_candidate(one) for one in item.candidates],
        "voted": result is not None and result.withdrawn is None,
    }


_WITHOUT_QUORUM = "Non mis aux voix, faute de quorum."


def _in_the_urn(result: ItemResultOut) -> str:
    blank, void = counted(result.blank or 0, "blanche"), counted(result.void or 0, "nulle")
    return f"{result.cast} voix dans l'urne, dont {blank} et {void}."


def _in_the_room(result: ItemResultOut) -> str:
    electors = result.electors
    among = f" Parmi elles, {electors.votes} voix élisent, sur {electors.enrolled} inscrites." if electors else ""
    return f"Au moment du vote : {_quorum(result.room)}{among}"


def _named(result: ItemResultOut) -> list[str]:
    """Write who voted how, of a vote by name."""
    lines = []
    for choice in Choice:
        voters = [f"{one.name} ({one.votes})" for one in result.named if one.choice is choice]
        if voters:
            lines.append(f"{choice.label.capitalize()} : {', '.join(voters)}.")
    return lines


def _replaced(one: ReplacedResultOut) -> str:
    return f"Consigné d'abord : {one.explanation} Corrigé à {write_hour(one.replaced_at)} : {one.reason}"


def _asked(item: ItemOut) -> str:
    if item.seats is None:
        return (item.majority or "").capitalize()
    scope = item.scope.label if item.scope else ""
    return f"{counted(item.seats, 'siège')} à pourvoir, {scope} {item.scope_name}"


def _candidate(one: CandidateOut) -> dict[str, str]:
    return {
        "name": one.member_name,
        "person": one.person or "",
        "votes": "" if one.votes is None else f"{one.votes} voix",
        "elected": "élue" if one.elected else "",
    }


def _mandate(one: BoardMandateOut) -> dict[str, str]:
    return {
        "seat": f"{one.name}, siège {one.number}",
        "holder": one.member_name,
        "person": one.person or "",
        "term": f"du {write_day(one.since)} au {write_day(one.until - timedelta(days=1))} inclus",
    }
