"""An edition of the Observatoire: what was computed of a year on one day, frozen and citable."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.declarations.domain import Campaign
from membership.observatory.domain.portraits import Cell
from membership.observatory.domain.responses import Response
from membership.observatory.domain.secrecy import HiddenBecause, SecrecyRule


class EditionStatus(Labelled):
    """Where an edition stands."""

    COMPUTING = "computing", "en calcul"
    PUBLISHED = "published", "publiée"
    FAILED = "failed", "calcul interrompu"


class EditionNotFound(NotFound):
    """No such edition, or it is not published yet."""

    code = "edition_not_found"


class EditionUnderWay(Conflict):
    """An edition of the year is being computed."""

    code = "edition_under_way"


class BookletNotFound(NotFound):
    """No delegation has this code."""

    code = "booklet_not_found"


class BookletWithheld(Conflict):
    """An edition says nothing of a delegation: its portraits are all hidden."""

    code = "booklet_withheld"


class CampaignStillOpen(Conflict):
    """An edition is of a campaign that is over: two of an open one would tell what came in between."""

    code = "campaign_still_open"


class RevisionUnexplained(Invalid):
    """A second edition of a year says why the first is not enough."""

    code = "revision_unexplained"


class Position(Labelled):
    """Where a structure's value lies among those of its kind."""

    LOWEST = "lowest_quarter", "dans le quart le plus bas"
    BELOW = "below_median", "sous la médiane"
    ABOVE = "above_median", "à la médiane ou au-dessus"
    HIGHEST = "highest_quarter", "dans le quart le plus haut"


@dataclass(frozen=True, slots=True)
class Edition:
    """The edition of a year; ``number`` counts those of one year. ``sha256`` seals the document it is cited by."""

    id: UUID
    year: int
    number: int
    status: EditionStatus
    indicators: str
    asked_at: datetime
    asked_by: str
    reason: str | None = None
    published_on: date | None = None
    sha256: str | None = None
    responses: tuple[Response, ...] = ()

    @property
    def title(self) -> str:
        """What it is called where it is cited."""
        again = "" if self.number == 1 else f", édition révisée n° {self.number}"
        return f"Observatoire, comptes {self.year}{again}"


def require_closed(campaign: Campaign) -> None:
    """Let only a campaign that is over be published. Raises CampaignStillOpen."""
    if campaign.closed_on is None:
        raise CampaignStillOpen(f"La campagne {campaign.year} n'est pas close : son édition se publie ensuite.")


def require_explained(earlier: int, reason: str | None) -> None:
    """Refuse a further edition of a year without its reason. Raises RevisionUnexplained."""
    if earlier and not reason:
        raise RevisionUnexplained("Une édition révisée dit pourquoi : l'édition d'avant reste citée telle quelle.")


def withheld(hidden: Collection[HiddenBecause | None], rule: SecrecyRule) -> str | None:
    """Return why portraits are not given, by what hides each figure of them; None where one is told."""
    if None in hidden:
        return None
    if all(why is HiddenBecause.TOO_FEW for why in hidden):
        return f"Moins de {rule.minimum} structures d'un même type ont répondu"
    return f"Ce qui en serait dit montrerait les chiffres de moins de {rule.minimum} structures"


def require_told(name: str, hidden: Collection[HiddenBecause | None], rule: SecrecyRule) -> None:
    """Let only a delegation have its booklet of which an edition tells a figure. Raises BookletWithheld."""
    why = withheld(hidden, rule)
    if why is not None:
        raise BookletWithheld(f"{name} n'a pas de livret dans cette édition. {why}.")


def position(value: Decimal, cell: Cell) -> Position | None:
    """Return where a value, rounded as the cell is, lies among those of it; None where the cell is hidden."""
    if cell.median is None:
        return None
    if cell.quarters is not None and value < cell.quarters[0]:
        return Position.LOWEST
    if cell.quarters is not None and value > cell.quarters[1]:
        return Position.HIGHEST
    return Position.BELOW if value < cell.median else Position.ABOVE
