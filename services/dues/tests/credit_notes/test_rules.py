"""What a credit note may take off a call: a table that an accountant can read."""

from decimal import Decimal

import pytest

from common.errors import Refusal
from dues.credit_notes.domain import CreditPartTooLarge, require_creditable
from dues.invoices.domain import CreditEmpty, Parts


def parts(fixed: str, variable: str) -> Parts:
    return Parts(Decimal(fixed), Decimal(variable))


@pytest.mark.parametrize(
    ("asked", "left", "refusal"),
    [
        pytest.param(parts("800.00", "4491.98"), parts("800.00", "4491.98"), None, id="tout"),
        pytest.param(parts("0.00", "120.00"), parts("800.00", "4491.98"), None, id="de la part variable seule"),
        pytest.param(parts("800.00", "0.00"), parts("800.00", "0.00"), None, id="un GES, part fixe seule"),
        pytest.param(parts("0.00", "0.00"), parts("800.00", "0.00"), CreditEmpty, id="rien"),
        pytest.param(parts("0.00", "0.01"), parts("800.00", "0.00"), CreditPartTooLarge, id="un centime de trop"),
        pytest.param(parts("800.01", "0.00"), parts("800.00", "500.00"), CreditPartTooLarge, id="part fixe dépassée"),
        pytest.param(parts("0.00", "0.00"), parts("0.00", "0.00"), CreditEmpty, id="tout est déjà annulé"),
    ],
)
def test_what_is_taken_off(asked: Parts, left: Parts, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_creditable(asked, left, "COT-2026-00001")
    else:
        with pytest.raises(refusal):
            require_creditable(asked, left, "COT-2026-00001")
