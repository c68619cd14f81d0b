"""Attacks by signing and stamping as one should not: wrong person, wrong time, wrong key, wrong place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields

from signatures.verify import Expected, RuleId

from .listener import listener
from .model import Attack, Plan, hole_of
from .pki import NOW, Kind, certify, ec_key, name, rsa_key
from .plans import PEOPLE, Signing, base, sign, stages, stamp
from .updates import before_seal


def late_fill(plan: Plan) -> bytes:
    done = stages(Signing(plan.world, people=PEOPLE[1:]), seal=False)[-1].pdf
    moment = NOW + timedelta(minutes=30)
    late = sign(done, Signing(plan.world), "brukare", plan.world.signer(PEOPLE[0][1], moment), moment)
    return stamp(late, plan.world, moment + timedelta(minutes=1))


def fill_after_seal(plan: Plan) -> bytes:
    done = stages(Signing(plan.world, people=PEOPLE[:2]))[-1].pdf
    moment = NOW + timedelta(minutes=30)
    late = sign(done, Signing(plan.world), "enhetschef", plan.world.signer(PEOPLE[2][1], moment), moment)
    return stamp(late, plan.world, moment + timedelta(minutes=1), "Arkivstampel2")


def empty_field_added(plan: Plan) -> bytes:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        fields.append_signature_field(writer, fields.SigFieldSpec("extra", box=(50, 700, 500, 800), on_page=0))

    return before_seal(edit)(plan)


def visible_signature_added(plan: Plan) -> bytes:
    """A fourth person, with a certificate of the right issuer, signs over the text of page one."""
    moment = NOW + timedelta(minutes=12)
    holder = plan.world.signer("Fjärde Person", moment)
    over = fields.SigFieldSpec("extra", box=(50, 700, 500, 800), on_page=0)
    signed = sign(plan.at["kontaktman"], Signing(plan.world, new_field=over), "extra", holder, moment)
    closed = sign(signed, Signing(plan.world), *PEOPLE[2][:1], plan.world.signer(PEOPLE[2][1], moment), moment)
    return stamp(closed, plan.world, NOW + timedelta(minutes=15))


def wrong_person(plan: Plan) -> bytes:
    people = ((PEOPLE[0][0], "Annan Person"), *PEOPLE[1:])
    return stages(Signing(plan.world, people=people), plan.at["base"])[-1].pdf


def swapped_roles(plan: Plan) -> bytes:
    (a, astrid), (b, bo), (c, asa) = PEOPLE
    return stages(Signing(plan.world, people=((a, bo), (b, astrid), (c, asa))), plan.at["base"])[-1].pdf


def other_name_in_stamp(plan: Plan) -> bytes:
    return stages(Signing(plan.world, stamp={"brukare": "Undertecknad av Annan Person"}), plan.at["base"])[-1].pdf


def other_base(plan: Plan) -> bytes:
    return stages(Signing(plan.world), base("Ingen dusch alls"))[-1].pdf


def untrusted_issuer(plan: Plan) -> bytes:
    return stages(Signing(plan.other), plan.at["base"])[-1].pdf


def untrusted_time(plan: Plan) -> bytes:
    return stages(Signing(replace(plan.world, tsa=plan.other.tsa)), plan.at["base"])[-1].pdf


def revoked_signer(plan: Plan) -> bytes:
    signing = Signing(plan.world, revoked={"kontaktman": NOW - timedelta(minutes=2)})
    return stages(signing, plan.at["base"])[-1].pdf


def clock_set_back(plan: Plan) -> bytes:
    return stamp(plan.at["enhetschef"], plan.world, NOW - timedelta(hours=2))


def time_stamp_used_for_signing(plan: Plan) -> bytes:
    return stages(Signing(plan.world, holders={"brukare": plan.world.tsa}, careless=True), plan.at["base"])[-1].pdf


def small_key(bits: int) -> Callable[[Plan], bytes]:
    def make(plan: Plan) -> bytes:
        kind = Kind(signer=True, starts=NOW - timedelta(minutes=1), ends=NOW + timedelta(days=1))
        holder = certify(name(PEOPLE[0][1]), rsa_key(bits, "small"), plan.world.issuing, kind)
        return stages(Signing(plan.world, holders={"brukare": holder}, careless=True), plan.at["base"])[-1].pdf

    return make


def sha1(plan: Plan) -> bytes:
    return stages(Signing(plan.world, digest="sha1", careless=True), plan.at["base"])[-1].pdf


def expired_signer(plan: Plan) -> bytes:
    kind = Kind(signer=True, starts=NOW - timedelta(days=9), ends=NOW - timedelta(days=8))
    holder = certify(name(PEOPLE[0][1]), ec_key(), plan.world.issuing, kind)
    return stages(Signing(plan.world, holders={"brukare": holder}, careless=True), plan.at["base"])[-1].pdf


def replayed_evidence(plan: Plan) -> bytes:
    """The certificate made from another day's identification; the record refers to this day's."""
    holder = plan.world.signer(PEOPLE[0][1], NOW, serial="REF-OLD")
    return stages(Signing(plan.world, holders={"brukare": holder}), plan.at["base"])[-1].pdf


def todays_evidence(record: Expected) -> Expected:
    first, *others = record.signatures or ()
    return replace(record, signatures=(replace(first, id_value="REF-NEW"), *others))


def replayed_status(plan: Plan) -> bytes:
    """Only an OCSP answer and a CRL from long before the signing vouch for the certificate."""
    world, old = plan.world, NOW - timedelta(days=20)
    lasting = certify(name("Norrbro Issuing CA II"), ec_key(), world.root, Kind(ca=True))
    holder = certify(name(PEOPLE[0][1]), ec_key(), lasting, Kind(signer=True, starts=old, ends=NOW + timedelta(days=1)))
    signing = Signing(replace(world, issuing=lasting), careless=True, evidence_age=timedelta(days=15))
    first = sign(plan.at["base"], signing, "brukare", holder, NOW)
    return stages(Signing(world, people=PEOPLE[1:], at=NOW + timedelta(minutes=5)), first)[-1].pdf


def replayed_time_stamp(plan: Plan) -> bytes:
    """The first person's signature carries a genuine time stamp made for another signature."""
    world = plan.world
    other = sign(base("Annan plan"), Signing(world), "brukare", world.signer(PEOPLE[0][1], NOW), NOW)
    start, end = hole_of(other, 0)
    raw = bytes.fromhex(other[start:end].decode())
    stolen = cms.ContentInfo.load(raw)["content"]["signer_infos"][0]["unsigned_attrs"].dump()
    start, end = hole_of(plan.sealed, 0)
    content = cms.ContentInfo.load(bytes.fromhex(plan.sealed[start:end].decode()))
    content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes.load(stolen, tag_type="implicit", tag=1)
    digits = content.dump(force=True).hex().upper().encode()
    return plan.sealed[:start] + digits.ljust(end - start, b"0") + plan.sealed[end:]


