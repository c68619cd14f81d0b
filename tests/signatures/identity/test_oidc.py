"""Identification by an OpenID Connect broker, from the request to the evidence, against one that also misbehaves."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from signatures.errors import IdentityRefused, IdentityUnavailable, SignatureError
from signatures.identity import Asked, IdentityEvidence, IdentityProvider, IdType, Waiting, Wanted
from signatures.identity.http import Service
from signatures.identity.jose import OwnKey
from signatures.identity.oidc import Oidc
from signatures.identity.oidc_broker import Broker, Login
from signatures.identity.oidc_proof import Reading, check_stored
from signatures.identity.oidc_request import Ask, Request
from signatures.identity.order import order_json, order_of
from signatures.words import sentence

from . import jwt_double as jwt
from .bankid_double import pem_of, root_of, transport
from .bankid_pki import ASA, LARS, NOW
from .oidc_double import (
    BROKER_KEY,
    CLAIM,
    LOA3,
    OTHER_KEY,
    REDIRECT,
    RP,
    SCOPE,
    SECRET,
    SIGN_REQUEST,
    Double,
    Json,
    rp_key,
    serving,
)
from .test_bankid import ASKED, BOUND, SHOWN

SOON = NOW + timedelta(seconds=40)
KINDS = {
    IdType.PERSONNUMMER: f"{CLAIM}personalIdentityNumber",
    IdType.SAMORDNINGSNUMMER: f"{CLAIM}coordinationNumber",
    IdType.HSA_ID: "hsaid",
    IdType.ORG_ID: f"{CLAIM}orgAffiliation",
}
HSA = "SE0000000000-1042"
LOA2 = "http://id.elegnamnden.se/loa/1.0/loa2"
URN = "urn:broker:high"


def provider(url: str, login: Login = Login.KEY, ask: Ask = Ask.LOGIN, **changed: object) -> Oidc:
    own = pem_of(transport("Exempelby kommun")) if login is Login.CERTIFICATE else None
    service = Service(url, roots_pem=root_of(transport("broker")), certificate=own, timeout=5.0)
    key = OwnKey(jwt.pem_of(rp_key()), "k1") if login is Login.KEY else None
    broker = Broker(service, url, RP, login, key, SECRET if login is Login.SECRET else None)
    reading = Reading(url, RP, KINDS, levels={URN: LOA3}, signature=ask is Ask.SIGNATURE)
    scopes = (f"{SCOPE}naturalPersonInfo", f"{SCOPE}naturalPersonNumber")
    made = Oidc(broker, reading, Request(REDIRECT, scopes, ask, (LOA3,)), LOA3)
    return replace(made, **changed)  # type: ignore[arg-type]


@contextmanager
def running(login: Login = Login.KEY, ask: Ask = Ask.LOGIN, **told: object) -> Iterator[tuple[Double, Oidc]]:
    double = Double(**told)  # type: ignore[arg-type]
    with serving(double) as url:
        yield double, provider(url, login, ask)


def answered(double: Double, way: Oidc, asked: Asked = ASKED) -> Waiting | IdentityEvidence:
    order = order_of(order_json(way.start(asked, NOW)))
    waiting = way.collect(order, NOW)
    assert isinstance(waiting, Waiting)
    double.now = SOON
    return way.collect(order, SOON, answer_of(double.visit(str(waiting.url))))


def answer_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def outcome(asked: Asked = ASKED, ask: Ask = Ask.LOGIN, **told: object) -> IdentityEvidence:
    """What becomes of one order at the broker that all tests share."""
    double = _shared()
    for name, value in vars(Double(**told)).items():  # type: ignore[arg-type]
        if name != "url":
            setattr(double, name, value)
    found = answered(double, provider(double.url, ask=ask), asked)
    assert isinstance(found, IdentityEvidence)
    return found


@cache
def _shared() -> Double:
    """It runs until this module's tests have ended, and its discovery document is the plain one."""
    double = Double()
    STACK.enter_context(serving(double))
    return double


STACK = ExitStack()


@pytest.fixture(scope="module", autouse=True)
def _stopped() -> Iterator[None]:
    yield
    _shared.cache_clear()
    STACK.close()


