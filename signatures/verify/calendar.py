"""Moments up to the end of the calendar: a certificate without a well-defined end says 99991231235959Z (RFC 5280
§4.1.2.5), and what is written in a file may say any other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

ALWAYS = datetime.max.replace(tzinfo=UTC)
NEVER = datetime.min.replace(tzinfo=UTC)


def moved(moment: datetime, by: timedelta) -> datetime:
    """The aware moment so much later; where the calendar ends before that, its end."""
    try:
        return moment + by
    except OverflowError:
        return NEVER if by < timedelta() else ALWAYS


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The aware moment as clocks of the zone show it; where they would show none in the calendar, its end."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return (NEVER if moment.year == NEVER.year else ALWAYS).replace(tzinfo=zone)