def addresses_inside_the_network(plan: Plan) -> bytes:
    """The issuer is missing, and the certificate says that it can be had from an address inside the network."""
    address = f"http://127.0.0.1:{listener().port}/issuer"
    kind = Kind(signer=True, ends=NOW + timedelta(days=1), fetch_from=address)
    holder = certify(name(PEOPLE[0][1]), ec_key(), plan.other.issuing, kind)
    return stages(Signing(plan.world, holders={"brukare": holder}, careless=True), plan.at["base"])[-1].pdf


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "replayed_evidence",
        replayed_evidence,
        RuleId.IDENTITY,
        "other_identifier",
        alone="valid",
        recorded=todays_evidence,
    ),
    Attack(
        "replayed_status", replayed_status, RuleId.TRUST, "no_revocation_evidence", "indeterminate", "indeterminate"
    ),
    Attack("replayed_time_stamp", replayed_time_stamp, RuleId.SIGNATURES, "stamp_of_other"),
    Attack(
        "addresses_inside_the_network",
        addresses_inside_the_network,
        RuleId.TRUST,
        "unknown_issuer",
        "indeterminate",
        "indeterminate",
    ),
    Attack("late_fill", late_fill, RuleId.FIELDS, "filled_late"),
    Attack("fill_after_seal", fill_after_seal, RuleId.FIELDS, "filled_late"),
    Attack("empty_field_added", empty_field_added, RuleId.CHANGES, "changed"),
    Attack("visible_signature_added", visible_signature_added, RuleId.FIELDS, "surplus", alone="indeterminate"),
    Attack("wrong_person", wrong_person, RuleId.IDENTITY, "other_person", alone="valid"),
    Attack("swapped_roles", swapped_roles, RuleId.IDENTITY, "other_person", alone="valid"),
    Attack("other_name_in_stamp", other_name_in_stamp, RuleId.IDENTITY, "stamp_other_name", alone="indeterminate"),
    Attack("other_base", other_base, RuleId.BASE, "other_base", alone="valid"),
    Attack("untrusted_issuer", untrusted_issuer, RuleId.TRUST, "unknown_issuer", "indeterminate", "indeterminate"),
    Attack("untrusted_time", untrusted_time, RuleId.TIMES, "unknown_issuer", "indeterminate", "indeterminate"),
    Attack("revoked_signer", revoked_signer, RuleId.TRUST, "revoked"),
    Attack("clock_set_back", clock_set_back, RuleId.TIMES, "out_of_order"),
    Attack("time_stamp_used_for_signing", time_stamp_used_for_signing, RuleId.TRUST, "wrong_use"),
    Attack("expired_signer", expired_signer, RuleId.TRUST, "out_of_period", "indeterminate", "indeterminate"),
    Attack("rsa_1024", small_key(1024), RuleId.ALGORITHMS, "broken"),
    Attack("rsa_1536", small_key(1536), RuleId.ALGORITHMS, "broken"),
    Attack("sha1", sha1, RuleId.ALGORITHMS, "broken"),
)
