"""A real workspace: three people sign with BankID, a time-stamp server of its own, and everything holds."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import tomli_w
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from sqlalchemy.engine import Connection

from pipeline import acts, waiving
from pipeline.app import make_workspace, open_workspace
from pipeline.casework.tools import Tools
from pipeline.console import doctor
from pipeline.console.verification import UNKNOWN
from pipeline.console.verification import judge as our_judge
from pipeline.errors import Misuse, PlansigillError, Refused
from pipeline.store import rows
from pipeline.store import tables as t
from signatures.identity import IdentityEvidence
from signatures.identity.attested import attester_of
from signatures.identity.bankid_chain import TEST_POLICIES
from signatures.identity.bankid_proof import TEST_LOA3, check_stored
from signatures.identity.paper import certifier_of
from signatures.verify import RuleId, verify
from tests.journey.conftest import Clock, Town, forgotten, rewrite_evidence, sample
from tests.plugins.judge_process import Judge
from tests.signatures import tsa_server
from tests.signatures.identity import bankid_double, bankid_pki
from tests.signatures.identity.bankid_pki import ASA, LARS
from tests.skanning import scan as new_scan

EVA = "199504242398"
PEOPLE = {
    "nb-1042": {"namn": "Lars Ek", "personnummer": LARS, "roller": ["kontaktman"]},
    "nb-0007": {"namn": "Eva Chef", "personnummer": EVA, "roller": ["enhetschef"]},
}
SIGNERS = {"brukare": ASA, "kontaktman": LARS, "enhetschef": EVA}


@dataclass
class City:
    """A workspace that is no test, the service that identifies its people, and who holds the telephone now."""

    town: Town
    service: bankid_double.Double
    number: str = ASA

    def sign(self, role: str, number: str | None = None) -> dict[str, object]:
        self.number = number or SIGNERS[role]
        self.service.now = self.town.clock.now
        return dict(acts.sign(self.town.tools, str(PLAN["plan_id"]), role))


def _plan() -> dict[str, object]:
    plan = sample("hemtjanst-kort")
    person = plan["brukare"] | {"fornamn": "Åsa", "efternamn": "Öberg"}  # BankID knows her other surname too
    person["person_id"] = {"typ": "personnummer", "varde": ASA}
    return plan | {"brukare": person}


PLAN = _plan()


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    monkeypatch.setitem(bankid_pki.NAMES, EVA, ("Eva", "Chef"))
    clock, home = Clock(tsa_server.NOW), tmp_path / "city"
    make_workspace(home, test=False, clock=clock).db.engine.dispose()
    held: list[City] = []
    span = (tsa_server.NOW - timedelta(days=30), tsa_server.NOW + timedelta(days=365))
    signer = lambda: bankid_pki.person(held[0].number, span=span)  # noqa: E731
    service = bankid_double.Double([bankid_double.pending("userSign"), bankid_double.signed(signer=signer)])
    stamps = tsa_server.Behaviour(tsa_server.others(), tsa_server.NOW)
    with bankid_double.serving(service) as bankid, tsa_server.serving(stamps) as tsa:
        stamps.issuer = tsa_server.unit(tsa_server.others(), tsa.replace("/tsa", "/crl"))
        _write(home, bankid, tsa)
        tools = open_workspace(home, clock)
        held.append(City(Town(tools, clock), service))
        yield held[0]
        tools.db.engine.dispose()


def _write(home: Path, bankid: str, tsa: str) -> None:
    ours = bankid_double.transport("Exempelby kommun")
    kept = pkcs12.serialize_key_and_certificates(
        b"rp", ours.key, ours.certificate, list(ours.issuers), BestAvailableEncryption(b"hemligt")
    )
    files = {
        "bankid.p12": kept,
        "bankid.pass": b"hemligt\n",
        "bankid-root.pem": bankid_pki.root().pem,
        "bankid-tls.pem": bankid_double.root_of(bankid_double.transport("BankID")),
        "tsa-root.pem": tsa_server.others().trust_pem(),
    }
    for name, data in files.items():
        (home / "keys" / name).write_bytes(data)
    way = {"method": "bankid", "roles": list(SIGNERS), "url": bankid, "end_user_ip": "192.0.2.7", "test_service": True}
    way |= {"certificate": "keys/bankid.p12", "passphrase_file": "keys/bankid.pass", "roots": "keys/bankid-root.pem"}
    way |= {"server_roots": "keys/bankid-tls.pem"}
    attested = {"method": "intygad", "by": "bankid", "minimum": TEST_LOA3}
    stamps = {"url": tsa, "roots": "keys/tsa-root.pem"}
    paper = {"method": "papper", "by": "bankid", "minimum": TEST_LOA3}
    config = {"test": False, "timestamp": stamps, "identity": [way, attested, paper]}
    (home / "plansigill.toml").write_text(tomli_w.dumps(config), "utf-8")
    (home / "personer.toml").write_text(tomli_w.dumps(PEOPLE), "utf-8")


def evidence(tools: Tools) -> list[IdentityEvidence]:
    with tools.db.read() as conn:
        found = conn.execute(t.evidence.select().order_by(t.evidence.c.at)).all()
    told = [tools.open(row.plan_id, t.evidence_column(row.id), row.evidence_enc) for row in found]
    return [IdentityEvidence.from_canonical(str(each["evidence"]).encode()) for each in told]


def test_three_people_sign_with_bankid_and_it_can_be_shown_again(city: City, judge: Judge) -> None:
    tools = city.town.tools
    plan_id = city.town.ready(PLAN)
    for role in SIGNERS:
        first = city.sign(role)
        assert first["identification"]["hint"] == "bankid_skriv_under"  # type: ignore[index]
        value = city.sign(role)
    assert value["state"] == "archived"
    assert value["slots"][0]["signer"] == "Åsa Öberg Łukasiewicz"  # type: ignore[index]
    pdf = (city.town.home / "outbox" / f"{plan_id}_v1.pdf").read_bytes()
    report = our_judge(tools, pdf)
    assert report["verdict"] == "valid", report["rules"]
    assert identities(report) == "passed"
    assert judge.pdf(pdf)["passed"]
    for one in evidence(tools):
        proof = check_stored(one, bankid_pki.root().pem, tuple(TEST_POLICIES))
        assert proof.who.id_value == one.id_value
    with tools.db.read() as conn:
        types = [row.type for row in conn.execute(t.trail.select().order_by(t.trail.c.idx))]
    logged = [kind for kind in types if kind in {"identified", "certificate_issued", "signed"}]
    assert logged == ["identified", "certificate_issued", "signed"] * 3


def test_somebody_elses_bankid_signs_nothing(city: City) -> None:
    city.town.ready(PLAN)
    city.sign("brukare")
    with pytest.raises(Refused) as refused:
        city.sign("brukare", LARS)
    assert refused.value.code == "fel_person"
    assert evidence(city.town.tools) == []
    assert {entry for path, body in city.service.seen for entry in (path,)} >= {"/rp/v6.0/sign", "/rp/v6.0/collect"}


def test_a_protected_person_is_never_asked_by_bankid(city: City) -> None:
    plan_id = city.town.ready(sample("skyddad"))
    with pytest.raises(Refused) as refused:
        acts.sign(city.town.tools, plan_id, "brukare")
    assert (refused.value.code, city.service.seen) == ("skyddad_ej_fjarr", [])


def identities(report: Mapping[str, object]) -> object:
    return {rule["id"]: rule["verdict"] for rule in report["rules"]}["A2"]  # type: ignore[attr-defined]


def test_evidence_that_somebody_has_changed_in_the_archive_proves_nothing_any_more(city: City) -> None:
    tools = city.town.tools
    plan_id = city.town.ready(PLAN)
    for role in SIGNERS:
        city.sign(role)
        city.sign(role)
    pdf = (city.town.home / "outbox" / f"{plan_id}_v1.pdf").read_bytes()
    (city.town.home / "keys" / "bankid-root.pem").unlink()
    gone = open_workspace(city.town.home, city.town.clock)
    assert identities(our_judge(gone, pdf)) == "not_checked"
    rewrite_evidence(tools, plan_id, "kontaktman", name="Lars Ekh")
    for each in (tools, gone):  # without the service's roots it shows that it is another
        report = our_judge(each, pdf)
        assert (report["verdict"], identities(report)) == ("indeterminate", "failed")
    gone.db.engine.dispose()


def test_an_original_on_paper_is_certified_by_an_employee_whom_bankid_knows(city: City) -> None:
    plan_id = city.town.ready(PLAN)
    scan = new_scan()

    def waive(data: bytes = scan, by: str = "nb-1042", number: str = LARS) -> dict[str, object]:
        city.number, city.service.now = number, city.town.clock.now
        return dict(waiving.waive(city.town.tools, plan_id, waiving.Waiver("brukare", "paper", None, by, scan=data)))

    assert waive()["identification"]["hint"] == "bankid_skriv_under"  # type: ignore[index]
    for other in ({"data": new_scan("another")}, {"by": "nb-0007"}):
        with pytest.raises(Refused, match="underskrift_pagar"):
            waive(**other)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="fel_person"):
        waive(number=EVA)
    assert evidence(city.town.tools) == []
    waive()
    slot = waive()["slots"][0]  # type: ignore[index]
    assert slot["outcome"] == "paper"
    with city.town.tools.db.read() as conn:
        orders = conn.execute(t.identification.select().order_by(t.identification.c.started_at)).all()
    assert [order.outcome for order in orders] == ["fel_person", "answered"]
    (one,) = evidence(city.town.tools)
    certifier = certifier_of(one)
    assert (one.method, one.id_value, certifier.id_value) == ("papper", ASA, LARS)
    assert certifier.bound["scan_sha256"] == hashlib.sha256(scan).hexdigest()
    assert check_stored(certifier, bankid_pki.root().pem, tuple(TEST_POLICIES)).who.id_value == LARS
    with city.town.tools.db.read() as conn:
        (scanned,) = [f for v in rows.versions(conn, plan_id) for f in rows.files_of(conn, v, "scan")]
    assert city.town.tools.read(scanned) == scan
    unsigned = city.town.home / "outbox" / f"{plan_id}_v1.osignerad.pdf"
    assert "Originalet intygat av: Lars Ek" in stamps_of(unsigned.read_bytes())
    for role in ("kontaktman", "enhetschef"):
        city.sign(role)
        city.sign(role)
    pdf, tools = unsigned.with_name(f"{plan_id}_v1.pdf").read_bytes(), city.town.tools
    assert identities(our_judge(tools, pdf)) == "passed"
    handed_in = our_judge(tools, scan)
    assert (handed_in["verdict"], handed_in["archive"]) == ("indeterminate", UNKNOWN)


def without_its_evidence(conn: Connection) -> None:
    conn.execute(t.evidence.delete().where(t.evidence.c.role == "brukare"))


def ended_otherwise(conn: Connection) -> None:
    without_its_evidence(conn)
    forgotten(conn, "brukare", "identified", "slot_ended")
    conn.execute(t.slot.update().where(t.slot.c.role == "brukare").values(outcome="declined", evidence_id=None))


def never_ended(conn: Connection) -> None:
    ended_otherwise(conn)
    nothing = dict.fromkeys(("outcome", "reason", "evidence_id", "ended_at", "detail_enc"))
    conn.execute(t.slot.update().where(t.slot.c.role == "brukare").values(**nothing))


def never_asked(conn: Connection) -> None:
    ended_otherwise(conn)
    conn.execute(t.slot.delete().where(t.slot.c.role == "brukare"))


def test_an_original_on_paper_does_not_vanish_from_the_archive(city: City) -> None:
    tools, plan_id, scan = city.town.tools, city.town.ready(PLAN), new_scan()
    city.number, city.service.now = LARS, city.town.clock.now
    for _ in ("begun", "answered"):
        waiving.waive(tools, plan_id, waiving.Waiver("brukare", "paper", None, "nb-1042", scan=scan))
    for role in ("kontaktman", "enhetschef"):
        city.sign(role)
        city.sign(role)
    pdf = (city.town.home / "outbox" / f"{plan_id}_v1.pdf").read_bytes()
    assert identities(our_judge(tools, pdf)) == "passed"
    for done in (without_its_evidence, ended_otherwise, never_ended, never_asked):
        other = city.town.home.with_name(done.__name__)
        shutil.copytree(city.town.home, other)
        copied = open_workspace(other, city.town.clock)
        with copied.db.write() as conn:
            done(conn)
        report = our_judge(copied, pdf)
        assert (report["verdict"], identities(report)) == ("indeterminate", "failed"), done
        copied.db.engine.dispose()
    rewrite_evidence(tools, plan_id, "brukare", name="Falsk Person", id_value="199001019802")
    report = our_judge(tools, pdf)
    assert (report["verdict"], identities(report)) == ("indeterminate", "failed")


def test_a_protected_persons_identity_is_attested_by_an_employee_whom_bankid_knows(city: City) -> None:
    tools, plan = city.town.tools, sample("skyddad")
    plan_id = city.town.ready(plan)

    def sign() -> dict[str, object]:
        city.service.now = city.town.clock.now
        told = {"method": "intygad", "attested_by": "nb-1042", "how": "kand"}
        return dict(acts.sign(tools, plan_id, "brukare", **told))

    city.number = LARS
    assert sign()["identification"]["hint"] == "bankid_skriv_under"  # type: ignore[index]
    (first,) = sign()["slots"][:1]  # type: ignore[index]
    assert (first["outcome"], first["signer"]) == ("signed", plan["brukare"]["tilltalsnamn"])
    (one,) = evidence(tools)
    assert (one.method, attester_of(one).id_value) == ("intygad", LARS)
    check_stored(attester_of(one), bankid_pki.root().pem, tuple(TEST_POLICIES))
    sent = [str(body) for path, body in city.service.seen if path.endswith("/sign")]
    assert len(sent) == 1 and plan["brukare"]["person_id"]["varde"] not in sent[0]
    with tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        pdf = tools.read(rows.files_of(conn, v, "signed")[-1])
    assert "Identiteten intygad av Lars Ek" in stamps_of(pdf)


@pytest.fixture
def omar(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An employee whose name has a small letter first in a word of it."""
    monkeypatch.setitem(bankid_pki.NAMES, LARS, ("Omar", "al-Hassan"))
    monkeypatch.setitem(PEOPLE, "nb-1042", PEOPLE["nb-1042"] | {"namn": "Omar al-Hassan"})
    bankid_pki.person.cache_clear()
    yield
    bankid_pki.person.cache_clear()


