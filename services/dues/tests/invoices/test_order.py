"""Numbers and days go up together in a series."""

from datetime import date

import pytest

from common.invoicing.numbers import IssueDateDecreasing, require_in_order

DAY = date(2026, 3, 2)


@pytest.mark.parametrize("last", [None, date(2026, 3, 1), DAY])
def test_a_day_that_follows_is_taken(last: date | None) -> None:
    require_in_order(last, DAY)


def test_a_day_before_the_last_is_refused_by_name() -> None:
    with pytest.raises(IssueDateDecreasing, match="est du 3 mars 2026"):
        require_in_order(date(2026, 3, 3), DAY)
