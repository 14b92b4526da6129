"""What is refused of a programme, and why."""

from common.errors import Conflict, Invalid, NotFound


class ProgrammeNotFound(NotFound):
    """No programme has this code."""

    code = "programme_not_found"


class VersionNotFound(NotFound):
    """The programme has no version of this number."""

    code = "programme_version_not_found"


class SheetNotFound(NotFound):
    """The public catalogue has no programme of this code, or not any more."""

    code = "catalogue_sheet_not_found"


class CodeTaken(Conflict):
    """A code names one programme for ever."""

    code = "programme_code_taken"
    title = "Code déjà pris"


class DraftOpen(Conflict):
    """A programme has one draft at most."""

    code = "programme_draft_open"
    title = "Projet déjà ouvert"


class DraftMissing(Conflict):
    """Nothing of the programme is being written."""

    code = "programme_draft_missing"
    title = "Aucun projet ouvert"


class NeverPublished(Conflict):
    """The programme has no version to fall back on."""

    code = "programme_never_published"
    title = "Jamais publié"


class AlreadyPublished(Conflict):
    """What was published once is kept."""

    code = "programme_published"
    title = "Déjà publié"


class Incomplete(Conflict):
    """Something is missing, or contradicts something else: nothing misleading is published."""

    code = "programme_incomplete"
    title = "Programme incomplet"


class Unchanged(Conflict):
    """A version that says the same as the one before is no version."""

    code = "programme_unchanged"
    title = "Rien de changé"


class Retired(Conflict):
    """A programme that is not sold any more is taken up again before it is published again."""

    code = "programme_retired"
    title = "Programme retiré"


class NotOnSale(Conflict):
    """Only what is in the catalogue leaves it."""

    code = "programme_not_on_sale"
    title = "Pas au catalogue"


class NotRetired(Conflict):
    """Only what left the catalogue is taken up again."""

    code = "programme_not_retired"
    title = "Pas retiré"


class SoldInOthers(Conflict):
    """A pack or a path that is sold is made of it."""

    code = "programme_sold_in_others"
    title = "Vendu dans un pack ou un parcours"


class PartsNotSold(Conflict):
    """A programme that it is made of is not sold any more."""

    code = "programme_parts_not_sold"
    title = "Composition retirée"


class CatalogueTooLarge(Invalid):
    """An export of the public catalogue has a bound: anybody may ask for one."""

    code = "catalogue_export_too_large"
