"""`sign` by an OpenID Connect broker, through the whole command line: the address that is told, the browser that comes
back by itself, the evidence that is kept."""

import io
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from unittest.mock import patch
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import tomli_w

from pipeline.app import open_workspace
from pipeline.console import loopback
from pipeline.errors import Misuse
from pipeline.settings import load_settings
from pipeline.store import tables as t
from pipeline.ways import ways
from signatures.identity import IdentityEvidence, IdType
from signatures.identity.attested import attester_of
from signatures.identity.oidc_proof import Reading, check_stored
from tests.cli.conftest import PLAN, ROLES, Said, ask, contents, run_cli
from tests.signatures.identity import jwt_double
from tests.signatures.identity.bankid_double import root_of, transport
from tests.signatures.identity.oidc_double import CLAIM, LOA3, RP, SECRET, Double, Json, rp_key, serving
from tests.skanning import scan as new_scan

AINA = "194201199124"
EMMA, CARINA = "SE0000000000-1042", "carina.strom@0000000000"
KINDS = {"personnummer": f"{CLAIM}personalIdentityNumber", "hsa_id": "hsaid", "org_id": f"{CLAIM}orgAffiliation"}
PEOPLE = {
    "brukare": {KINDS["personnummer"]: AINA, "name": "Aina Margareta Björkqvist"},
    "kontaktman": {KINDS["hsa_id"]: EMMA, "name": "Emma Sjöö"},
    "enhetschef": {KINDS["org_id"]: CARINA, "name": "Carina Ström"},
}
STAFF = {
    "nb-1042": {"namn": "Emma Sjöö", "hsa_id": EMMA, "roller": ["kontaktman"]},
    "nb-0007": {"namn": "Carina Ström", "org_id": CARINA, "roller": ["enhetschef"]},
}


@dataclass
class Room:
    """A workspace whose people are identified by a broker that comes back to this machine."""

    home: Path
    broker: Double
    way: Json

    def settle(self, **changed: object) -> None:
        way = {key: value for key, value in (self.way | changed).items() if value is not None}
        (self.home / "plansigill.toml").write_text(tomli_w.dumps({"test": True, "identity": [way]}), "utf-8")

    def is_now(self, role: str, person: str | None = None) -> None:
        """Who sits at the broker, by the machine's own clock."""
        self.broker.now, self.broker.person = datetime.now(UTC), PEOPLE[person or role] | {"acr": LOA3}


@pytest.fixture
def room(open_town: Path) -> Iterator[Room]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    back = f"http://127.0.0.1:{port}/svar"
    keys = open_town / "keys"
    (keys / "oidc.pem").write_bytes(jwt_double.pem_of(rp_key()))
    (keys / "oidc-tls.pem").write_bytes(root_of(transport("broker")))
    (open_town / "personer.toml").write_text(tomli_w.dumps(STAFF), "utf-8")
    double = Double(redirect=back)
    with serving(double) as issuer:
        way = {"method": "oidc", "roles": list(ROLES), "issuer": issuer, "client_id": RP, "redirect": back}
        way |= {"key": "keys/oidc.pem", "key_id": "k1", "server_roots": "keys/oidc-tls.pem", "identifiers": KINDS}
        made = Room(open_town, double, way | {"ask": "approval"})
        made.settle()
        yield made


def evidence(home: Path) -> list[IdentityEvidence]:
    tools = open_workspace(home)
    with tools.db.read() as conn:
        rows = conn.execute(t.evidence.select().order_by(t.evidence.c.at)).all()
    told = [tools.open(row.plan_id, t.evidence_column(row.id), row.evidence_enc) for row in rows]
    tools.db.engine.dispose()
    return [IdentityEvidence.from_canonical(str(each["evidence"]).encode()) for each in told]


@dataclass
class Terminal(io.StringIO):
    """What stands on the screen; `sees` is done with each address that appears there, beside what writes it."""

    sees: "Browser"

    def __post_init__(self) -> None:
        super().__init__()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for url in re.findall(r"https://\S+/authorize\S+", text):
            self.sees.opens(url)
        return super().write(text)


@dataclass
class Browser:
    """The person's browser: it follows the address, and the broker's answer to wherever that leads."""

    room: Room
    role: str
    keyboard: TextIO | None = None
    pages: list[tuple[int, str]] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def opens(self, url: str) -> None:
        self.threads.append(threading.Thread(target=self._follow, args=(url,)))
        self.threads[-1].start()

    def _follow(self, url: str) -> None:
        self.room.is_now(self.role)
        back = self.room.broker.visit(url)
        if self.keyboard is not None:
            self.keyboard.write(f"https://elsewhere.example/\n{back}\n")
            self.keyboard.flush()
            return
        for address in (back.replace("/svar?", "/favicon.ico?"), back.partition("?")[0], back):
            with suppress(HTTPError), urlopen(address, timeout=10) as page:  # noqa: S310 (an address of this machine)
                self.pages.append((page.status, page.read().decode()))


