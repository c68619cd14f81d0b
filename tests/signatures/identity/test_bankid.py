"""Signing with BankID, from the order to the evidence, against a double that also misbehaves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from signatures.errors import IdentityRefused, IdentityUnavailable, SignatureError
from signatures.identity import Asked, IdentityEvidence, IdentityProvider, IdType, Waiting, Wanted
from signatures.identity.bankid import APP_LINK, BankId
from signatures.identity.bankid_chain import TEST_POLICIES
from signatures.identity.bankid_proof import TEST_LOA3, check_stored
from signatures.identity.http import Service
from signatures.identity.order import order_json, order_of
from signatures.words import sentence

from .bankid_double import Double, Placed, error, failed, pem_of, pending, root_of, serving, signed, transport
from .bankid_pki import ASA, LARS, NOW, Signing, Status, person, root

SHOWN = "Jag skriver under genomförandeplanen GP-2026-0042, version 1, som **brukare**."
BOUND = {
    "plan_ref": "a3f1", "version": 1, "edition": 1, "role": "brukare", "base_sha256": "ab" * 32, "nonce": "cd" * 16,
}  # fmt: skip
WANTED = Wanted(IdType.PERSONNUMMER, ASA, "Åsa Öberg Łukasiewicz")
ASKED = Asked("brukare", SHOWN, BOUND, WANTED)
SOON = NOW + timedelta(seconds=7)


def client(url: str, **other: object) -> Service:
    own = {
        "roots_pem": root_of(transport("BankID")),
        "certificate": pem_of(transport("Exempelby kommun")),
        "timeout": 5.0,
    }
    return Service(url, **own | other)  # type: ignore[arg-type]


def bankid(url: str, **other: object) -> BankId:
    made = BankId(client(url), root().pem, policies=tuple(TEST_POLICIES), end_user_ip="192.0.2.7")
    return replace(made, **other)


@contextmanager
def service(*steps: Callable[[Double, Placed], dict[str, object]], **other: object) -> Iterator[tuple[Double, BankId]]:
    double = Double(list(steps) or [signed()], **other)  # type: ignore[arg-type]
    with serving(double) as url:
        yield double, bankid(url)


def outcome(*steps: Callable[[Double, Placed], dict[str, object]], asked: Asked = ASKED) -> object:
    """What becomes of one order that goes as `steps` say."""
    with service(*steps, now=SOON) as (_, provider):
        return provider.collect(provider.start(asked, NOW), SOON)


def refusal(*steps: Callable[[Double, Placed], dict[str, object]], asked: Asked = ASKED) -> SignatureError:
    with pytest.raises(SignatureError) as refused:
        outcome(*steps, asked=asked)
    assert ASA not in str(refused.value)
    assert LARS not in str(refused.value)
    return refused.value


def test_a_person_signs_and_the_evidence_says_who_what_and_when():
    found = outcome()
    assert isinstance(found, IdentityEvidence)
    assert (found.method, found.level, found.id_type, found.id_value, found.name) == (
        "bankid", TEST_LOA3, IdType.PERSONNUMMER, ASA, "Åsa Öberg Łukasiewicz",
    )  # fmt: skip
    assert (found.at, found.nonce, dict(found.bound)) == (SOON, BOUND["nonce"], BOUND)
    assert check_stored(found, root().pem, TEST_POLICIES).visible == SHOWN


def test_what_is_kept_has_no_address_of_the_device():
    found = outcome()
    assert isinstance(found, IdentityEvidence)
    assert json.loads(found.raw).keys() == {"order_ref", "signature", "ocsp_response"}
    assert b"192.0.2.7" not in found.raw


def test_it_is_a_provider_outside_the_house():
    with service() as (_, provider):
        like: IdentityProvider = provider
        assert (like.method, like.remote) == ("bankid", True)


def test_the_service_is_asked_for_a_signature_by_the_wanted_person_over_the_act():
    with service() as (double, provider):
        provider.start(ASKED, NOW)
    ((path, request),) = double.seen
    assert path == "/rp/v6.0/sign"
    assert base64.b64decode(str(request["userVisibleData"])).decode() == SHOWN
    assert base64.b64decode(str(request["userNonVisibleData"])) == ASKED.bound_json()
    assert {key: value for key, value in request.items() if not key.startswith("user")} == {
        "endUserIp": "192.0.2.7",
        "requirement": {"pinCode": True, "certificatePolicies": list(TEST_POLICIES), "personalNumber": ASA},
    }
    assert request["userVisibleDataFormat"] == "simpleMarkdownV1"


def test_the_address_is_the_persons_own_and_must_be_known():
    with service() as (double, provider):
        provider.start(ASKED, NOW, end_user_ip="2001:db8::7")
        with pytest.raises(IdentityRefused, match="address"):
            replace(provider, end_user_ip=None).start(ASKED, NOW)
    assert [request["endUserIp"] for _, request in double.seen] == ["2001:db8::7"]


def test_anybody_may_answer_where_nobody_is_wanted():
    with service() as (double, provider):
        order = provider.start(replace(ASKED, wanted=None), NOW)
        assert isinstance(provider.collect(order, NOW), IdentityEvidence)
    assert "personalNumber" not in str(double.seen[0])


def test_by_telephone_there_is_no_address_and_no_code():
    with service(pending("userCallConfirm"), signed()) as (double, provider):
        order = provider.start(ASKED, NOW, caller="RP")
        assert provider.collect(order, NOW) == Waiting("bankid_samtal")
        assert isinstance(provider.collect(order, NOW), IdentityEvidence)
    path, request = double.seen[0]
    assert (path, request["personalNumber"], request["callInitiator"]) == ("/rp/v6.0/phone/sign", ASA, "RP")
    assert not {"endUserIp", "private"} & request.keys()
    assert order.private == {}


@pytest.mark.parametrize(("wanted", "caller"), [(None, "RP"), (WANTED, "somebody")])
def test_by_telephone_both_must_be_known(wanted: Wanted | None, caller: str):
    with service() as (double, provider), pytest.raises(IdentityRefused, match="telephone"):
        provider.start(replace(ASKED, wanted=wanted), NOW, caller=caller)
    assert double.seen == []


@pytest.mark.parametrize(
    "asked",
    [
        replace(ASKED, wanted=Wanted(IdType.INTERN, "internal-7", "Skyddad")),
        replace(ASKED, wanted=Wanted(IdType.HSA_ID, "SE2321000016-1A2B", "Kim Ek")),
        replace(ASKED, wanted=Wanted(IdType.PERSONNUMMER, ASA[2:], "Åsa")),
        replace(ASKED, shown=""),
        replace(ASKED, shown="å" * 15_001),
        replace(ASKED, bound={**BOUND, "more": "x" * 150_001}),
    ],
    ids=["a protected person", "an employee's number", "ten digits", "no text", "a long text", "much unseen"],
)
def test_what_bankid_cannot_be_asked_never_leaves_the_house(asked: Asked):
    with service() as (double, provider), pytest.raises(IdentityRefused) as refused:
        provider.start(asked, NOW)
    assert refused.value.code == "ofullstandigt_underlag"
    assert double.seen == []


def test_the_longest_text_is_taken():
    assert isinstance(outcome(asked=replace(ASKED, shown="å" * 15_000)), IdentityEvidence)


def test_a_person_who_takes_their_time_is_waited_for():
    hints = ["outstandingTransaction"] * 5 + ["noClient", "started", "userMrtd", "userSign", "processing", "new hint"]
    with service(*map(pending, hints), signed()) as (_, provider):
        order = provider.start(ASKED, NOW)
        found = [provider.collect(order, NOW + timedelta(seconds=2 * number)) for number in range(len(hints))]
        assert isinstance(provider.collect(order, NOW), IdentityEvidence)
    waiting = [each for each in found if isinstance(each, Waiting)]
    assert [each.hint for each in waiting] == [
        *["bankid_vantar"] * 6, "bankid_soker", "bankid_id_handling", "bankid_skriv_under", "bankid_behandlar",
        "bankid_vantar",
    ]  # fmt: skip
    assert [bool(each.qr) for each in waiting] == [True] * 6 + [False] * 4 + [True]
    assert len({each.qr for each in waiting[:6]}) == 6


def test_the_code_moves_with_the_second_and_is_keyed():
    with service(pending("outstandingTransaction")) as (_, provider):
        order = provider.start(ASKED, NOW)
        found = provider.collect(order, NOW + timedelta(seconds=7, milliseconds=900))
        early = provider.collect(order, NOW - timedelta(seconds=1))
    assert isinstance(found, Waiting)
    assert isinstance(early, Waiting)
    assert found.qr == f"bankid.67df3917.7.{hmac.new(b'd28db9a7', b'7', hashlib.sha256).hexdigest()}"
    assert str(early.qr).startswith("bankid.67df3917.0.")


def test_bankid_opens_on_the_same_device_by_a_link():
    with service(pending("outstandingTransaction")) as (_, provider):
        order = provider.start(ASKED, NOW)
        telephone, computer = (each.collect(order, NOW) for each in (provider, replace(provider, start_link=APP_LINK)))
    assert isinstance(telephone, Waiting)
    assert isinstance(computer, Waiting)
    assert telephone.url == "https://app.bankid.com/?autostarttoken=7c40b5c9&redirect=null"
    assert computer.url == "bankid:///?autostarttoken=7c40b5c9&redirect=null"


def test_an_order_survives_between_two_processes_and_shows_no_secret():
    with service() as (_, provider):
        order = provider.start(ASKED, NOW)
        assert "d28db9a7" not in repr(order)
        assert ASA not in repr(provider) + repr(order)
        assert isinstance(provider.collect(order_of(order_json(order)), NOW), IdentityEvidence)


@pytest.mark.parametrize(
    ("hint", "code", "text"),
    [
        ("userCancel", "legitimering_avbruten", "bankid_avbrot"),
        ("cancelled", "legitimering_avbruten", "bankid_avbrutet"),
        ("startFailed", "legitimering_avbruten", "bankid_startade_inte"),
        ("certificateErr", "legitimering_avbruten", "bankid_sparrat"),
        ("userDeclinedCall", "legitimering_avbruten", "bankid_inget_samtal"),
        ("notSupportedByUserApp", "legitimering_avbruten", "bankid_gammal_app"),
        ("transactionRiskBlocked", "legitimering_avbruten", "bankid_stoppat"),
        ("expiredTransaction", "utgangen", "bankid_utgangen"),
        ("a new one", "legitimering_avbruten", "bankid_misslyckades"),
    ],
)
def test_an_order_that_fails_says_why_in_both_languages(hint: str, code: str, text: str):
    error = refusal(failed(hint))
    assert (error.code, error.facts) == (code, {"hint": text})
    assert all(sentence("identity", text))


def test_every_hint_has_words():
    hints = {"vantar", "soker", "id_handling", "samtal", "skriv_under", "behandlar", "pagar_redan"}
    for hint in hints:
        assert all(sentence("identity", f"bankid_{hint}"))


def test_a_second_order_for_the_same_person_ends_both_and_says_so():
    with service(pending("userSign")) as (_, provider):
        provider.start(ASKED, NOW)
        with pytest.raises(IdentityRefused) as refused:
            provider.start(ASKED, NOW)
        assert (refused.value.code, refused.value.facts) == ("legitimering_avbruten", {"hint": "bankid_pagar_redan"})
        provider.start(ASKED, NOW)


def test_an_order_given_up_is_cancelled_and_once_more_is_no_error():
    with service(pending("userSign")) as (double, provider):
        order = provider.start(ASKED, NOW)
        provider.cancel(order, NOW)
        assert not double.orders[order.reference].open
        provider.cancel(order, NOW)


def test_an_order_past_its_time_is_cancelled_and_comes_to_nothing():
    with service() as (double, provider):
        order = provider.start(ASKED, NOW)
        with pytest.raises(IdentityRefused) as refused:
            provider.collect(order, order.expires + timedelta(seconds=1))
        assert refused.value.code == "utgangen"
        assert [path for path, _ in double.seen] == ["/rp/v6.0/sign", "/rp/v6.0/cancel"]
        double.instead = lambda path: (503, b"")
        with pytest.raises(IdentityRefused):
            provider.collect(order, order.expires + timedelta(seconds=1))


def test_an_order_that_bankid_has_forgotten_has_ended():
    with service() as (double, provider):
        order = provider.start(ASKED, NOW)
        double.orders.clear()
        with pytest.raises(IdentityRefused) as refused:
            provider.collect(order, NOW)
    assert refused.value.code == "utgangen"


def earlier(double: Double, order: Placed) -> dict[str, object]:
    """Somebody's evidence of an earlier act, given out again."""
    before = Signing(order.shown(), order.unseen().replace(b"cd" * 16, b"ef" * 16))
    signature = before.base64()
    told = signed()(double, order)
    given = told["completionData"]
    assert isinstance(given, dict)
    given |= {"signature": signature, "ocspResponse": Status(signature, at=double.now).base64()}
    return told


