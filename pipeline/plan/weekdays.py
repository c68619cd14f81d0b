"""Whether a text gives away on which days of the week something happens, as a protected person's plan must not."""

import re

_DAY = r"(?:mån|tis|ons|tors|fre|lör|sön)"
_SHORT = r"(?:må|mån|ti|tis|on|ons|to|tor|tors|fr|fre|lö|lör|sö|sön)"
_WEEKDAY = re.compile(
    rf"\b{_DAY}dag"  # måndag, måndagar, måndagsförmiddag
    rf"|\b{_DAY}\b"  # mån, tis.; not tor, which is a name
    rf"|\b{_SHORT}\b\.?(?:\s*[,/+&–-]\s*|\s+(?:och|till)\s+){_SHORT}\b",  # må/to, tor och lör
    re.IGNORECASE,
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060]")
"""What can stand within a word without being seen."""


def names_a_day(text: str) -> bool:
    """Whether a text names a day of the week, however it is written; "vardagar" and "två gånger i veckan" do not."""
    return _WEEKDAY.search(_UNSEEN.sub("", text)) is not None
