"""Signing with Freja, from the order to the evidence, against a double that also misbehaves."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from signatures.errors import IdentityRefused, IdentityUnavailable, SignatureError
from signatures.identity import Asked, IdentityEvidence, IdentityProvider, IdType, Waiting, Wanted
from signatures.identity.freja import Freja
from signatures.identity.freja_proof import LOA3, TEST_LOA3, check_stored
from signatures.identity.order import order_json, order_of
from signatures.words import sentence

from . import jwt_double as jwt
from .bankid_double import pem_of, root_of, transport
from .bankid_pki import ASA, LARS, NOW, key
from .freja_double import Double, Json, Placed, approved, by_freja, ended, error, pending, serving, signer, thumb
from .test_bankid import ASKED, BOUND, SHOWN, client

SOON = NOW + timedelta(seconds=7)
HSA = "SE0000000000-1042"
EMMA = replace(ASKED, wanted=Wanted(IdType.HSA_ID, HSA, "Emma Sjöö"))
OLD = signer("Freja answers before", NOW - timedelta(days=900), 600)
PINNED = signer().pem + OLD.pem
Step = Callable[[Double, str, Placed], Json]


def freja(url: str, **other: object) -> Freja:
    return replace(Freja(client(url), PINNED, LOA3), **other)  # type: ignore[arg-type]


@contextmanager
def service(*steps: Step, **other: object) -> Iterator[tuple[Double, Freja]]:
    double = Double(list(steps) or [approved()], **other)  # type: ignore[arg-type]
    with serving(double) as url:
        yield double, freja(url)


def outcome(*steps: Step, asked: Asked = ASKED, **other: object) -> object:
    """What becomes of one order that goes as `steps` say."""
    with service(*steps, **other) as (double, provider):
        order = provider.start(asked, NOW)
        double.now = SOON
        return provider.collect(order, SOON)


def refusal(*steps: Step, asked: Asked = ASKED) -> SignatureError:
    with pytest.raises(SignatureError) as refused:
        outcome(*steps, asked=asked)
    assert ASA not in str(refused.value) and LARS not in str(refused.value)
    return refused.value


@pytest.fixture(scope="module")
def good() -> IdentityEvidence:
    found = outcome()
    assert isinstance(found, IdentityEvidence)
    return found


def test_a_person_signs_and_the_evidence_says_who_what_and_when(good: IdentityEvidence) -> None:
    assert (good.method, good.level, good.id_type, good.id_value, good.name) == (
        "freja", LOA3, IdType.PERSONNUMMER, ASA, "Åsa Öberg Łukasiewicz",
    )  # fmt: skip
    assert (good.at, good.nonce, dict(good.bound)) == (SOON, BOUND["nonce"], BOUND)
    assert check_stored(good, PINNED, test=False).visible == SHOWN


def test_openssl_agrees_that_the_stored_answer_is_signed_by_freja(good: IdentityEvidence, tmp_path: Path) -> None:
    told, signature = json.loads(good.raw)["details"].rsplit(".", 1)
    for name, data in (("told", told.encode()), ("sig", jwt.unb64(signature)), ("cert", signer().pem)):
        (tmp_path / name).write_bytes(data)
    words = ("openssl", "x509", "-in", "cert", "-pubkey", "-noout", "-out", "key")
    subprocess.run(words, cwd=tmp_path, check=True)
    words = ("openssl", "dgst", "-sha256", "-verify", "key", "-signature", "sig", "told")
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, check=True).stdout == b"Verified OK\n"


def test_it_is_a_provider_outside_the_house() -> None:
    like: IdentityProvider = freja("https://freja.invalid")
    assert (like.method, like.remote) == ("freja", True)


def test_the_service_is_asked_for_a_signature_by_the_wanted_person_over_the_act() -> None:
    with service() as (double, provider):
        order = provider.start(ASKED, NOW)
    ((path, request),) = double.seen
    assert path == "/sign/1.0/initSignature"
    assert base64.b64decode(request["dataToSign"]["text"]).decode() == SHOWN
    assert base64.b64decode(request["dataToSign"]["binaryData"]) == ASKED.bound_json()
    assert json.loads(base64.b64decode(request["userInfo"])) == {"country": "SE", "ssn": ASA}
    assert (request["userInfoType"], request["minRegistrationLevel"]) == ("SSN", "PLUS")
    assert request["expiry"] == int(order.expires.timestamp() * 1000)
    assert request["attributesToReturn"] == [{"attribute": "BASIC_USER_INFO"}]
    assert ASA not in repr(order) + repr(provider)


@pytest.mark.parametrize("kind", [IdType.HSA_ID, IdType.ORG_ID])
def test_staff_sign_as_their_employer_knows_them(kind: IdType) -> None:
    asked = replace(ASKED, wanted=Wanted(kind, HSA, "Emma Sjöö"))
    with service(pending(), approved(), name=("Emma", "Sjöö")) as (double, provider):
        order = order_of(order_json(provider.start(asked, NOW)))
        assert provider.collect(order, NOW) == Waiting("freja_vantar")
        found = provider.collect(order, NOW)
    assert isinstance(found, IdentityEvidence)
    assert (found.id_type, found.id_value, found.name) == (kind, HSA, "Emma Sjöö")
    assert check_stored(found, PINNED, test=False).organisation
    assert {path.rpartition("/")[0] for path, _ in double.seen} == {"/organisation/sign/1.0"}


def test_anybody_may_answer_where_nobody_is_wanted() -> None:
    with service(pending(), pending("OPENED"), approved()) as (double, provider):
        order = provider.start(replace(ASKED, wanted=None), NOW)
        link = f"frejaeid://bindUserToTransaction?transactionReference={quote(order.reference, safe='')}"
        assert provider.collect(order, NOW) == Waiting("freja_oppna", url=link, qr=link)
        assert provider.collect(order, NOW) == Waiting("freja_skriv_under")
        found = provider.collect(order, NOW)
    assert isinstance(found, IdentityEvidence) and found.id_value == ASA
    assert double.seen[0][1]["userInfoType"] == "INFERRED"
    assert check_stored(found, PINNED, test=False).person == ASA


def test_freja_test_environment_proves_nothing_to_others() -> None:
    with service() as (_, provider):
        way = replace(provider, test=True)
        found = way.collect(way.start(ASKED, NOW), NOW)
    assert isinstance(found, IdentityEvidence) and found.level == TEST_LOA3
    check_stored(found, PINNED, test=True)
    with pytest.raises(IdentityRefused):
        check_stored(found, PINNED, test=False)


@pytest.mark.parametrize(
    "asked",
    [
        replace(ASKED, wanted=Wanted(IdType.INTERN, "internal-7", "Skyddad")),
        replace(ASKED, wanted=Wanted(IdType.PERSONNUMMER, ASA[2:], "Åsa")),
        replace(ASKED, shown=""),
        replace(ASKED, shown="å" * 2049),
        replace(ASKED, bound={**BOUND, "more": "x" * 200_001}),
    ],
    ids=["a protected person", "ten digits", "no text", "a long text", "much unseen"],
)
def test_what_freja_cannot_be_asked_never_leaves_the_house(asked: Asked) -> None:
    with pytest.raises(IdentityRefused) as refused:
        freja("https://freja.invalid").start(asked, NOW)
    assert refused.value.code == "ofullstandigt_underlag"


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        ("CANCELED", "legitimering_avbruten", "freja_avbrot"),
        ("RP_CANCELED", "legitimering_avbruten", "freja_avbrutet"),
        ("REJECTED", "legitimering_avbruten", "freja_stoppat"),
        ("EXPIRED", "utgangen", "freja_utgangen"),
    ],
)
def test_an_order_that_ends_says_why_in_both_languages(status: str, code: str, hint: str) -> None:
    refused = refusal(ended(status))
    assert (refused.code, refused.facts) == (code, {"hint": hint})
    assert all(sentence("identity", hint))


def test_every_hint_has_words() -> None:
    for hint in ("vantar", "oppna", "skriv_under", "okand"):
        assert all(sentence("identity", f"freja_{hint}"))


def test_an_order_given_up_is_cancelled_and_once_more_is_no_error() -> None:
    with service(pending("DELIVERED_TO_MOBILE")) as (double, provider):
        order = provider.start(ASKED, NOW)
        assert provider.collect(order, NOW) == Waiting("freja_skriv_under")
        provider.cancel(order, NOW)
        assert not double.orders[order.reference].open
        provider.cancel(order, NOW)


def test_an_order_past_its_time_is_cancelled_and_comes_to_nothing() -> None:
    with service() as (double, provider):
        order = provider.start(ASKED, NOW)
        late = order.expires + timedelta(seconds=1)
        with pytest.raises(IdentityRefused) as refused:
            provider.collect(order, late)
        assert (refused.value.code, [path for path, _ in double.seen][1:]) == ("utgangen", ["/sign/1.0/cancel"])
        double.instead = lambda path: (503, b"")
        with pytest.raises(IdentityRefused):
            provider.collect(order, late)
        double.instead = None
        double.orders.clear()
        with pytest.raises(IdentityRefused) as refused:
            provider.collect(order, NOW)
        assert refused.value.code == "utgangen"


@pytest.mark.parametrize("code", [1005, 1012, 4001])
def test_somebody_whom_freja_does_not_know_is_told_so(code: int) -> None:
    with service(instead=lambda path: error(code)) as (_, provider), pytest.raises(IdentityRefused) as refused:
        provider.start(ASKED, NOW)
    assert (refused.value.code, refused.value.facts) == ("legitimering_avbruten", {"hint": "freja_okand"})


def telling(**told: object) -> Step:
    return approved(claims=lambda claims: claims | told)


def without(name: str) -> Step:
    return approved(claims=lambda claims: {each: value for each, value in claims.items() if each != name})


def signing(**told: object) -> Step:
    return approved(signs=lambda data: data | told)


def data(**told: object) -> Step:
    return approved(claims=lambda claims: claims | {"signatureData": claims["signatureData"] | told})


def flipped(claims: Json) -> str:
    first, _, third = by_freja(claims).split(".")
    other = claims | {"userInfo": json.dumps({"country": "SE", "ssn": LARS})}
    return f"{first}.{jwt.b64(json.dumps(other).encode())}.{third}"


def earlier(double: Double, reference: str, order: Placed) -> Json:
    """Somebody's answer to an earlier order, given out again under this one's name."""
    return approved()(double, "an earlier order", order)


def b64(told: bytes | str) -> str:
    return base64.b64encode(told if isinstance(told, bytes) else told.encode()).decode()


def ssn(number: str, country: str = "SE") -> str:
    return json.dumps({"country": country, "ssn": number})


THUMB = thumb(signer().certificate)
MISBEHAVIOUR: dict[str, tuple[Step, str]] = {
    "another person": (telling(userInfo=ssn(LARS)), "fel_person"),
    "a person abroad": (telling(userInfo=ssn(ASA, "NO")), "fel_bevis"),
    "ten digits": (telling(userInfo=ssn(ASA[2:])), "fel_bevis"),
    "nobody": (telling(userInfo="Åsa"), "fel_bevis"),
    "in another capacity": (telling(userInfoType="ORG_ID", userInfo=ASA), "fel_person"),
    "by e-mail": (telling(userInfoType="EMAIL", userInfo="a@b.se"), "fel_bevis"),
    "no name": (telling(requestedAttributes={}), "inget_namn"),
    "half a name": (telling(requestedAttributes={"basicUserInfo": {"name": "Åsa"}}), "inget_namn"),
    "a level too low": (telling(minRegistrationLevel="EXTENDED"), "for_lag_niva"),
    "an e-mail address only": (telling(minRegistrationLevel="BASIC"), "for_lag_niva"),
    "another order's answer": (earlier, "fel_bindning"),
    "another text": (signing(text=b64("Jag säger upp all omsorg.")), "fel_bindning"),
    "another act": (signing(binaryData=b64(ASKED.bound_json().replace(b"cd" * 16, b"ef" * 16))), "fel_bindning"),
    "no data signed": (approved(signs=lambda told: {"text": told["text"]}), "fel_bevis"),
    "data that is no base64": (signing(binaryData="{}"), "fel_bevis"),
    "a person's signature unsigned": (approved(user_header={"alg": "none", "kid": "1"}), "fel_bevis"),
    "a person's signature without a key": (approved(user_header={"alg": "RS256"}), "fel_bevis"),
    "no signature by the person": (data(userSignature=None), "fel_bevis"),
    "no status of the certificate": (data(certificateStatus=""), "fel_bevis"),
    "no signature data": (without("signatureData"), "fel_bevis"),
    "a simple signature": (telling(signatureType="SIMPLE"), "fel_bevis"),
    "not approved inside": (telling(status="REJECTED"), "fel_bevis"),
    "no time": (without("timestamp"), "fel_bevis"),
    "a time that is none": (telling(timestamp=10**30), "fel_bevis"),
    "an old time": (telling(timestamp=int((NOW - timedelta(minutes=6)).timestamp()) * 1000), "utgangen"),
    "a time to come": (telling(timestamp=int((NOW + timedelta(minutes=6)).timestamp()) * 1000), "utgangen"),
    "unsigned": (approved(token=lambda told: jwt.signed({"alg": "none"}, told, None)), "fel_bevis"),
    "the certificate as a secret": (
        approved(token=lambda told: jwt.signed({"alg": "HS256", "x5t": THUMB}, told, signer().pem)),
        "fel_bevis",
    ),
    "another's certificate": (approved(token=lambda told: by_freja(told, signer("Somebody"))), "fel_bevis"),
    "another's key under Freja's name": (
        approved(token=lambda told: by_freja(told, replace(signer(), key=key("BankID")))), "fel_bevis",
    ),
    "a certificate that has ended": (approved(token=lambda told: by_freja(told, OLD)), "fel_bevis"),
    "another algorithm": (approved(token=lambda told: by_freja(told, alg="PS256")), "fel_bevis"),
    "an unknown certificate named": (approved(token=lambda told: by_freja(told, x5t="x")), "fel_bevis"),
    "changed after it was signed": (approved(token=flipped), "fel_bevis"),
    "no token": (approved(token=lambda told: "APPROVED"), "fel_bevis"),
    "approved, and nothing with it": (pending("APPROVED"), "legitimering_felaktig"),
    "a status that is none": (pending("DONE"), "legitimering_felaktig"),
    "the answer of another order outside": (
        lambda double, reference, order: {"signRef": "x", "status": "STARTED"}, "legitimering_felaktig",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Double, Freja]]:
    with service() as made:
        yield made


@pytest.mark.parametrize("how", MISBEHAVIOUR)
def test_an_answer_that_is_not_right_is_no_evidence(how: str, running: tuple[Double, Freja]) -> None:
    step, code = MISBEHAVIOUR[how]
    double, provider = running
    double.steps, double.now = [step], NOW
    order = provider.start(ASKED, NOW)
    double.now = SOON
    with pytest.raises(SignatureError) as refused:
        provider.collect(order, SOON)
    assert refused.value.code == code
    assert ASA not in str(refused.value) and LARS not in str(refused.value)


def test_an_employee_cannot_answer_for_another_nor_as_a_private_person() -> None:
    assert refusal(telling(userInfo="SE0000000000-1043"), asked=EMMA).code == "fel_person"
    assert refusal(telling(userInfoType="SSN", userInfo=ssn(ASA)), asked=EMMA).code == "fel_person"
    anybody = replace(ASKED, wanted=None)
    assert refusal(telling(userInfoType="ORG_ID", userInfo=HSA), asked=anybody).code == "fel_person"


def test_the_text_may_be_signed_as_it_reads() -> None:
    assert isinstance(outcome(signing(text=SHOWN)), IdentityEvidence)


UNAVAILABLE = {
    "maintenance": (lambda path: (503, b""), "legitimering_onabar"),
    "wrong parameters": (lambda path: error(1001), "legitimering_felaktig"),
    "not allowed": (lambda path: (403, b"{}"), "legitimering_felaktig"),
    "no JSON": (lambda path: (200, b"<h1>Logga in</h1>"), "legitimering_felaktig"),
    "nothing": (lambda path: (204, b""), "legitimering_felaktig"),
    "no order": (lambda path: (200, b"{}"), "legitimering_felaktig"),
}


@pytest.mark.parametrize("how", UNAVAILABLE)
def test_a_service_out_of_order_is_tried_again_later(how: str) -> None:
    instead, code = UNAVAILABLE[how]
    with service(instead=instead) as (_, provider), pytest.raises(IdentityUnavailable) as refused:
        provider.start(ASKED, NOW)
    assert refused.value.code == code


def test_freja_answers_nobody_without_the_municipalitys_certificate_nor_is_another_asked() -> None:
    with service() as (double, provider):
        for other in ({"certificate": pem_of(transport("BankID"))}, {"roots_pem": root_of(transport("broker"))}):
            with pytest.raises(IdentityUnavailable):
                replace(provider, service=replace(provider.service, **other)).start(ASKED, NOW)
        assert double.seen == []


def test_stored_evidence_that_says_something_else_is_refused(good: IdentityEvidence) -> None:
    def code(changed: IdentityEvidence, pem: bytes = PINNED) -> str:
        with pytest.raises(IdentityRefused) as refused:
            check_stored(changed, pem, test=False)
        return refused.value.code

    assert code(replace(good, id_value=LARS)) == code(replace(good, name="Lars Ek")) == "fel_person"
    assert code(replace(good, id_type=IdType.HSA_ID)) == "fel_person"
    assert code(replace(good, at=good.at + timedelta(seconds=1))) == "fel_bevis"
    assert code(replace(good, level=TEST_LOA3)) == code(replace(good, transaction_id="x")) == "fel_bevis"
    assert code(replace(good, bound=dict(BOUND) | {"base_sha256": "cd" * 32})) == "fel_bindning"
    assert code(good, signer("Somebody").pem) == "fel_bevis"
    assert code(replace(good, raw=b"{}")) == code(replace(good, method="oidc")) == "ofullstandigt_underlag"


def test_every_changed_byte_of_the_stored_answer_is_noticed(good: IdentityEvidence) -> None:
    for place in range(0, len(good.raw), 17):
        changed = bytearray(good.raw)
        changed[place] ^= 1
        with pytest.raises(IdentityRefused):
            check_stored(replace(good, raw=bytes(changed)), PINNED, test=False)
