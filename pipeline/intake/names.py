"""Names in the drop folder: which are somebody's unfinished work, what a sender's name becomes, and our own ids.

The sender's name may say whom the plan is about. It is used for what lies in ``fel/`` and nowhere else.
"""

import hashlib
import os
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

LONGEST_NAME = 120  # characters
_LONGEST_BYTES = 200  # of the 255 a file system takes; the rest is for ".<id>.fel.json"
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download")
_SYSTEM = {"thumbs.db", "desktop.ini"}
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LENGTH = 26
_RESERVED = re.compile(r'[\\/:*?"<>|]')  # what a Windows client of the same share could not open
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def is_ignored(name: str) -> bool:
    """Whether `name` is hidden, a program's unfinished copy, or the operating system's own."""
    low = name.lower()
    return low.startswith((".", "~$")) or low.endswith(_UNFINISHED) or low in _SYSTEM


def is_json(name: str) -> bool:
    """Whether `name` says that the file is JSON."""
    return name.lower().endswith(".json")


def split(name: str) -> tuple[str, str]:
    """The sender's `name` as (stem, suffix) that any file system, screen and shell can bear."""
    shown = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
    suffix = PurePath(shown.lower()).suffix
    suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
    stem = shown[: len(shown) - len(suffix)]
    safe = "".join("_" if unicodedata.category(sign)[0] == "C" or sign == "\ufffd" else sign for sign in stem)
    cut = _RESERVED.sub("_", safe).strip(" .")[:LONGEST_NAME].encode("utf-8")[:_LONGEST_BYTES].decode("utf-8", "ignore")
    return cut.rstrip(" .") or "fil", suffix


def new_id(now: datetime) -> str:
    """A case id: 48 bits of time and 80 of chance in Crockford's base 32, so that ids sort by time (as ULID does)."""
    milliseconds = (now - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
    return _base32((milliseconds << 80) | int.from_bytes(os.urandom(10)))


def folder_id(inode: int, name: str) -> str:
    """The case id of a folder that somebody put in the inbox: the same each time it is seen."""
    return _base32(int.from_bytes(hashlib.sha256(f"{inode}/".encode() + os.fsencode(name)).digest()[:16]))


def is_id(text: str) -> bool:
    """Whether `text` has the form of a case id."""
    return len(text) == _ID_LENGTH and all(sign in _CROCKFORD for sign in text)


def time_of(case_id: str) -> datetime:
    """When `new_id` made this id, to the millisecond."""
    number = 0
    for sign in case_id:
        number = number * 32 + _CROCKFORD.index(sign)
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=number >> 80)


def _base32(number: int) -> str:
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(5 * (_ID_LENGTH - 1), -1, -5))
