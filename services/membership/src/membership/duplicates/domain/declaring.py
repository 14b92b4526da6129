"""Which declaration of a year stands where both records of one structure have begun one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.errors import Blocker
from common.labels import Labelled


class Side(Labelled):
    """One of the two records of a merge."""

    STAYS = "stays", "l'enregistrement qui reste"
    GOES = "goes", "l'enregistrement qui s'efface"


class FormState(Labelled):
    """How far a declaration of one year has come, the least first."""

    EMPTY = "empty", "vide"
    DRAFT = "draft", "brouillon"
    DECLARED = "declared", "déclarée"


def form_state(declared: bool, drafted: bool) -> FormState:  # as a form is read
    """Say how far a form has come."""
    if declared:
        return FormState.DECLARED
    return FormState.DRAFT if drafted else FormState.EMPTY


@dataclass(frozen=True, slots=True)
class YearForms:
    """A year of which both records have a declaration, and whose stands. None: somebody has to say."""

    year: int
    of_stays: FormState
    of_goes: FormState
    stands: Side | None

    @property
    def to_choose(self) -> bool:
        """Whether neither has come further than the other."""
        return self.of_stays is self.of_goes and self.of_stays is not FormState.EMPTY

    @property
    def is_dropped(self) -> bool:
        """Whether what the record that stays has begun gives way to the other's; nobody was told of it."""
        return self.stands is Side.GOES and self.of_stays is not FormState.DECLARED

    @property
    def is_taken_over(self) -> bool:
        """Whether what the other declared becomes a correction of what the record that stays declared."""
        return self.stands is Side.GOES and self.of_stays is FormState.DECLARED


def settle_forms(forms: Mapping[int, tuple[FormState, FormState]], chosen: Mapping[int, Side]) -> tuple[YearForms, ...]:
    """Say of each year whose declaration stands: the one that has come further, else the one that was ``chosen``."""
    return tuple(
        YearForms(year, stays, goes, _stands(stays, goes, chosen.get(year)))
        for year, (stays, goes) in sorted(forms.items())
    )


def forms_blockers(years: Sequence[YearForms]) -> list[Blocker]:
    """Return what is to be chosen first."""
    return [
        Blocker(
            "declaration_to_choose",
            f"Les deux ont une déclaration {one.year} ({one.of_stays.label}) : dites laquelle vaut, par"
            " `declared_by_stays` ou `declared_by_goes`.",
        )
        for one in years
        if one.stands is None
    ]


def _stands(stays: FormState, goes: FormState, chosen: Side | None) -> Side | None:
    order = list(FormState)
    if stays is goes:
        return Side.STAYS if stays is FormState.EMPTY else chosen
    return Side.STAYS if order.index(stays) > order.index(goes) else Side.GOES
