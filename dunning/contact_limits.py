"""Legal limits on when and how often debtors may be written to, one row a country (R9).

To add a country, add a row to the table below; everything else follows from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from dunning.addresses.address import Address
from dunning.days import DAY, first_instant

MONDAY_TO_SATURDAY: Final = frozenset(range(6))


class ContactLimit(NamedTuple):
    """A country's limit on messages, by the clock and the calendar of the customer.

    Messages are sent on `weekdays` (0 is Monday) from `opens` until before `closes`. One seller
    sends one customer at most `messages` in `in_days` days, at least `days_apart` days apart.
    `other_zones` maps a word in a city or region to its time zone.
    """

    source: str
    country: str
    zone: str
    other_zones: Mapping[str, str]
    weekdays: frozenset[int]
    opens: time
    closes: time
    on_public_holidays: bool
    messages: int
    in_days: int
    days_apart: int
    may_name_courts_and_costs: bool

    def zone_of(self, address: Address | None) -> str:
        """Return the time zone in which a customer lives."""
        place = f"{address.city or ''} {address.region or ''}".casefold() if address else ""
        found = (zone for word, zone in self.other_zones.items() if word in place)
        return next(found, self.zone)

    def next_allowed(self, sent: Iterable[datetime], zone: str) -> datetime | None:
        """Return the first moment for another message; None if none was sent yet.

        It is days later at the same time of day, by the customer's clock.
        """
        newest_first = sorted(sent, reverse=True)
        if not newest_first:
            return None
        moments = [_days_later(newest_first[0], self.days_apart, zone)]
        if len(newest_first) >= self.messages:
            moments.append(_days_later(newest_first[self.messages - 1], self.in_days, zone))
        return max(moments)


_LIMITS: Final = (
    ContactLimit(
        source="Ley 19.496 art. 37, as of Ley 21.320; https://www.bcn.cl/leychile",
        country="CL",
        zone="America/Santiago",
        other_zones={
            "magallanes": "America/Punta_Arenas",
            "punta arenas": "America/Punta_Arenas",
            "puerto natales": "America/Punta_Arenas",
            "aysén": "America/Coyhaique",
            "aysen": "America/Coyhaique",
            "coyhaique": "America/Coyhaique",
            "pascua": "Pacific/Easter",
            "rapa nui": "Pacific/Easter",
            "hanga roa": "Pacific/Easter",
        },
        weekdays=MONDAY_TO_SATURDAY,
        opens=time(8),
        closes=time(20),
        on_public_holidays=False,
        messages=2,
        in_days=7,
        days_apart=2,
        may_name_courts_and_costs=False,
    ),
)
CONTACT_LIMITS: Final = {limit.country: limit for limit in _LIMITS}


def contact_limit(country: str | None) -> ContactLimit | None:
    """Return the limit in the customer's country; None where the law sets none."""
    return CONTACT_LIMITS.get(country.upper()) if country else None


def may_name_courts_and_costs(country: str | None) -> bool:
    """Whether a message to a customer may mention courts and the costs of collection (R9)."""
    limit = contact_limit(country)
    return limit is None or limit.may_name_courts_and_costs


def _days_later(at: datetime, days: int, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    return first_instant(local.date() + days * DAY, local.time(), zone)