def test_what_an_employee_has_attested_is_proven_again(omar: None, city: City) -> None:
    tools, plan_id = city.town.tools, city.town.ready(PLAN)
    city.number, city.service.now = LARS, city.town.clock.now
    for _ in ("begun", "answered"):
        acts.sign(tools, plan_id, "brukare", method="intygad", attested_by="nb-1042", how="kand")
    for role in ("kontaktman", "enhetschef"):
        city.sign(role)
        city.sign(role)
    pdf = (city.town.home / "outbox" / f"{plan_id}_v1.pdf").read_bytes()
    report = our_judge(tools, pdf)
    assert (report["verdict"], identities(report)) == ("valid", "passed")
    assert "Identiteten intygad av Omar al-Hassan" in stamps_of(pdf)
    alone = verify(pdf, tools.trust, None, tools.now())
    assert (alone.verdict, alone.rule(RuleId.IDENTITY).reason) == ("indeterminate", "stamp_name_unclear")


def stamps_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, check=True, capture_output=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"method": "intygad"}, "attested_by_kravs"),
        ({"method": "intygad", "attested_by": "nb-1042", "how": "ser snäll ut"}, "fel_val"),
        ({"method": "intygad", "attested_by": "nb-9999", "how": "kand"}, "okand_person"),
        ({"attested_by": "nb-1042", "how": "kand"}, "intygas_inte"),
    ],
)
def test_who_attests_must_be_said_and_be_one_of_the_staff(city: City, told: dict[str, str], code: str) -> None:
    plan_id = city.town.ready(PLAN)
    with pytest.raises(PlansigillError) as refused:
        acts.sign(city.town.tools, plan_id, "brukare", **told)
    assert (refused.value.code, city.service.seen) == (code, [])


