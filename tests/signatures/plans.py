"""Builders: a small tagged plan, its people, and every stage of its signing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from signatures.authority import create_issuer
from signatures.fields import FieldSpec, prepare
from signatures.identity import IdentityEvidence, IdType, Person, TestIdentityProvider
from signatures.issuer import Issuer
from signatures.pades import SignRequest, seal, sign
from signatures.tsa import LocalTimestamper

FONTS = Path(__file__).parents[2] / "templates" / "typsnitt"
LATIN = (FONTS / "AtkinsonHyperlegibleNext-Regular.ttf").read_bytes()
ETHIOPIC = (FONTS / "NotoSansEthiopic-Regular.ttf").read_bytes()
ARABIC = (FONTS / "NotoSansArabic-Regular.ttf").read_bytes()

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSPHRASE = b"a passphrase of the tests"
ROLES = ("brukare", "kontaktman", "enhetschef")
PEOPLE = {
    "brukare": Person(IdType.PERSONNUMMER, "194005202389", "Åsa Öberg Łukasiewicz"),
    "kontaktman": Person(IdType.HSA_ID, "SE2321000016-1A2B", "Kim Ek"),
    "enhetschef": Person(IdType.HSA_ID, "SE2321000016-3C4D", "Eva Chef"),
}
PLACE = '<h3>{0}</h3><p>Jag skriver under som {0}.</p><div class="plats" id="plats-{0}"></div>'
STYLE = """@font-face { font-family: A; src: url(file://%s) } @page { size: A4 } body { font: 14pt A }
.plats { height: 70pt; border: 1pt solid black } .ny { break-before: page }"""


@cache
def plan(places: str = "", paragraphs: int = 1) -> tuple[bytes, dict[str, tuple[int, tuple[float, ...]]]]:
    """A tagged PDF/A-3a and where its anchors lie: (page, rectangle in points)."""
    style = STYLE % (FONTS / "AtkinsonHyperlegibleNext-Regular.ttf")
    body = "".join(f"<p>Stycke {number}: hjälp med dusch.</p>" for number in range(paragraphs))
    places = places or "".join(map(PLACE.format, ROLES))
    html = (
        f'<html lang="sv"><head><title>Genomförandeplan</title><style>{style}</style></head><body><h1>Din plan</h1>'
        f'{body}<section class="ny"><h2>Underskrifter</h2>{places}<p>Sist på sidan.</p></section></body></html>'
    )
    document = HTML(string=html).render(font_config=FontConfiguration())
    anchors = {}
    for number, page in enumerate(document.pages):
        for name, (left, top, right, bottom) in page.anchors.items():
            height = page.height
            anchors[name] = (number, tuple(0.75 * x for x in (left, height - bottom, right, height - top)))
    pdf = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True, pdf_identifier=b"plansigill tests")
    assert pdf is not None
    return pdf, anchors


def specs(anchors: dict[str, tuple[int, tuple[float, ...]]], roles: tuple[str, ...] = ROLES) -> list[FieldSpec]:
    """One field for each role; the last locks them all."""
    return [
        FieldSpec(role, *anchors[f"plats-{role}"], f"Underskrift: {role}", roles if role == roles[-1] else (role,))
        for role in roles
    ]


@cache
def base() -> bytes:
    pdf, anchors = plan()
    return prepare(pdf, specs(anchors), "".join(person.name for person in PEOPLE.values()), LATIN)


@cache
def issuer() -> Issuer:
    material = create_issuer(NOW - timedelta(days=1), "Norrbro kommun", test=True, passphrase=PASSPHRASE)
    return Issuer.load(material, PASSPHRASE)


@cache
def stranger() -> Issuer:
    """An authority of the same day that nobody here trusts."""
    material = create_issuer(NOW - timedelta(days=1), "Annan kommun", test=True, passphrase=PASSPHRASE)
    return Issuer.load(material, PASSPHRASE)


def evidence(role: str, pdf: bytes, now: datetime = NOW, person: Person | None = None) -> IdentityEvidence:
    digest = hashlib.sha256(pdf).hexdigest()
    bound = {"plan_ref": "P1", "version": 1, "edition": 1, "role": role, "base_sha256": digest}
    return TestIdentityProvider(test=True).identify(person or PEOPLE[role], bound, now)


def request(role: str, now: datetime, pdf: bytes | None = None, **changed: object) -> SignRequest:
    lines = (role.capitalize(), PEOPLE[role].name, now.strftime("%Y-%m-%d %H:%M"))
    adopted = (f"Fastställd {now:%Y-%m-%d}",) if role == "enhetschef" else ()
    facts = {
        "field": role,
        "evidence": evidence(role, pdf or base(), now),
        "lines": (*lines, *adopted),
        "reason": f"Jag skriver under som {role}.",
        "now": now,
    }
    return SignRequest(**{**facts, **changed})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Stage:
    name: str
    pdf: bytes


@cache
def stages() -> tuple[Stage, ...]:
    """base, one revision for each signature, sealed: an hour apart."""
    made, stamps = [Stage("base", base())], LocalTimestamper(issuer())
    for number, role in enumerate(ROLES):
        now = NOW + timedelta(hours=number)
        made.append(Stage(role, sign(made[-1].pdf, request(role, now), issuer(), stamps)))
    made.append(Stage("sealed", seal(made[-1].pdf, issuer(), stamps, NOW + timedelta(hours=5))))
    return tuple(made)


def sealed() -> bytes:
    return stages()[-1].pdf
