"""`sign` with Freja, through the whole command line: a private person, then an employee as the employer knows her."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tomli_w
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from signatures.identity import IdType
from signatures.identity.freja_proof import TEST_LOA3, check_stored
from tests.cli.conftest import PLAN, ROLES, Said, ask
from tests.cli.test_oidc_words import AINA, EMMA, STAFF, evidence
from tests.signatures.identity.bankid_double import root_of, transport
from tests.signatures.identity.freja_double import Double, Json, approved, by_freja, pending, serving, signer

WHO = {"brukare": ("Aina Margareta", "Björkqvist"), "kontaktman": ("Emma", "Sjöö")}
ANSWERS = signer("Freja answers today", datetime.now(UTC).replace(microsecond=0) - timedelta(days=30))


@dataclass
class Room:
    home: Path
    service: Double
    way: Json

    def settle(self, **changed: object) -> None:
        way = self.way | changed
        (self.home / "plansigill.toml").write_text(tomli_w.dumps({"test": True, "identity": [way]}), "utf-8")

    def sign(self, role: str) -> Said:
        """What `sign` says while the person in the role has the telephone."""
        self.service.now, self.service.name = datetime.now(UTC), WHO[role]
        return ask("sign", PLAN, "--role", role, home=self.home)


@pytest.fixture
def room(open_town: Path) -> Iterator[Room]:
    ours = transport("Exempelby kommun")
    kept = pkcs12.serialize_key_and_certificates(
        b"rp", ours.key, ours.certificate, list(ours.issuers), BestAvailableEncryption(b"hemligt")
    )
    roots = root_of(transport("BankID"))  # the double stands behind the same web server as BankID's
    files = {"freja.p12": kept, "freja.pass": b"hemligt\n", "freja-svar.pem": ANSWERS.pem, "freja-tls.pem": roots}
    for name, data in files.items():
        (open_town / "keys" / name).write_bytes(data)
    (open_town / "personer.toml").write_text(tomli_w.dumps(STAFF), "utf-8")
    answer = approved(token=lambda told: by_freja(told, ANSWERS))
    double = Double([pending("DELIVERED_TO_MOBILE"), answer])
    with serving(double) as url:
        way = {"method": "freja", "roles": list(ROLES), "url": url, "certificate": "keys/freja.p12"}
        way |= {"passphrase_file": "keys/freja.pass", "answers": "keys/freja-svar.pem", "test_service": True}
        made = Room(open_town, double, way | {"server_roots": "keys/freja-tls.pem"})
        made.settle()
        yield made


def test_two_people_sign_with_freja_and_it_can_be_shown_again(room: Room) -> None:
    for role in WHO:
        first = room.sign(role)
        assert (first.code, first.value["identification"]["hint"]) == (1, "freja_skriv_under")
        said = room.sign(role)
        assert said.code == 0, said.err
    assert [slot["signer"] for slot in said.value["slots"]][:2] == ["Aina Margareta Björkqvist", "Emma Sjöö"]
    found = evidence(room.home)
    assert [(one.id_type, one.id_value, one.level) for one in found] == [
        (IdType.PERSONNUMMER, AINA, TEST_LOA3), (IdType.HSA_ID, EMMA, TEST_LOA3),
    ]  # fmt: skip
    for one in found:
        assert check_stored(one, ANSWERS.pem, test=True).reference == one.transaction_id
    assert [path for path, _ in room.service.seen if "init" in path] == [
        "/sign/1.0/initSignature", "/organisation/sign/1.0/init",
    ]  # fmt: skip


def test_doctor_says_which_setting_is_wrong(room: Room) -> None:
    changes = ({"answers": "keys/freja.pass"}, "identity.freja.answers"), ({"minimum": "hög"}, "identity.freja.minimum")
    for changed, key in (*changes, ({"registration": "BASIC"}, "identity.0.freja.registration")):
        room.settle(**changed)
        said = ask("doctor", home=room.home)
        assert said.code != 0 and key in said.out