def refusal(asked: Asked = ASKED, **told: object) -> SignatureError:
    with pytest.raises(SignatureError) as refused:
        outcome(asked, **told)
    assert ASA not in str(refused.value) and LARS not in str(refused.value)
    return refused.value


def reading(found: IdentityEvidence) -> Reading:
    claims = json.loads(jwt.unb64(json.loads(found.raw)["id_token"].split(".")[1]))
    return Reading(claims["iss"], RP, KINDS, levels={URN: LOA3})


def test_a_person_answers_and_the_evidence_says_who_what_and_when() -> None:
    found = outcome()
    assert (found.method, found.level, found.id_type, found.id_value, found.name) == (
        "oidc", LOA3, IdType.PERSONNUMMER, ASA, "Åsa Öberg Łukasiewicz",
    )  # fmt: skip
    assert (found.at, found.nonce, dict(found.bound)) == (SOON, BOUND["nonce"], BOUND)
    assert check_stored(found, reading(found)).identifiers == {IdType.PERSONNUMMER: ASA}


def test_it_is_a_provider_outside_the_house() -> None:
    like: IdentityProvider = provider("https://broker.example")
    assert (like.method, like.remote) == ("oidc", True)


def test_openssl_agrees_that_the_stored_token_is_signed_by_the_broker(tmp_path: Path) -> None:
    token = json.loads(outcome().raw)["id_token"]
    told, signature = token.rsplit(".", 1)
    for name, data in (("told", told.encode()), ("sig", jwt.unb64(signature)), ("key", jwt.public_pem(BROKER_KEY))):
        (tmp_path / name).write_bytes(data)
    words = ("openssl", "dgst", "-sha256", "-verify", "key", "-signature", "sig", "told")
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, check=True).stdout == b"Verified OK\n"


@pytest.mark.parametrize("ask", Ask)
@pytest.mark.parametrize("pushed", [False, True], ids=["in the address", "pushed"])
def test_what_is_asked_is_signed_and_shown_as_far_as_the_broker_can(ask: Ask, pushed: bool) -> None:
    with running(ask=ask) as (double, way):
        if pushed:
            double.offers = {"pushed_authorization_request_endpoint": f"{double.url}/par"}
        order = way.start(ASKED, NOW)
        assert order.expires == NOW + timedelta(minutes=6 if pushed else 10)
        url = order.private["url"]
        found = way.collect(order, NOW, answer_of(double.visit(url)))
    assert isinstance(found, IdentityEvidence)
    (request,) = double.requests
    assert double.headers == [{"alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": "k1"}]
    assert double.shown == ([SHOWN] if ask is not Ask.LOGIN else [])
    if ask is Ask.SIGNATURE:
        assert base64.b64decode(request[SIGN_REQUEST]["tbs_data"]) == ASKED.bound_json()
        assert check_stored(found, replace(reading(found), signature=True)).user_signature is not None
    wanted = request["claims"]["id_token"]
    assert wanted["acr"] == {"essential": True, "values": [LOA3]}
    assert wanted[KINDS[IdType.PERSONNUMMER]] == {"essential": True} | ({"value": ASA} if pushed else {})
    told = f"{url} {json.dumps([jwt.unb64(p).decode('latin-1') for p in answer_of(url).get('request', '').split('.')])}"
    assert ASA not in told, "an address never says whom we ask for"


@pytest.mark.parametrize("login", Login)
def test_the_broker_is_shown_who_we_are(login: Login) -> None:
    with running(login) as (double, way):
        assert isinstance(answered(double, way), IdentityEvidence)
        assert not (login is Login.SECRET and any(SECRET in str(form) for _, form, _ in double.seen))
        assert SECRET not in repr(way)


def test_a_broker_that_knows_another_key_of_ours_is_not_reached() -> None:
    with running() as (double, way):
        order = way.start(ASKED, NOW)
        answer = answer_of(double.visit(order.private["url"]))
        double.instead["/token"] = (401, {"error": "invalid_client", "error_description": ASA})
        with pytest.raises(IdentityUnavailable) as refused:
            way.collect(order, NOW, answer)
        assert (refused.value.code, refused.value.facts["kod"]) == ("legitimering_felaktig", "invalid_client")
        assert ASA not in str(refused.value)
        double.instead.clear()
        assert isinstance(way.collect(order, NOW, answer), IdentityEvidence)