def at_a_terminal(room: Room, role: str, *, pasted: bool = False) -> tuple[Said, Browser]:
    hand, keyboard = os.openpty()
    with os.fdopen(keyboard) as stdin, os.fdopen(hand, "w") as typed:
        browser = Browser(room, role, typed if pasted else None)
        screen = Terminal(browser)
        with patch("tests.cli.conftest.io.StringIO", side_effect=[io.StringIO(), screen, stdin]):
            said = run_cli("sign", PLAN, "--role", role, home=room.home)
        for thread in browser.threads:
            thread.join(10)
    return said, browser


def test_three_people_sign_by_a_broker_and_it_can_be_shown_again(room: Room) -> None:
    first = ask("sign", PLAN, "--role", "brukare", home=room.home)
    told = first.value["identification"]
    assert (first.code, told["hint"], told["returns"]) == (1, "oidc_oppna", room.way["redirect"])
    room.is_now("brukare")
    back = room.broker.visit(told["url"])
    said = ask("sign", PLAN, "--role", "brukare", "--answer", back, home=room.home)
    assert (said.code, said.value["slots"][0]["signer"]) == (0, "Aina Margareta Björkqvist")
    said, browser = at_a_terminal(room, "kontaktman")
    assert said.code == 0, said.err
    ((status, page),) = browser.pages
    assert status == 200 and "Tack." in page and "Thank you." in page
    assert "code" not in page
    said, _ = at_a_terminal(room, "enhetschef", pasted=True)
    assert said.code == 0, said.err
    assert ask("verify", f"outbox/{PLAN}_v1.pdf", home=room.home, cwd=room.home).value["verdict"] == "valid"
    kinds = {IdType(kind): claim for kind, claim in KINDS.items()}
    found = evidence(room.home)
    assert [(one.id_type, one.id_value) for one in found] == [
        (IdType.PERSONNUMMER, AINA), (IdType.HSA_ID, EMMA), (IdType.ORG_ID, CARINA),
    ]  # fmt: skip
    for one in found:
        assert check_stored(one, Reading(room.broker.url, RP, kinds)).at == one.at
    assert len(room.broker.shown) == 3 and all(PLAN in shown for shown in room.broker.shown)
    secrets = [request["state"] for request in room.broker.requests]
    secrets += [form["code"] for path, form, _ in room.broker.seen if path == "/token"]
    assert not any(secret.encode() in data for data in contents(room.home).values() for secret in secrets)


def test_somebody_else_at_the_broker_signs_nothing(room: Room) -> None:
    url = ask("sign", PLAN, "--role", "brukare", home=room.home).value["identification"]["url"]
    room.is_now("brukare", "kontaktman")
    back = room.broker.visit(url)
    strayed = ask("sign", PLAN, "--role", "brukare", "--answer", back.replace("state=", "state=x"), home=room.home)
    assert (strayed.code, strayed.value["identification"]["hint"]) == (1, "oidc_annat_svar")
    said = ask("sign", PLAN, "--role", "brukare", "--answer", back, home=room.home)
    assert (said.code, said.error) == (1, "fel_person")
    assert evidence(room.home) == []


def test_an_employee_whom_the_broker_knows_attests_the_brukare(room: Room) -> None:
    attested = {"method": "intygad", "by": "oidc"}
    (room.home / "plansigill.toml").write_text(tomli_w.dumps({"test": True, "identity": [room.way, attested]}), "utf-8")
    words = ("sign", PLAN, "--role", "brukare", "--method", "intygad", "--attested-by", "nb-1042", "--how", "kand")
    url = ask(*words, home=room.home).value["identification"]["url"]
    room.is_now("kontaktman")
    said = ask(*words, "--answer", room.broker.visit(url), home=room.home)
    assert (said.code, said.value["slots"][0]["signer"]) == (0, "Aina Margareta Björkqvist")
    (one,) = evidence(room.home)
    kinds = {IdType(kind): claim for kind, claim in KINDS.items()}
    check_stored(attester_of(one), Reading(room.broker.url, RP, kinds))
    assert (one.method, attester_of(one).id_value) == ("intygad", EMMA)
    assert "Jag intygar" in room.broker.shown[0]