def test_nobody_attests_who_they_are_themselves(city: City) -> None:
    plan = PLAN | {"brukare": PLAN["brukare"] | {"person_id": {"typ": "personnummer", "varde": LARS}}}  # type: ignore[operator]
    plan_id = city.town.ready(plan)
    city.number = LARS
    told = {"method": "intygad", "attested_by": "nb-1042", "how": "kand"}
    with pytest.raises(Refused) as refused:
        acts.sign(city.town.tools, plan_id, "brukare", **told)
    assert (refused.value.code, city.service.seen) == ("egen_intygare", [])


def test_doctor_says_which_setting_is_wrong(city: City) -> None:
    (city.town.home / "keys" / "bankid.pass").write_bytes(b"fel\n")
    with pytest.raises(Misuse) as wrong:
        _ = open_workspace(city.town.home, city.town.clock).providers
    assert wrong.value.params["key"] == "identity.bankid.certificate"
    told = doctor.report(city.town.home)
    assert told.exit_code != 0 and "identity.bankid.certificate" in "\n".join(told.lines)


def test_an_order_lies_encrypted_and_its_secrets_nowhere_else(city: City) -> None:
    city.town.ready(PLAN)
    city.sign("brukare")
    with city.town.tools.db.read() as conn:
        (row,) = conn.execute(t.identification.select()).all()
        v = rows.latest_version(conn, str(PLAN["plan_id"]))
    assert v is not None and row.plan_id == v.plan_id
    secret = b"d28db9a7"  # the double's qrStartSecret
    assert secret not in row.order_enc
    files = [p for p in city.town.home.rglob("*") if p.is_file()]
    assert not any(secret in path.read_bytes() or ASA.encode() in path.read_bytes() for path in files)
