"""The convocations of many people, as a session of realistic texts has them."""

from datetime import UTC, datetime
from uuid import UUID

from training.papers.domain import Paper, PaperKind, Subject, Term

_SAID = {
    Term.ISSUER: ("Organisme de formation, association loi 1901", "1 rue de l'Exemple, 00000 Démonstration", "SIRET"),
    Term.TITLE: ("Conduire un entretien d'accompagnement",),
    Term.OBJECTIVES: ("Préparer un entretien", "Formuler un objectif avec la personne", "Rendre compte"),
    Term.CONTENT: ("Deux journées pour outiller les entretiens des salariés en parcours.",) * 3,
    Term.FOLLOW_UP: ("Quiz d'entrée et de sortie, mise en situation finale.",),
    Term.PERIOD: ("du 16 au 17 février 2027",),
    Term.TIMETABLE: ("16 février 2027, matin, 9 h 00 à 12 h 30", "16 février 2027, après-midi, 13 h 30 à 17 h 00") * 2,
    Term.PLACE: ("Salle Jaurès, 1 rue de l'Exemple, 31000 Toulouse",),
    Term.TRAINERS: ("Camille EXEMPLE (expérience professionnelle : Dossier 1)",),
    Term.CONTACT: ("Coorace Formation, formation@exemple.fr",),
    Term.DISABILITY: ("Nous contacter : les supports et le rythme s'adaptent.",),
}


def convocations(count: int) -> list[Paper]:
    """Return so many convocations, each for somebody else."""
    return [
        Paper(
            id=UUID(int=rank),
            number=f"CVC-2026-{rank:05d}",
            subject=Subject(PaperKind.CONVOCATION, UUID(int=rank)),
            session_id=UUID(int=1),
            terms={**_SAID, Term.TRAINEES: (f"Camille EXEMPLE {rank}",)},
            sha256="",
            replaces=None,
            issued_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
            issued_by="bench",
        )
        for rank in range(1, count + 1)
    ]
