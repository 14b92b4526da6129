"""What a difference asks for: a table that an accountant can read."""

from decimal import Decimal

import pytest

from dues.adjustments.domain import too_little, too_much
from dues.invoices.domain import Parts


def parts(fixed: str, variable: str) -> Parts:
    return Parts(Decimal(fixed), Decimal(variable))


NOTHING = parts("0.00", "0.00")


@pytest.mark.parametrize(
    ("difference", "credited", "called"),
    [
        pytest.param(parts("0.00", "-120.00"), parts("0.00", "120.00"), NOTHING, id="une base plus basse"),
        pytest.param(parts("0.00", "300.00"), NOTHING, parts("0.00", "300.00"), id="une base plus haute"),
        pytest.param(NOTHING, NOTHING, NOTHING, id="la même"),
        pytest.param(
            parts("-400.00", "50.00"),
            parts("400.00", "0.00"),
            parts("0.00", "50.00"),
            id="l'une en moins, l'autre en plus",
        ),
    ],
)
def test_what_is_credited_and_what_is_called(difference: Parts, credited: Parts, called: Parts) -> None:
    assert (too_much(difference), too_little(difference)) == (credited, called)
