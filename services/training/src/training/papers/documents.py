"""What papers write: the pages to print, the mails that say that one is there, the lines of an export."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from common.clock import legal_day
from common.documents import print_pdf
from common.mail import Mail
from common.wording import write_day
from training.papers.domain import Paper, PaperKind, PaperStatus, Term
from training.papers.schemas import PaperLine

_TEMPLATES: Final = Path(__file__).parent / "templates"
_KEPT_DAYS: Final = 365
_TITLES: Final = {
    PaperKind.CONVENTION: "Convention de formation professionnelle",
    PaperKind.CONTRACT: "Contrat de formation professionnelle",
    PaperKind.PROGRAMME: "Programme de formation",
    PaperKind.CONVOCATION: "Convocation à une formation",
    PaperKind.RULES: "Règlement intérieur",
    PaperKind.SHEET: "Feuille d'émargement",
}
_LEADS: Final = {
    PaperKind.CONVENTION: "Entre l'organisme de formation et l'acheteur, il est convenu ce qui suit (code du travail,"
    " L6353-1 et D6353-1).",
    PaperKind.CONTRACT: "Entre l'organisme de formation et le stagiaire, qui se forme à titre individuel et à ses"
    " frais, il est convenu ce qui suit (code du travail, L6353-3 à L6353-7). Ce contrat est conclu avant"
    " l'inscription définitive et tout règlement.",
    PaperKind.CONVOCATION: "Vous êtes inscrite ou inscrit à la formation suivante. Le règlement intérieur de"
    " l'organisme s'y applique.",
    PaperKind.SHEET: "Chaque personne signe sa case en séance, pour cette demi-journée seulement.",
}
_ASIDE: Final = (Term.ISSUER, Term.REGISTRATION)
_PARTY: Final = {
    PaperKind.CONVENTION: Term.BUYER,
    PaperKind.CONTRACT: Term.BUYER,
    PaperKind.CONVOCATION: Term.TRAINEES,
}
_SUMMONED: Final = (Term.PERIOD, Term.TIMETABLE, Term.PLACE, Term.CONTACT)
_BUYER_LABEL: Final = {PaperKind.CONTRACT: "Stagiaire", PaperKind.CONVOCATION: "À l'attention de"}
EXPORT_HEADER = ("numero", "sorte", "etat", "session", "structure", "emis_le", "remplace_par", "annule_parce_que")


def paper_line(line: PaperLine) -> Sequence[object]:
    """Write a paper as one line."""
    return (
        line.number,
        line.kind_label,
        line.status_label,
        line.session_id,
        line.member_id,
        line.issued_at.isoformat(),
        line.replaced_by,
        line.void_reason,
    )


async def print_paper(paper: Paper) -> bytes:
    """Return a paper as it says what it said the day it was issued, with the word that it is void if it is."""
    template, data = page_of(paper)
    return await print_pdf(template, data, on=legal_day(paper.issued_at))


def page_of(paper: Paper) -> tuple[Path, dict[str, Any]]:
    """Return what a paper is printed with: its template, and what goes in it."""
    kind = paper.subject.kind
    party = _PARTY.get(kind)
    data: dict[str, Any] = {
        "title": _TITLES[kind],
        "number": paper.number,
        "issued_on": write_day(legal_day(paper.issued_at)),
        "void": _void(paper),
        "lead": _LEADS.get(kind, ""),
        "issuer": list(paper.terms.get(Term.ISSUER, ())),
        "registration": " ".join(paper.terms.get(Term.REGISTRATION, ())),
        "party": list(paper.terms[party]) if party else [],
        "party_label": _BUYER_LABEL.get(kind, Term.BUYER.label),
    }
    if kind is PaperKind.SHEET:
        return _TEMPLATES / "sheet.typ", {**data, **_cells(paper)}
    said = [term for term in paper.terms if term not in _ASIDE and term is not party]
    data |= {
        "sections": [{"label": term.label, "lines": list(paper.terms[term])} for term in said],
        "plain": kind is PaperKind.RULES,
        "signed": ["Pour l'organisme de formation", _signature(kind)] if kind.is_signed else [],
    }
    return _TEMPLATES / "paper.typ", data


def announced(paper: Paper, recipient: str) -> Mail:
    """Tell whom a paper is for that it is there; a summons says when and where, nobody is named.

    A structure signs from its own space; somebody at their own cost has none, and asks the training body.
    """
    kind, title = paper.subject.kind, " ".join(paper.terms.get(Term.TITLE, ()))
    parts = [f"{kind.label.capitalize()} {paper.number} : « {title} »."]
    match kind:
        case PaperKind.CONVOCATION:
            wanted = (term for term in _SUMMONED if term in paper.terms)
            parts += [f"{term.label} :\n" + "\n".join(paper.terms[term]) for term in wanted]
        case PaperKind.CONTRACT:
            contact = paper.terms[Term.ISSUER][-1]
            parts.append(f"Ce contrat se signe avant l'inscription définitive et tout règlement : {contact}.")
        case _:
            parts.append("À lire, à signer et à renvoyer depuis votre espace, sous ce numéro.")
    text = "\n\n".join(["Madame, Monsieur,", *parts, "Coorace Formation"]) + "\n"
    return Mail(recipient=recipient, subject=f"{kind.label.capitalize()} : {title}", text=text, kept_days=_KEPT_DAYS)


def _void(paper: Paper) -> str:
    if paper.status is not PaperStatus.VOIDED or paper.voided_at is None:
        return ""
    replaced = " et remplacé" if paper.replaced_by else ""
    return f"Papier annulé le {write_day(legal_day(paper.voided_at))}{replaced} : {paper.void_reason}"


def _signature(kind: PaperKind) -> str:
    return "Le stagiaire" if kind is PaperKind.CONTRACT else "Pour l'acheteur, nom et fonction"


def _cells(paper: Paper) -> dict[str, Any]:
    """Return what a sheet has of its own: its facts, and a case with its code for each person."""
    trainees, trainers = paper.terms.get(Term.TRAINEES, ()), paper.terms.get(Term.TRAINERS, ())
    codes = paper.terms.get(Term.CODES, ())
    people = [{"name": name, "role": "stagiaire"} for name in trainees]
    people += [{"name": name, "role": "formateur"} for name in trainers]
    facts = (Term.TITLE, Term.TIMETABLE, Term.HOURS, Term.PLACE)
    return {
        "facts": [{"label": term.label, "lines": list(paper.terms[term])} for term in facts if term in paper.terms],
        "cells": [{**person, "code": code} for person, code in zip(people, codes, strict=True)],
    }
