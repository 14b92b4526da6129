"""Why an act on an import is refused; why a file is unreadable stands in ``domain.refusals``."""

from common.errors import Conflict


class ImportNotPreviewed(Conflict):
    """The act belongs between the preview and the application."""

    code = "import_not_previewed"


class DecisionsMissing(Conflict):
    """Suspected duplicates wait for a person's word."""

    code = "import_decisions_missing"


class ImportBusy(Conflict):
    """One import is applied at a time: two could create the same structure."""

    code = "import_busy"


class DecisionNotNeeded(Conflict):
    """The row is no suspected duplicate."""

    code = "import_decision_not_needed"


class DecisionImpossible(Conflict):
    """A second structure with a SIREN that the register has cannot be created."""

    code = "import_decision_impossible"
