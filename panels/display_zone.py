"""The zone times are shown in, as the trader chose it; it can change while panels hold it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from core.model.contract import product_of
from core.preferences import ZoneChoice


class DisplayZone(tzinfo):
    """A zone that stands for another.

    Attributes:
        zone: the one it stands for now; None is this machine's.
    """

    def __init__(self, zone: tzinfo | None = None) -> None:
        self.zone = zone

    def point_to(self, choice: ZoneChoice, symbol: str) -> bool:
        """Stand for the zone of a choice while this symbol is on show; say whether that is another than before.

        A symbol whose exchange is not known is shown in this machine's zone.
        """
        wanted: tzinfo | None = None
        if choice is ZoneChoice.UTC:
            wanted = UTC
        elif choice is ZoneChoice.EXCHANGE and (product := product_of(symbol)) is not None:
            wanted = product.hours.zone
        changed, self.zone = wanted != self.zone, wanted
        return changed

    def fromutc(self, value: datetime) -> datetime:
        """Return a moment, given in UTC under this zone, as the clocks of the zone show it."""
        return value.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=self)

    def utcoffset(self, value: datetime | None) -> timedelta | None:
        """Return how far the zone is ahead of UTC."""
        return None if value is None else self._there(value).utcoffset()

    def dst(self, value: datetime | None) -> timedelta | None:
        """Return what summer time adds; None where the system does not say."""
        return None if value is None else self._there(value).dst()

    def tzname(self, value: datetime | None) -> str | None:
        """Return the short name of the zone at a time."""
        return None if value is None else self._there(value).tzname()

    def _there(self, value: datetime) -> datetime:
        naive = value.replace(tzinfo=None)
        return naive.astimezone() if self.zone is None else naive.replace(tzinfo=self.zone)
