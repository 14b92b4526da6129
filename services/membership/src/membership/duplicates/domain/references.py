"""What becomes of all that names a record once it turns out to be a duplicate: table by table.

A test holds this list against the tables themselves: a new one that names a structure has to be thought of here.
"""

from dataclasses import dataclass

from common.labels import Labelled


class Fate(Labelled):
    """What becomes of the rows about the record that goes."""

    CARRIED = "carried", "passe à l'enregistrement qui reste"
    STAYS = "stays", "reste à l'enregistrement réuni, tel qu'il a été écrit"


@dataclass(frozen=True, slots=True)
class Reference:
    """One column that names a record, and what becomes of its rows. ``label`` is what a person calls them.

    ``why`` they stay, where they do: what was frozen, issued or told once is not written again. ``parent`` is the table
    of what a row is a part of, and the column that names it: children are always of the record that their parent is of.
    """

    table: str
    column: str
    fate: Fate
    label: str
    why: str = ""
    parent: tuple[str, str] | None = None


_CARRIED, _STAYS = Fate.CARRIED, Fate.STAYS

REFERENCES = (
    Reference("contact", "member_id", _CARRIED, "personnes"),
    Reference("activity_declaration", "member_id", _CARRIED, "déclarations d'activité"),
    Reference(
        "declaration_figures",
        "member_id",
        _CARRIED,
        "chiffres déclarés",
        parent=("activity_declaration", "declaration_id"),
    ),
    Reference("declaration_exemption", "member_id", _CARRIED, "dispenses de déclaration"),
    Reference("declaration_note", "member_id", _CARRIED, "notes de suivi"),
    Reference("notice", "member_id", _CARRIED, "informations, convocations et relances envoyées"),
    Reference("renewal_exception", "member_id", _CARRIED, "exceptions au renouvellement"),
    Reference("board_mandate", "member_id", _CARRIED, "mandats au conseil"),
    Reference("measure", "member_id", _CARRIED, "procédures"),
    Reference("application", "member_id", _CARRIED, "candidatures"),
    Reference("assessment", "member_id", _CARRIED, "auto-évaluations"),
    Reference(
        "assessment",
        "submitted_as",
        _STAYS,
        "auto-évaluations remises",
        why="une image déjà lue ne bouge pas parce que deux enregistrements se réunissent",
    ),
    Reference("assessment_review", "peer_id", _CARRIED, "relectures faites pour d'autres"),
    Reference("certification", "member_id", _CARRIED, "labels et certifications"),
    Reference("accompaniment_booking", "member_id", _CARRIED, "réservations d'accompagnement"),
    Reference("interview", "member_id", _CARRIED, "entretiens"),
    Reference("department_meeting_invitation", "member_id", _CARRIED, "rencontres départementales"),
    Reference("department_meeting_attendee", "member_id", _CARRIED, "personnes venues aux rencontres"),
    Reference("next_step", "member_id", _CARRIED, "suites à donner", parent=("interview", "interview_id")),
    Reference("support_request", "member_id", _CARRIED, "demandes d'appui"),
    Reference("member_entry", "member_id", _STAYS, "inscriptions", "l'historique ne se récrit pas"),
    Reference("member_period", "member_id", _STAYS, "périodes", "elles disent les inscriptions, jour après jour"),
    Reference("dues_call", "member_id", _STAYS, "appels de cotisation", "un appel émis ne change pas de destinataire"),
    Reference("dues_standing", "member_id", _STAYS, "situations de cotisation", "dues dit celle de chaque fiche"),
    Reference(
        "electoral_roll_line", "member_id", _STAYS, "lignes de listes figées", "une telle liste ne se récrit pas"
    ),
    Reference("electoral_roll_contest", "member_id", _STAYS, "contestations", "elles visent une ligne figée"),
    Reference("electoral_roll_correction", "member_id", _STAYS, "corrections", "elles visent une ligne figée"),
    Reference("assembly_attending", "member_id", _STAYS, "présences en assemblée", "le procès-verbal les dit"),
    Reference("assembly_proxy", "giver_id", _STAYS, "pouvoirs donnés", "le procès-verbal les dit"),
    Reference("assembly_proxy", "holder_id", _STAYS, "pouvoirs reçus", "le procès-verbal les dit"),
    Reference("assembly_candidacy", "member_id", _STAYS, "candidatures au conseil", "le procès-verbal les dit"),
    Reference("directory_entry", "member_id", _CARRIED, "fiche d'annuaire"),
    Reference(
        "directory_consent",
        "member_id",
        _STAYS,
        "accords de l'annuaire",
        "leur preuve ne bouge pas ; avec la fiche, ceux en vigueur valent aussi pour celle qui reste",
    ),
    Reference(
        "agenda_feed", "member_id", _STAYS, "abonnements à l'agenda", "ils suivent le jeton de qui les a demandés"
    ),
    Reference("observatory_observed", "member_id", _STAYS, "éditions", "une édition publiée ne se recalcule pas"),
    Reference(
        "training_enrolment",
        "member_id",
        _STAYS,
        "formations",
        "un fait compte à la structure qui reste",
    ),
    Reference("ptce_pole", "member_id", _STAYS, "pôles portés", "un fait compte à la structure qui reste"),
    Reference("fg2i_guarantee", "member_id", _STAYS, "garanties", "un fait compte à la structure qui reste"),
    Reference("restructuring", "member_id", _STAYS, "restructurations", "elles nomment ses inscriptions"),
    Reference("restructuring", "other_id", _STAYS, "restructurations", "elles nomment ses inscriptions"),
    Reference("import_line", "member_id", _STAYS, "lignes d'import", "un reçu ne se récrit pas"),
    Reference("member", "merged_into", _STAYS, "doublons réunis", "un doublon réuni à lui l'empêche de s'effacer"),
    Reference("duplicate_pair", "first_id", _STAYS, "cas de doublons", "le cas nomme les deux"),
    Reference("duplicate_pair", "second_id", _STAYS, "cas de doublons", "le cas nomme les deux"),
    Reference("duplicate_merge", "stays_id", _STAYS, "réunions", "la réunion nomme les deux"),
    Reference("duplicate_merge", "goes_id", _STAYS, "réunions", "la réunion nomme les deux"),
)


CONFLICTS = {
    "measure_open": "Une procédure est ouverte contre le doublon : le conseil la décide, ou l'abandonne, d'abord.",
    "both_assessing": "Les deux ont une auto-évaluation en cours de la même démarche ({found}) : abandonnez-en une.",
    "both_on_board": "Les deux ont un mandat en cours au conseil ({found}) : mettez fin à l'un des deux.",
    "assembly_open": "Le doublon prend part à une assemblée qui n'est pas close ({found}) : attendez sa clôture.",
    "contest_open": "Le doublon conteste une liste électorale ({found}) : répondez d'abord.",
    "both_booked": "Les deux ont réservé le même créneau, ou le même accompagnement sans frais de l'année ({found}) :"
    " annulez une des deux réservations.",
    "on_agenda": "La candidature du doublon est à l'ordre du jour d'une séance ({found}) : retirez-l'en d'abord.",
}
"""What in other capabilities stands against a merge, by code; ``{found}`` is what was found."""
