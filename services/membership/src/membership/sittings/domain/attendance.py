"""Who took part in a sitting, for whom, and whether that was enough."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from common.errors import Invalid
from common.labels import Labelled


class AttendanceInconsistent(Invalid):
    """Those who came cannot be so: a name twice, more of them than hold office, a proxy that nobody present can use."""

    code = "attendance_inconsistent"


class Presence(Labelled):
    """Whether a member of the board took part."""

    PRESENT = "present", "présent"
    REPRESENTED = "represented", "représenté"
    EXCUSED = "excused", "excusé"
    ABSENT = "absent", "absent"


@dataclass(frozen=True, slots=True)
class QuorumRule:
    """The share of the board that must take part, and the proxies one may use. Dated data, with source and status."""

    since: date
    numerator: int
    denominator: int
    most_proxies: int
    status: str
    source: str

    def needed(self, in_office: int) -> int:
        """Return the least number of members taking part, present or represented.

        >>> QuorumRule(date(2026, 1, 1), 1, 2, 2, "assumed", "").needed(27)
        14
        """
        return -(-in_office * self.numerator // self.denominator)


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many of the board's members hold office, came, or gave a proxy."""

    in_office: int
    present: int
    represented: int

    @property
    def taking_part(self) -> int:
        """Members who vote, by themselves or by proxy."""
        return self.present + self.represented


@dataclass(frozen=True, slots=True)
class Attendee:
    """One member of the board in office on the day, by name as the minutes give it.

    ``proxy`` names who votes for somebody represented.
    """

    name: str
    capacity: str | None
    presence: Presence
    proxy: str | None = None


def require_usable(attendance: Attendance, rule: QuorumRule) -> None:
    """Refuse more people than hold office, or more proxies than those present may use.

    Raises AttendanceInconsistent.
    """
    if attendance.taking_part > attendance.in_office:
        raise AttendanceInconsistent(
            f"{attendance.present} présents et {attendance.represented} représentés dépassent les"
            f" {attendance.in_office} administrateurs en fonction."
        )
    if attendance.represented > attendance.present * rule.most_proxies:
        raise AttendanceInconsistent(
            f"{attendance.present} présents ne peuvent pas tenir {attendance.represented} pouvoirs :"
            f" {rule.most_proxies} chacun au plus."
        )


def counted(attendees: Sequence[Attendee], in_office: int, rule: QuorumRule) -> Attendance:
    """Count those who took part, of all those in office. Raises AttendanceInconsistent."""
    if len(attendees) != in_office:
        raise AttendanceInconsistent(
            f"La séance compte {in_office} administrateurs en fonction ; la liste en donne {len(attendees)}."
        )
    _require_each_once(attendees)
    present = {attendee.name for attendee in attendees if attendee.presence is Presence.PRESENT}
    for attendee in attendees:
        if (attendee.presence is Presence.REPRESENTED) != (attendee.proxy is not None):
            raise AttendanceInconsistent(f"{attendee.name} : un pouvoir va avec une représentation, et elle seule.")
        if attendee.proxy is not None and attendee.proxy not in present:
            raise AttendanceInconsistent(f"{attendee.name} a donné pouvoir à {attendee.proxy}, qui n'est pas là.")
    proxies = Counter(attendee.proxy for attendee in attendees if attendee.proxy is not None)
    for holder, count in proxies.items():
        if count > rule.most_proxies:
            raise AttendanceInconsistent(f"{holder} tient {count} pouvoirs ; {rule.most_proxies} au plus sont permis.")
    return Attendance(in_office, len(present), proxies.total())


def _require_each_once(attendees: Sequence[Attendee]) -> None:
    for name, count in Counter(attendee.name for attendee in attendees).items():
        if count > 1:
            raise AttendanceInconsistent(f"{name} figure {count} fois.")