def mixed(double: Double, order: Placed) -> dict[str, object]:
    """The right signature with the status of another."""
    told = signed()(double, order)
    given = told["completionData"]
    assert isinstance(given, dict)
    given["ocspResponse"] = Status(Signing("x", b"y").base64(), at=double.now).base64()
    return told


MISBEHAVIOUR = {
    "another person signed": (signed(signer=lambda: person(LARS)), "fel_person"),
    "evidence of an earlier order": (earlier, "fel_bindning"),
    "another unseen part": (signed(lambda s: replace(s, non_visible=b"{}")), "fel_bindning"),
    "another text was shown": (signed(lambda s: replace(s, visible="Jag säger upp all omsorg.")), "fel_bindning"),
    "the status of another signature": (mixed, "fel_bevis"),
    "a revoked certificate": (signed(status="revoked"), "fel_bevis"),
    "a status from before the order": (signed(at=NOW - timedelta(minutes=6)), "utgangen"),
    "a status from the future": (signed(at=SOON + timedelta(minutes=6)), "utgangen"),
    "the user named otherwise": (
        signed(after=lambda told: told | {"user": {"personalNumber": ASA, "name": "Lars Ek"}}), "fel_bevis",
    ),
    "the user numbered otherwise": (
        signed(after=lambda told: told | {"user": {"personalNumber": LARS, "name": WANTED.name}}), "fel_bevis",
    ),
    "no user": (signed(after=lambda told: told | {"user": None}), "fel_bevis"),
    "no signature": (signed(after=lambda told: told | {"signature": None}), "legitimering_felaktig"),
    "no status": (signed(after=lambda told: told | {"ocspResponse": ""}), "legitimering_felaktig"),
    "no answer in it": (lambda double, order: {"status": "complete"}, "legitimering_felaktig"),
    "a status of the order that is none": (lambda double, order: {"status": "done"}, "legitimering_felaktig"),
    "the answer of another order": (
        lambda double, order: {"status": "pending", "hintCode": "userSign", "orderRef": "x"}, "legitimering_felaktig",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", MISBEHAVIOUR)
def test_an_answer_that_is_not_right_is_no_evidence(how: str):
    step, code = MISBEHAVIOUR[how]
    assert refusal(step).code == code


def test_a_name_in_other_letters_is_the_same_name():
    shouted = signed(after=lambda told: told | {"user": {"personalNumber": ASA, "name": "ÅSA  ÖBERG ŁUKASIEWICZ"}})
    assert isinstance(outcome(shouted), IdentityEvidence)


STARTED = '{"orderRef":"x","autoStartToken":"y","qrStartToken":"z","qrStartSecret":"s"}'
UNAVAILABLE = {
    "maintenance": (lambda path: error(503, "Maintenance"), "legitimering_onabar"),
    "an internal error": (lambda path: error(500, "internalError"), "legitimering_onabar"),
    "too slow": (lambda path: error(408, "requestTimeout"), "legitimering_onabar"),
    "wrong parameters": (lambda path: error(400, "invalidParameters", ASA), "legitimering_felaktig"),
    "not authorised": (lambda path: error(401, "unauthorized"), "legitimering_felaktig"),
    "not found": (lambda path: error(404, "notFound"), "legitimering_felaktig"),
    "no JSON": (lambda path: (200, b"<h1>Logga in</h1>"), "legitimering_felaktig"),
    "a list": (lambda path: (200, b"[]"), "legitimering_felaktig"),
    "nothing": (lambda path: (200, b""), "legitimering_felaktig"),
    "too deep": (lambda path: (200, b"[" * 100_000), "legitimering_felaktig"),
    "too large": (lambda path: (200, STARTED.encode() + b" " * 1_000_001), "legitimering_felaktig"),
    "no order": (lambda path: (200, b"{}"), "legitimering_felaktig"),
    "no code to scan": (lambda path: (200, b'{"orderRef":"x","autoStartToken":"y"}'), "legitimering_felaktig"),
    "a redirect": (lambda path: (307, b""), "legitimering_felaktig"),
}  # fmt: skip


@pytest.mark.parametrize("how", UNAVAILABLE)
def test_a_service_out_of_order_is_tried_again_later(how: str):
    instead, code = UNAVAILABLE[how]
    with service(instead=instead) as (_, provider), pytest.raises(IdentityUnavailable) as refused:
        provider.start(ASKED, NOW)
    assert refused.value.code == code
    assert ASA not in str(refused.value)


def test_a_service_that_never_answers_is_not_waited_for():
    double = Double()
    double.instead = double.hang
    with serving(double) as url, pytest.raises(IdentityUnavailable) as refused:
        bankid(url, service=client(url, timeout=0.2)).start(ASKED, NOW)
    assert refused.value.code == "legitimering_onabar"


def test_an_outage_while_collecting_or_cancelling_loses_nothing():
    with service() as (double, provider):
        order = provider.start(ASKED, NOW)
        double.instead = lambda path: error(503, "Maintenance")
        for act in (provider.collect, provider.cancel):
            with pytest.raises(IdentityUnavailable):
                act(order, NOW)
        double.instead = None
        assert isinstance(provider.collect(order, NOW), IdentityEvidence)


def test_nobody_is_asked_who_is_not_bankid():
    double = Double()
    with serving(double) as url, pytest.raises(IdentityUnavailable) as refused:
        bankid(url, service=client(url, roots_pem=root_of(transport("Exempelby kommun")))).start(ASKED, NOW)
    assert refused.value.code == "legitimering_felaktig"
    assert double.seen == []


@pytest.mark.parametrize("certificate", [None, pem_of(transport("BankID"))], ids=["none", "another's"])
def test_bankid_answers_nobody_without_the_municipalitys_certificate(certificate: tuple[bytes, bytes] | None):
    double = Double()
    with serving(double) as url, pytest.raises(IdentityUnavailable):
        bankid(url, service=client(url, certificate=certificate)).start(ASKED, NOW)
    assert double.seen == []
