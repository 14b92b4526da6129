"""The days on which collections are settled: those of the banks, in euros (TARGET)."""

from datetime import date

from common.wording import write_day
from common.workdays import TARGET
from dues.collections.domain.refusals import NotBankingDay


def require_banking_day(day: date) -> None:
    """Refuse a day on which nothing is settled, and say which one follows. Raises NotBankingDay."""
    if not TARGET.holds(day):
        following = TARGET.first_from(day)
        raise NotBankingDay(
            f"Les banques ne prélèvent pas le {write_day(day)} ; le jour ouvré suivant est le {write_day(following)}.",
            extra={"next_banking_day": str(following)},
        )
