"""The printed minutes of an assembly ("procès-verbal")."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.wording import write_day
from membership.assemblies.domain import AssemblyStatus
from membership.assemblies.schemas import AssemblyOut, CandidateOut, HeadcountOut, ItemOut, ParticipantOut
from membership.board.schemas import BoardMandateOut

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
        "convened": _convened(assembly),
        "roll": f"Liste électorale du {write_day(assembly.roll_day)}." if assembly.roll_day else "",
        "room": _room(assembly.room) if assembly.room else None,
        "failed": (
            "L'assemblée n'a pas réuni le quorum : aucune résolution n'a été soumise au vote, aucune élection tenue."
            if assembly.quorum_failed
            else ""
        ),
        "participants": [_participant(one) for one in participants if one.arrived_at or one.proxy_to],
        "items": [_item(item) for item in assembly.agenda],
        "mandates": [_mandate(one) for one in assembly.mandates],
        "reservations": list(reservations),
    }


def _convened(assembly: AssemblyOut) -> str:
    return f"Convoquée le {write_day(assembly.convened_on)}." if assembly.convened_on else "Non convoquée."


def _room(room: HeadcountOut) -> dict[str, str]:
    quorum = f"Il faut {room.needed} voix" if room.needed else "Aucun quorum n'est requis à la seconde convocation"
    verdict = "le quorum est atteint" if room.reached else "le quorum n'est pas atteint"
    return {
        "present": f"{room.present} voix ({room.structures} structures)",
        "represented": f"{room.represented} voix ({room.represented_structures} structures)",
        "votes": f"{room.votes} voix",
        "enrolled": f"{room.enrolled} voix ({room.enrolled_structures} structures)",
        "quorum": f"{room.votes} voix présentes ou représentées sur {room.enrolled} inscrites. {quorum} : {verdict}.",
    }


def _participant(one: ParticipantOut) -> dict[str, str]:
    return {"name": one.name, "person": one.person or "", "votes": str(one.votes), "presence": _presence(one)}


def _presence(one: ParticipantOut) -> str:
    if one.present:
        held = {0: "", 1: ", tient 1 pouvoir"}.get(one.holds, f", tient {one.holds} pouvoirs")
        return f"présente{held}"
    if one.proxy_to_name:
        return f"pouvoir à {one.proxy_to_name}" + (f" : sans effet. {one.proxy_lapsed}" if one.proxy_lapsed else "")
    return "partie avant la clôture"


def _item(item: ItemOut) -> dict[str, Any]:
    result = item.result
    return {
        "kind": item.kind_label.capitalize(),
        "title": item.title,
        "text": item.text or "",
        "asked": _asked(item),
        "outcome": result.explanation if result else "",
        "ballots": f"{result.cast} voix dans l'urne, dont {result.blank} blanche(s) et {result.void} nulle(s)."
        if result and result.blank is not None
        else "",
        "room": _in_the_room(result.room) if result else "",
        "candidates": [_candidate(one) for one in item.candidates],
        "voted": result is not None and result.withdrawn is None,
    }


def _in_the_room(room: HeadcountOut) -> str:
    return (
        f"Au moment du vote : {room.present} voix présentes et {room.represented} représentées, "
        f"sur {room.enrolled} inscrites."
    )


def _asked(item: ItemOut) -> str:
    if item.seats is None:
        return (item.majority or "").capitalize()
    scope = item.scope.label if item.scope else ""
    return f"{item.seats} siège(s) à pourvoir, {scope} {item.scope_name}"


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
        "term": f"du {write_day(one.since)} au {write_day(one.until)}",
    }
