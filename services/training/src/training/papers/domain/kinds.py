"""What papers there are, what each says, and where one stands."""

from collections.abc import Mapping

from common.labels import Labelled


class PaperKind(Labelled):
    """What a paper is."""

    CONVENTION = "convention", "convention de formation"
    CONTRACT = "contract", "contrat de formation"
    PROGRAMME = "programme", "programme"
    CONVOCATION = "convocation", "convocation"
    RULES = "rules", "règlement intérieur"
    SHEET = "attendance_sheet", "feuille d'émargement"

    @property
    def is_signed(self) -> bool:
        """Whether both parties sign it: what trainees sign of a sheet is their attendance."""
        return self in (PaperKind.CONVENTION, PaperKind.CONTRACT)

    @property
    def is_sent(self) -> bool:
        """Whether it goes to somebody of its own: a programme, rules and a blank sheet are handed out to all."""
        return self.is_signed or self is PaperKind.CONVOCATION


JOURNALS: Mapping[PaperKind, str] = {
    PaperKind.CONVENTION: "CONV",
    PaperKind.CONTRACT: "CTR",
    PaperKind.PROGRAMME: "PRG",
    PaperKind.CONVOCATION: "CVC",
    PaperKind.RULES: "REG",
    PaperKind.SHEET: "EMG",
}
"""The series of numbers of each kind, in the training body's own."""


class PaperStatus(Labelled):
    """Where a paper stands."""

    ISSUED = "issued", "émis"
    SENT = "sent", "envoyé ou remis"
    SIGNED = "signed", "signé"
    VOIDED = "voided", "annulé"


class Term(Labelled):
    """One thing that a paper says, under the name that it is printed with."""

    ISSUER = "issuer", "Organisme de formation"
    REGISTRATION = "registration", "Déclaration d'activité"
    BUYER = "buyer", "Acheteur"
    NATURE = "nature", "Nature de l'action"
    TITLE = "title", "Intitulé"
    OBJECTIVES = "objectives", "Objectifs"
    PREREQUISITES = "prerequisites", "Prérequis"
    AUDIENCE = "audience", "Public"
    CONTENT = "content", "Contenu"
    MEANS = "means", "Moyens et méthodes"
    FOLLOW_UP = "follow_up", "Suivi et évaluation"
    SANCTION = "sanction", "Sanction"
    HOURS = "hours", "Durée"
    PERIOD = "period", "Dates"
    TIMETABLE = "timetable", "Horaires"
    PLACE = "place", "Lieu"
    MODE = "mode", "Modalité"
    TRAINERS = "trainers", "Formateurs"
    TRAINEES = "trainees", "Stagiaires"
    HEADCOUNT = "headcount", "Effectif de la session"
    PRICE = "price", "Prix"
    VAT = "vat", "TVA"
    PAYMENT = "payment", "Règlement"
    EARLY_END = "early_end", "Cessation anticipée ou abandon"
    WITHDRAWAL = "withdrawal", "Rétractation"
    CONTACT = "contact", "Contact"
    DISABILITY = "disability", "Accès des personnes handicapées"
    RULES = "rules", "Règlement intérieur"
    CODES = "codes", "Repères des cases"


Terms = Mapping[Term, tuple[str, ...]]
"""What a paper says, already written: each thing in its lines, what it has nothing to say of left out."""