def test_an_original_on_paper_needs_a_way_of_its_own(room: Room) -> None:
    scan = room.home.parent / "scan.pdf"
    scan.write_bytes(new_scan())
    words = ("waive", PLAN, "--role", "brukare", "--outcome", "paper", "--scan", scan, "--by", "nb-1042")
    said = ask(*words, home=room.home)
    assert (said.code, said.error) == (2, "papper_saknas")


def test_an_answer_is_the_whole_address(room: Room) -> None:
    for address in ("https://plan.example/svar", "", "https://x.example/?state=a&state=b", "https://[", "?state=å"):
        said = ask("sign", PLAN, "--role", "brukare", "--answer", address, home=room.home)
        assert (said.code, said.error) == (2, "fel_val")


SETTINGS = {
    "key": ({"key": None}, "identity.0.oidc"),
    "no key file": ({"key": "keys/none.pem"}, "identity.oidc.key"),
    "a certificate for a key": ({"key": "keys/oidc-tls.pem"}, "identity.oidc.key"),
    "no secret": ({"login": "client_secret_basic"}, "identity.0.oidc"),
    "an empty secret": ({"login": "client_secret_basic", "secret_file": "keys/empty"}, "identity.oidc.secret_file"),
    "approval unsigned": ({"login": "client_secret_basic", "secret_file": "keys/s", "key": None}, "identity.0.oidc"),
    "a plain address": ({"issuer": "http://broker.example"}, "identity.0.oidc.issuer"),
    "back to anywhere": ({"redirect": "http://plan.example/svar"}, "identity.0.oidc.redirect"),
    "a level that is none": ({"levels": {"x": "hög"}}, "identity.oidc.levels"),
    "a kind that is none": ({"identifiers": {"mail": "email"}}, "identity.0.oidc.identifiers"),
    "an unknown setting": ({"client_secret": SECRET}, "identity.0.oidc.client_secret"),
}


def test_a_setting_that_is_wrong_is_named(room: Room) -> None:
    (room.home / "keys" / "empty").write_bytes(b"\n")
    (room.home / "keys" / "s").write_text(SECRET, "utf-8")
    for changed, key in SETTINGS.values():
        room.settle(**changed)
        with pytest.raises(Misuse) as wrong:
            ways(room.home, load_settings(room.home))
        assert str(wrong.value.params["key"]).startswith(key)
        assert SECRET not in wrong.value.sv + wrong.value.en
    said = ask("doctor", home=room.home)
    assert said.code != 0 and "identity.0.oidc.client_secret" in said.out


def test_the_settings_that_the_documentation_shows_are_settings(tmp_path: Path) -> None:
    shown = (Path(__file__).parents[2] / "docs" / "underskrift.md").read_text("utf-8")
    ways = [block for block in re.findall(r"```toml\n(.*?)```", shown, flags=re.S) if "[[identity]]" in block]
    assert len(ways) == 5
    (tmp_path / "plansigill.toml").write_text("\n".join(ways), "utf-8")
    assert [way.method for way in load_settings(tmp_path).identity] == [
        *("bankid", "oidc", "freja", "intygad", "papper")
    ]


def test_the_listener_is_bounded_and_takes_one_address_only() -> None:
    assert dict(loopback.parameters("http://127.0.0.1:1/svar?code=a&state=b") or {}) == {"code": "a", "state": "b"}
    read, write = os.pipe()
    with os.fdopen(read) as stdin, os.fdopen(write, "w"), patch.object(sys, "stdin", stdin):
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            address = f"http://127.0.0.1:{taken.getsockname()[1]}/svar"
            with loopback.listening(address) as listener:
                assert listener.opened is None and listener.wait(0.01) is None
        with loopback.listening(address) as listener:
            host = ("127.0.0.1", int(address.split(":")[2].split("/", maxsplit=1)[0]))
            whole = b"GET /svar?code=a&state=b HTTP/1.1\r\nHost: x\r\n\r\n"
            long, strayed = whole.replace(b"=b ", b"=b&x=" + b"x" * 20_000 + b" "), whole.replace(b"svar", b"other")
            for sent in (b"GET /svar?code=a HTTP/1.1\r\nX: ", long, strayed, b"", b"\r\n\r\n"):
                with closing(socket.create_connection(host)) as browser, patch.object(loopback, "ANSWER_SECONDS", 0.05):
                    browser.sendall(sent)
                    assert listener.wait(0.1) is None
            with closing(socket.create_connection(host)) as browser:
                browser.sendall(whole)
                assert listener.wait(5) == {"code": "a", "state": "b"}
                assert b"no-store" in browser.recv(4096)
