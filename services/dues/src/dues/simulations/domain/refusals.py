"""What a simulation refuses."""

from common.errors import Conflict, NotFound


class SimulationNotFound(NotFound):
    """No such simulation."""

    code = "simulation_not_found"


class SimulatedMemberUnknown(NotFound):
    """The simulation says nothing of this member: it was not known on that day."""

    code = "simulated_member_unknown"


class SimulationUnfinished(Conflict):
    """The simulation has not come to its end: it has no document."""

    code = "simulation_unfinished"
    title = "Simulation inachevée"


def require_finished(status: str) -> None:
    """Let only what came to its end be read as a document. Raises SimulationUnfinished."""
    if status != "done":
        raise SimulationUnfinished("Cette simulation n'est pas arrivée à sa fin : rien n'en est imprimé.")


class SmicPublished(Conflict):
    """An hourly SMIC is assumed for want of the published one only."""

    code = "smic_published"
    title = "SMIC horaire déjà publié"
