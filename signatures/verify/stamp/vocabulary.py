"""The words that pieces of a stamp are told by, as patterns; what they are tried on is folded."""

from __future__ import annotations

import re

END = r"(?=[\s.,;:]|$)"
HOW = r"(?:digitally|electronically|digitalt|elektroniskt)"
VERB = rf"(?:{HOW}\s|e-)?(?:signed|signerad|signerat|undertecknad|undertecknat|underskriven|underskrivet|fastställd)"
SIGNED_BY = rf"(?:{VERB}(?:\s{HOW})?\s(?:by|of|av)|(?:digital\s|electronic\s)?signature\sof)(?=[\s:]|$):?"
ROLES = (
    r"brukare|kund|klient|client|personen|(?:den|det)\senskilde|företrädare|god\sman|förvaltare|framtidsfullmaktshavare"
    r"|vårdnadshavare|(?:vice\s)?kontaktman|(?:fast\s)?omsorgskontakt|kontaktperson|enhetschef|named\scare\sworker"
    r"|unit\smanager|planerare|personal|(?:bistånds)?handläggare|socialsekreterare|extern\sutförare"
)
WHEN = r"(?:date|datum|time|timestamp|tid|tidpunkt)\s?:"
FREE = r"(?:reason|location|contact(?:\sinfo)?|orsak|anledning|plats|ort|kontakt)\s?:(?=\s|$)"
STOPS = re.compile(rf"{WHEN}|{FREE}", re.IGNORECASE)
TELLING = re.compile(
    rf"{SIGNED_BY}|{VERB}{END}|\bombud"
    r"|(?:underskrift|underskriv|namnteckning|signatur|signera|underteckna)\w*\s(?:av|för|by|for)\b"
)
"""That somebody has signed, or for whom."""
DENYING = re.compile(
    r"\b(?:ej|inte|icke|ingen|aldrig|not|never|nobody|i\sstället|istället|genom|via|instead|behalf|skrivit"
    r"|(?:makuler|upphäv|ogiltig|återkall|annuller)\w*|revoked|void|invalid|cancell?ed)\b"
)
_PARTICLE = re.compile(
    r"af|al|av|bin|ben|da|de|del|della|de[nrs]|d[iou]|dos|e|el|i|ibn|l[aeo]s?|och|san|st|te[nr]|thi|tot|und|va[nr]"
    r"|ver|v[ou]n|vom|y|zu[mr]?|d"
)
_BESIDE_ROLES = re.compile(r"för|på|i|av|och|med|vid|till|inom|hos|enligt|at|of|the")
_ORGANISED = re.compile(
    r"\w*(?:kommun|förvaltning|tjänst|omsorg|enhet|nämnd|avdelning|verksamhet|myndighet|bolag)(?:e[nrt]|ens|s)?"
    r"|\w*service|stad|region|grupp(?:en)?|team(?:et)?|ab|hb|ltd|inc|gmbh|municipality|authority|department|company"
    r"|office|unit|sealing|seal|system"
)
_CALLED = re.compile(
    r"\w{2,}(?:person|kontakt|chef|pedagog|assistent|handläggare|sekreterare|sköterska|terapeut|ledare|samordnare"
    r"|planerare|utförare|företrädare|ansvarig|stödjare|konsulent)(?:en|s)?|personal|ombud|fullmakt"
)


def is_particle(word: str) -> bool:
    """Whether a word stands in names without a capital."""
    return _PARTICLE.fullmatch(word) is not None


def is_organisation(word: str) -> bool:
    """Whether a word, folded, tells an organisation or a part of one."""
    return _ORGANISED.fullmatch(word) is not None


def is_office(word: str) -> bool:
    """Whether a word, folded, is what people are called for what they do, or stands between such words."""
    return any(known.fullmatch(word) for known in (_BESIDE_ROLES, _CALLED))
