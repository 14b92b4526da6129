"""What the list of the rooms writes: a table for a spreadsheet."""

from collections.abc import Sequence

from training.rooms.domain import Room

EXPORT_HEADER = (
    "Salle",
    "Rue",
    "Code postal",
    "Ville",
    "Département",
    "Délégation",
    "Places",
    "Accès sans marche",
    "Sanitaires accessibles",
    "Boucle magnétique",
    "Stationnement réservé",
    "Accessibilité vérifiée le",
    "Coût de la demi-journée, HT",
    "Service",
    "Archivée le",
)


def room_line(room: Room) -> Sequence[object]:
    """Return the cells of a room, in the order of ``EXPORT_HEADER``."""
    said, access = room.description, room.description.accessibility
    return (
        said.name,
        said.street,
        said.postcode,
        said.city,
        said.department,
        said.delegation,
        said.capacity,
        access.step_free_access.label,
        access.accessible_toilet.label,
        access.hearing_loop.label,
        access.parking.label,
        access.checked_on,
        said.cost,
        said.owner.office if said.owner else None,
        room.archived_on,
    )