def test_mutual_tls_goes_to_the_addresses_that_are_for_it() -> None:
    with running(Login.CERTIFICATE) as (double, way):
        double.offers = {
            "token_endpoint": f"{double.url}/none",
            "mtls_endpoint_aliases": {"token_endpoint": f"{double.url}/token"},
        }
        assert isinstance(answered(double, way), IdentityEvidence)


STAFF = {
    "by HSA-id": ("hsaid", HSA, Wanted(IdType.HSA_ID, HSA, "Emma Sjöö")),
    "by affiliation": (
        KINDS[IdType.ORG_ID], "emma.sjoo@2120000001", Wanted(IdType.ORG_ID, "Emma.Sjoo@2120000001", "Emma Sjöö"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", STAFF)
def test_staff_are_known_by_their_employers_identifier(how: str) -> None:
    claim, value, wanted = STAFF[how]
    found = outcome(replace(ASKED, wanted=wanted), person={claim: value, "name": "Emma Sjöö", "acr": URN})
    assert (found.id_type, found.id_value, found.level) == (wanted.id_type, value, LOA3)
    assert check_stored(found, reading(found)).name == "Emma Sjöö"


def test_an_affiliation_with_other_punctuation_is_another_person() -> None:
    claim, _, wanted = STAFF["by affiliation"]
    person = {claim: "emmasjoo@2120000001", "name": "Emma Sjöö", "acr": LOA3}
    assert refusal(replace(ASKED, wanted=wanted), person=person).code == "fel_person"


def test_anybody_may_answer_where_nobody_is_wanted() -> None:
    assert outcome(replace(ASKED, wanted=None)).id_value == ASA


@pytest.mark.parametrize("kind", [IdType.INTERN, IdType.HSA_ID])
def test_whom_the_broker_has_no_claim_for_is_never_asked(kind: IdType) -> None:
    with running() as (double, way):
        fewer = replace(way, reading=replace(way.reading, identifiers={IdType.PERSONNUMMER: "pnr"}))
        with pytest.raises(IdentityRefused) as refused:
            fewer.start(replace(ASKED, wanted=Wanted(kind, "x", "X")), NOW)
    assert (refused.value.code, double.seen) == ("ofullstandigt_underlag", [])


def test_an_order_says_where_to_go_and_keeps_its_secrets() -> None:
    with running() as (_, way):
        order = way.start(ASKED, NOW)
        waiting = way.collect(order, NOW)
        assert waiting == Waiting("oidc_oppna", url=order.private["url"], returns=REDIRECT)
        assert way.cancel(order, NOW) is None
    assert order.private["verifier"] not in f"{order!r} {waiting!r} {order.private['url']}"
    assert order.private["state"] not in repr(order) and ASA not in repr(order)


def test_an_answer_without_this_orders_state_ends_nothing() -> None:
    with running() as (double, way):
        order, other = way.start(ASKED, NOW), way.start(ASKED, NOW)
        theirs = answer_of(double.visit(other.private["url"]))
        for answer in (theirs, {"error": "access_denied"}, {"state": "å\udcff", "code": "x"}, {"code": "x"}):
            said = way.collect(order, NOW, answer)
            assert isinstance(said, Waiting) and said.hint == "oidc_annat_svar"
        assert not [path for path, _, _ in double.seen if path == "/token"]
        assert isinstance(way.collect(order, NOW, answer_of(double.visit(order.private["url"]))), IdentityEvidence)


def test_an_answer_counts_once_and_late_it_counts_for_nothing() -> None:
    with running() as (double, way):
        order = way.start(ASKED, NOW)
        answer = answer_of(double.visit(order.private["url"]))
        late = order.expires + timedelta(seconds=1)
        with pytest.raises(IdentityRefused) as refused:
            way.collect(order, late, answer)
        assert (refused.value.code, refused.value.facts) == ("utgangen", {"hint": "oidc_utgangen"})
        way.collect(order, NOW, answer)
        with pytest.raises(IdentityRefused) as refused:
            way.collect(order, NOW, answer)
        assert (refused.value.code, refused.value.facts) == ("legitimering_avbruten", {"hint": "oidc_misslyckades"})


def error(code: str) -> Callable[[Json], Json]:
    return lambda told: {"error": code, "error_description": ASA, "state": told["state"], "iss": told["iss"]}


@pytest.mark.parametrize(
    ("code", "ours", "hint"),
    [
        ("access_denied", "legitimering_avbruten", "oidc_nekad"),
        ("unmet_authentication_requirements", "for_lag_niva", "oidc_for_lag"),
        ("server_error", "legitimering_avbruten", "oidc_misslyckades"),
    ],
)
def test_a_broker_that_refuses_says_why_in_both_languages(code: str, ours: str, hint: str) -> None:
    refused = refusal(leads=error(code))
    assert (refused.code, refused.facts) == (ours, {"hint": hint})
    assert all(sentence("identity", hint))


def without(*names: str) -> Callable[[Json], Json]:
    return lambda told: {name: value for name, value in told.items() if name not in names}


def telling(**told: object) -> Callable[[Json], Json]:
    return lambda claims: claims | told


def by(key: object, **header: str) -> Callable[[Double, Json], str]:
    return lambda double, claims: jwt.signed({"alg": "RS256", "kid": "b1"} | header, claims, key)  # type: ignore[arg-type]


def flipped(double: Double, claims: Json) -> str:
    first, _, third = jwt.signed({"alg": "RS256", "kid": "b1"}, claims, BROKER_KEY).split(".")
    other = claims | {f"{CLAIM}personalIdentityNumber": LARS}
    return f"{first}.{jwt.b64(json.dumps(other).encode())}.{third}"


def twice(double: Double, claims: Json) -> str:
    content = json.dumps(claims)[:-1] + f', "{CLAIM}personalIdentityNumber": "{ASA}"}}'
    return jwt.signed({"alg": "RS256", "kid": "b1"}, content.encode(), BROKER_KEY)


def seconds(moment: object) -> int:
    return int(moment.timestamp())  # type: ignore[attr-defined]


PUBLIC = jwt.public_pem(BROKER_KEY)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (that it is weak is the point)
P256 = ec.generate_private_key(ec.SECP256R1())
MISBEHAVIOUR: dict[str, tuple[dict[str, object], str]] = {
    "another person": ({"claims": telling(**{f"{CLAIM}personalIdentityNumber": LARS})}, "fel_person"),
    "two persons": ({"claims": telling(**{f"{CLAIM}coordinationNumber": "194005802389"})}, "fel_bevis"),
    "nobody": ({"claims": without(f"{CLAIM}personalIdentityNumber")}, "fel_bevis"),
    "a number that is none": ({"claims": telling(**{f"{CLAIM}personalIdentityNumber": ASA[2:]})}, "fel_bevis"),
    "no name": ({"claims": without("name")}, "inget_namn"),
    "the token of another act": ({"claims": telling(nonce="x" * 43)}, "fel_bindning"),
    "no nonce": ({"claims": without("nonce")}, "fel_bindning"),
    "another issuer": ({"claims": telling(iss="https://other.example")}, "fel_bevis"),
    "another audience": ({"claims": telling(aud="https://other.example/rp")}, "fel_bevis"),
    "an audience beside us": ({"claims": telling(aud=[RP, "https://other.example/rp"])}, "fel_bevis"),
    "another party": ({"claims": telling(azp="https://other.example/rp")}, "fel_bevis"),
    "no time of identification": ({"claims": without("auth_time")}, "fel_bevis"),
    "a time that is none": ({"claims": telling(auth_time=True)}, "fel_bevis"),
    "an identification from before": ({"claims": telling(auth_time=seconds(NOW - timedelta(minutes=2)))}, "utgangen"),
    "a token that has ended": (
        {"claims": telling(iat=seconds(NOW) - 290, exp=seconds(NOW) - 280)}, "utgangen",
    ),
    "a token from the future": ({"claims": telling(iat=seconds(NOW) + 900, exp=seconds(NOW) + 1200)}, "utgangen"),
    "a token that ends before it begins": ({"claims": telling(exp=seconds(NOW) - 1)}, "fel_bevis"),
    "a level too low": ({"claims": telling(acr=LOA2)}, "for_lag_niva"),
    "a level of its own": ({"claims": telling(acr="urn:broker:other")}, "for_lag_niva"),
    "no level": ({"claims": without("acr")}, "for_lag_niva"),
    "no signature": ({"token": by(None, alg="none")}, "fel_bevis"),
    "the public key as a secret": ({"token": by(PUBLIC, alg="HS256")}, "fel_bevis"),
    "another's key": ({"token": by(OTHER_KEY)}, "fel_bevis"),
    "an unknown key": ({"token": by(BROKER_KEY, kid="b2")}, "fel_bevis"),
    "a token of another kind": ({"token": by(BROKER_KEY, typ="at+jwt")}, "fel_bevis"),
    "an extension": ({"token": by(BROKER_KEY, crit=["x"], x="y")}, "fel_bevis"),  # type: ignore[arg-type]
    "changed after it was signed": ({"token": flipped}, "fel_bevis"),
    "a claim twice": ({"token": twice}, "fel_bevis"),
    "half a character": ({"claims": telling(name="\ud800")}, "fel_bevis"),
    "no token": ({"token": lambda double, claims: "x.y"}, "fel_bevis"),
    "too large a token": ({"claims": telling(picture="x" * 130_000)}, "fel_bevis"),
    "a symmetric key published": (
        {"keys": [{"kty": "oct", "k": jwt.b64(PUBLIC), "kid": "b1"}], "token": by(PUBLIC, alg="HS256")}, "fel_bevis",
    ),
    "a key for encryption": ({"keys": [jwt.jwk_of(BROKER_KEY, kid="b1", use="enc")]}, "fel_bevis"),
    "a key for another algorithm": ({"keys": [jwt.jwk_of(BROKER_KEY, kid="b1", alg="PS256")]}, "fel_bevis"),
    "a weak key": ({"keys": [jwt.jwk_of(WEAK, kid="b1")], "token": by(WEAK)}, "fel_bevis"),
    "two keys of one name": ({"keys": [jwt.jwk_of(k, kid="b1") for k in (BROKER_KEY, OTHER_KEY)]}, "fel_bevis"),
    "the answer of another broker": ({"leads": telling(iss="https://other.example")}, "fel_bevis"),
    "an answer that does not say whose": ({"leads": without("iss")}, "fel_bevis"),
    "an answer without a code": ({"leads": without("code")}, "legitimering_avbruten"),
    "another code": ({"leads": telling(code="abc")}, "legitimering_avbruten"),
}  # fmt: skip


@pytest.mark.parametrize("how", MISBEHAVIOUR)
def test_an_answer_that_is_not_right_is_no_evidence(how: str) -> None:
    told, code = MISBEHAVIOUR[how]
    assert refusal(**told).code == code


@pytest.mark.parametrize("algorithm", ["PS256", "RS512", "ES256", "ES384"])
def test_asymmetric_algorithms_are_taken(algorithm: str) -> None:
    curves = {"ES256": P256, "ES384": ec.generate_private_key(ec.SECP384R1())}
    key = curves.get(algorithm, BROKER_KEY)
    published = [{"kty": "oct", "k": "AAAA"}, "nonsense", jwt.jwk_of(key, kid="b1"), jwt.jwk_of(OTHER_KEY, kid="b2")]
    found = outcome(keys=published, token=by(key, alg=algorithm))
    assert check_stored(found, reading(found)).at == SOON


def test_a_broker_may_send_its_certificates_with_the_token() -> None:
    assert outcome(token=by(BROKER_KEY, x5c=["A" * 3000, "A" * 3000]))  # type: ignore[arg-type]


def test_a_signature_that_was_asked_for_must_come() -> None:
    claim = f"{CLAIM}userSignature"
    assert refusal(ask=Ask.SIGNATURE, claims=without(claim)).code == "fel_bevis"
    assert refusal(ask=Ask.SIGNATURE, claims=telling(**{claim: "<xml>"})).code == "fel_bevis"


def test_a_broker_that_does_not_say_who_it_is_need_not_but_a_wrong_name_is_never_taken() -> None:
    with running(offers={"authorization_response_iss_parameter_supported": None}, leads=without("iss")) as (
        double,
        way,
    ):
        assert isinstance(answered(double, way), IdentityEvidence)
        double.leads = telling(iss="https://other.example")
        with pytest.raises(IdentityRefused, match="another issuer"):
            answered(double, way)


OFFERS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "another issuer": ({"issuer": "https://other.example"}, {}),
    "less than a discovery document": ({"subject_types_supported": None}, {}),
    "members of another kind": ({"scopes_supported": 7}, {}),
    "no token endpoint": ({"token_endpoint": None}, {}),
    "an endpoint without protection": ({"authorization_endpoint": "http://127.0.0.1/authorize"}, {}),
    "no code flow": ({"response_types_supported": ["id_token"]}, {}),
    "no PKCE of ours": ({"code_challenge_methods_supported": ["plain"]}, {}),
    "no signing": ({"scopes_supported": ["openid"]}, {"ask": Ask.SIGNATURE}),
    "no algorithm of our key's": ({"request_object_signing_alg_values_supported": ["RS256"]}, {}),
    "signed requests only": ({"require_signed_request_object": True}, {"login": Login.SECRET}),
}


@pytest.mark.parametrize("how", OFFERS)
def test_a_broker_that_does_not_offer_what_is_needed_is_not_used(how: str) -> None:
    offers, told = OFFERS[how]
    with running(offers=offers, **told) as (_, way), pytest.raises(IdentityUnavailable) as refused:  # type: ignore[arg-type]
        way.start(ASKED, NOW)
    assert refused.value.code == "legitimering_felaktig"


@pytest.mark.parametrize(
    ("path", "reply", "code"),
    [
        ("/.well-known/openid-configuration", (503, b""), "legitimering_onabar"),
        ("/.well-known/openid-configuration", (302, b""), "legitimering_felaktig"),
        ("/.well-known/openid-configuration", (200, b"{" + b" " * 1_000_001), "legitimering_felaktig"),
        ("/par", (200, {}), "legitimering_felaktig"),
        ("/par", (201, {"request_uri": "urn:x"}), "legitimering_felaktig"),
        ("/par", (429, {}), "legitimering_onabar"),
    ],
)
def test_a_broker_out_of_order_is_tried_again_later(path: str, reply: tuple[int, object], code: str) -> None:
    with running(instead={path: reply}) as (double, way), pytest.raises(IdentityUnavailable) as refused:
        double.offers = {"pushed_authorization_request_endpoint": f"{double.url}/par"}
        way.start(ASKED, NOW)
    assert refused.value.code == code


@pytest.mark.parametrize(("path", "reply"), [("/jwks", (503, b"")), ("/jwks", (200, {})), ("/token", (500, b""))])
def test_an_outage_when_the_person_answers_loses_nothing(path: str, reply: tuple[int, object]) -> None:
    with running(instead={path: reply}) as (double, way):
        order = way.start(ASKED, NOW)
        answer = answer_of(double.visit(order.private["url"]))
        with pytest.raises(IdentityUnavailable):
            way.collect(order, NOW, answer)
        double.instead.clear()
        assert isinstance(way.collect(order, NOW, answer), IdentityEvidence)


def test_the_discovery_document_is_asked_for_once_an_hour() -> None:
    with running() as (double, way):
        for _ in range(3):
            way.start(ASKED, NOW)
        assert len(double.seen) == 1
        way.start(ASKED, NOW + timedelta(hours=1))
        assert len(double.seen) == 2


def test_without_our_key_and_the_claims_parameter_it_is_asked_plainly() -> None:
    with running(Login.SECRET, offers={"claims_parameter_supported": None}) as (double, way):
        assert isinstance(answered(double, way), IdentityEvidence)
    (request,) = double.requests
    assert (request["acr_values"], request.get("claims"), double.headers) == (LOA3, None, [])


def test_a_request_too_long_for_an_address_is_pushed_or_not_made() -> None:
    asked = replace(ASKED, bound=dict(BOUND) | {"documents": "x" * 9000})
    with running(ask=Ask.SIGNATURE) as (double, way):
        with pytest.raises(IdentityRefused) as refused:
            way.start(asked, NOW)
        assert refused.value.code == "ofullstandigt_underlag"
    with running(ask=Ask.SIGNATURE) as (double, way):
        double.offers = {"pushed_authorization_request_endpoint": f"{double.url}/par"}
        assert isinstance(answered(double, way, asked), IdentityEvidence)


def test_stored_evidence_that_says_something_else_is_refused() -> None:
    found = outcome()
    by_us = reading(found)
    raw = json.loads(found.raw)

    def code(changed: IdentityEvidence, how: Reading = by_us) -> str:
        with pytest.raises(IdentityRefused) as refused:
            check_stored(changed, how)
        return refused.value.code

    def kept(**told: object) -> IdentityEvidence:
        text = json.dumps(raw | told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return replace(found, raw=text.encode())

    claims = json.loads(jwt.unb64(raw["id_token"].split(".")[1]))
    assert code(replace(found, id_value=LARS)) == "fel_person"
    assert code(replace(found, name="Lars Ek")) == "fel_person"
    assert code(replace(found, at=found.at + timedelta(seconds=1))) == "fel_bevis"
    assert code(replace(found, level=LOA2)) == "fel_bevis"
    assert code(replace(found, bound=dict(BOUND) | {"base_sha256": "cd" * 32})) == "fel_bindning"
    assert code(replace(found, nonce="ef" * 16, bound=dict(BOUND) | {"nonce": "ef" * 16})) == "fel_bindning"
    assert code(kept(shown="Jag säger upp all omsorg.")) == "fel_bindning"
    assert code(kept(jwk=jwt.jwk_of(OTHER_KEY))) == "fel_bevis"
    assert code(kept(jwk={"kty": "oct", "k": "AAAA"})) == "ofullstandigt_underlag"
    assert code(kept(id_token=flipped(Double(), claims))) == "fel_bevis"
    assert code(kept(id_token=jwt.signed({"alg": "none"}, claims, None))) == "fel_bevis"
    assert code(kept(more=1)) == code(replace(found, raw=b"{}")) == "ofullstandigt_underlag"
    assert code(replace(found, method="bankid")) == "ofullstandigt_underlag"
    assert code(found, replace(by_us, audience="https://other.example/rp")) == "fel_bevis"
    assert code(found, replace(by_us, issuer="https://other.example")) == "fel_bevis"
    named_by_broker = outcome(claims=telling(acr=URN))
    assert check_stored(named_by_broker, by_us).level == LOA3
    assert code(named_by_broker, replace(by_us, levels={})) == "for_lag_niva"


def test_every_changed_byte_of_the_stored_answer_is_noticed() -> None:
    found = outcome()
    by_us = reading(found)
    for place in range(0, len(found.raw), 7):
        changed = bytearray(found.raw)
        changed[place] ^= 1
        with pytest.raises(IdentityRefused):
            check_stored(replace(found, raw=bytes(changed)), by_us)


def test_the_broker_is_known_by_its_key_afterwards() -> None:
    found = outcome()
    canonical = json.dumps(jwt.jwk_of(BROKER_KEY), sort_keys=True, separators=(",", ":"))
    assert check_stored(found, reading(found)).thumbprint == jwt.b64(hashlib.sha256(canonical.encode()).digest())


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256K1()), WEAK])
def test_our_own_key_is_one_that_proves_something(key: object) -> None:
    with pytest.raises(ValueError, match="NIST"):
        OwnKey(jwt.pem_of(key)).loaded()  # type: ignore[arg-type]
    header = OwnKey(jwt.pem_of(BROKER_KEY)).sign({"a": 1}, advertised=["PS256"]).split(".")[0]
    assert jwt.unb64(header) == b'{"alg":"PS256"}'
