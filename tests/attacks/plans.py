"""Sealed test plans made directly with pyHanko: a tagged base with three fields, three signatures, one seal."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import pikepdf
from cryptography.hazmat.primitives import serialization
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import SignedAttributeProviderSpec
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, TimestampDSSContentSettings
from pyhanko.sign.timestamps import dummy_client
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import BaseStampStyle, TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .pki import NOW, Holder, World, revocation_list, status_response

# Reading an RSA key from its bytes proves each time that its primes are prime; the authority signs some thousand times.
dummy_client.serialization = SimpleNamespace(  # type: ignore[attr-defined]
    load_der_private_key=cache(serialization.load_der_private_key)
)

PEOPLE = (("brukare", "Astrid Nyström"), ("kontaktman", "Bo Ek"), ("enhetschef", "Åsa Öhman"))
TITLE = "Genomförandeplan"

Edit = Callable[[IncrementalPdfFileWriter], None]

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 pdfaid:part="3" pdfaid:conformance="A"/>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmp:CreateDate="2026-11-20T09:00:00Z" xmp:ModifyDate="2026-11-20T09:00:00Z" pdf:Producer="plan"/>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def base(text: str = "Dusch varje tisdag", pages: int = 1) -> bytes:
    """A small tagged plan with XMP, DocInfo, an attachment and three empty, tagged, lockable fields."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    root, tree = pdf.Root, pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=tree, K=Array([])))
    for number in range(pages):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        content = f"/P <</MCID 0>> BDC BT /F1 14 Tf 60 {760 - number} Td ({text}, sida {number + 1}) Tj ET EMC"
        page.Contents = pdf.make_stream(content.encode("latin-1"))
        element = Dictionary(Type=Name.StructElem, S=Name.P, P=document, Pg=page.obj, K=0)
        document.K.append(pdf.make_indirect(element))
    tree.K, tree.ParentTree = document, pdf.make_indirect(Dictionary(Nums=Array([])))
    root.StructTreeRoot, root.MarkInfo, root.Lang = tree, Dictionary(Marked=True), String("sv-SE")
    metadata = pdf.make_stream(XMP.format(title=TITLE).encode())
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    root.Metadata = metadata
    pdf.docinfo = pdf.make_indirect(Dictionary(Title=String(TITLE), Producer=String("plan"), Creator=String("plan")))
    pdf.attachments["plan.json"] = pikepdf.AttachedFileSpec(pdf, b'{"plan": 1}', filename="plan.json")
    root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([]), SigFlags=1))
    for index, (role, _) in enumerate(PEOPLE):
        _add_field(pdf, document, role, 600 - 60 * index, last=index == len(PEOPLE) - 1)
    out = io.BytesIO()
    pdf.save(out, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return out.getvalue()


def _add_field(pdf: pikepdf.Pdf, document: pikepdf.Object, role: str, bottom: int, *, last: bool) -> None:
    page = pdf.pages[-1].obj
    locked = [r for r, _ in PEOPLE] if last else [role]
    widget = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(role),
            TU=String(f"Underskrift {role}"),
            Rect=Array([60, bottom, 300, bottom + 50]),
            F=132,
            P=page,
            Lock=pdf.make_indirect(
                Dictionary(Type=Name.SigFieldLock, Action=Name.Include, Fields=Array([String(r) for r in locked]))
            ),
        )
    )
    if "/Annots" not in page:
        page.Annots = Array([])
    page.Annots.append(widget)
    page.Tabs = Name.S
    pdf.Root.AcroForm.Fields.append(widget)
    reference = Dictionary(Type=Name.OBJR, Obj=widget, Pg=page)
    element = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Form, P=document, Pg=page, Alt=String(role), K=reference)
    )
    document.K.append(element)
    nums = pdf.Root.StructTreeRoot.ParentTree.Nums
    widget.StructParent = len(nums) // 2
    nums.append(len(nums) // 2)
    nums.append(element)


@dataclass(frozen=True, slots=True)
class Stage:
    """A plan after one more act: its name and bytes."""

    name: str
    pdf: bytes


@dataclass(frozen=True, slots=True)
class Signing:
    """How to sign and seal; every default is what a good plan has."""

    world: World
    at: datetime = NOW
    people: Sequence[tuple[str, str]] = PEOPLE
    holders: dict[str, Holder] = field(default_factory=dict)
    stamp: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, BaseStampStyle] = field(default_factory=dict)
    revoked: dict[str, datetime] = field(default_factory=dict)
    digest: str = "sha256"
    new_field: fields.SigFieldSpec | None = None
    evidence_age: timedelta = timedelta(0)  # how old the evidence is that a careless signer puts in
    attributes: SignedAttributeProviderSpec | None = None  # what is signed beside the digest, in place of the usual
    careless: bool = False  # sign without asking whether the certificate may, and put the evidence in all the same


def stages(signing: Signing, start: bytes | None = None, *, seal: bool = True) -> list[Stage]:
    """Every revision from the base to the sealed plan."""
    done = [Stage("base", start or base())]
    moment = signing.at
    for role, person in signing.people:
        holder = signing.holders.get(role) or signing.world.signer(person, moment)
        done.append(Stage(role, sign(done[-1].pdf, signing, role, holder, moment)))
        moment += timedelta(minutes=5)
    if seal:
        done.append(Stage("seal", stamp(done[-1].pdf, signing.world, moment)))
    return done


def _context(world: World, moment: datetime, holder: Holder | None) -> ValidationContext:
    return ValidationContext(
        trust_roots=list({h.cert: h.asn1() for h in (world.root, world.tsa.issuer or world.root)}.values()),
        other_certs=[world.issuing.asn1()],
        crls=[*world.crls(moment), revocation_list(world.tsa.issuer or world.root, moment, ())],
        ocsps=[status_response(holder, moment)] if holder else [],
        allow_fetching=False,
        revocation_mode="require",
        moment=moment,
    )


def timestamper(world: World, moment: datetime) -> DummyTimeStamper:
    return DummyTimeStamper(
        world.tsa.asn1(),
        world.tsa.asn1_key(),
        certs_to_embed=SimpleCertificateStore.from_certs([world.root.asn1()]),
        fixed_dt=moment,
    )


class _Signer(signers.PdfSigner):
    """pyHanko's, with the given time in place of the machine's: DSS compares it with the certificate's."""

    moment: datetime

    def init_signing_session(self, *arguments: Any, **named: Any) -> Any:
        session = super().init_signing_session(*arguments, **named)
        session.system_time = self.moment
        return session


def sign(pdf: bytes, signing: Signing, role: str, holder: Holder, moment: datetime) -> bytes:
    world = signing.world
    person = holder.asn1().subject.native["common_name"]
    careless = signing.careless or role in signing.revoked
    registry = SimpleCertificateStore.from_certs([world.issuing.asn1(), world.root.asn1()])
    signer = signers.SimpleSigner(
        signing_cert=holder.asn1(), signing_key=holder.asn1_key(), cert_registry=registry, prefer_pss=False
    )
    signer.signed_attr_prov_spec = signing.attributes
    meta = signers.PdfSignatureMetadata(
        field_name=role,
        md_algorithm=signing.digest,
        subfilter=fields.SigSeedSubFilter.PADES,
        name=person,
        embed_validation_info=not careless,
        validation_context=None if careless else _context(world, moment, holder),
        signer_key_usage=set() if careless else {"non_repudiation"},
        dss_settings=DSSContentSettings(include_vri=False),
    )
    text = f"{role if role in dict(PEOPLE) else 'Undertecknad av'}\n{signing.stamp.get(role, person)}"
    style = signing.drawn.get(role) or TextStampStyle(stamp_text=text, background=None, border_width=0)
    pdf_signer = _Signer(
        meta, signer, timestamper=timestamper(world, moment), stamp_style=style, new_field_spec=signing.new_field
    )
    pdf_signer.moment = moment
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    signed = asyncio.run(pdf_signer.async_sign_pdf(writer, existing_fields_only=not signing.new_field)).getvalue()
    return with_evidence(signed, signing, holder, moment, signing.revoked.get(role)) if careless else signed


def with_evidence(pdf: bytes, signing: Signing, holder: Holder, moment: datetime, revoked_at: datetime | None) -> bytes:
    """Add certificates, OCSP and CRL to the file's security store without asking what they say."""
    world, out = signing.world, io.BytesIO(pdf)
    revoked = ((holder.cert.serial_number, revoked_at),) if revoked_at else ()
    moment -= signing.evidence_age
    answers = [status_response(holder, moment, revoked_at)] if holder.issuer is world.issuing else []
    DocumentSecurityStore.add_dss(
        out,
        sig_contents=None,
        certs=[world.issuing.asn1(), world.root.asn1(), world.tsa.asn1()],
        ocsps=answers,
        crls=world.crls(moment, revoked),
    )
    return out.getvalue()


def stamp(
    pdf: bytes, world: World, moment: datetime, field_name: str = "Arkivstampel1", edit: Edit | None = None
) -> bytes:
    """The archive time stamp: out of the page's bounds, covering the whole file; `edit` as in `restamp`."""
    stamper = signers.PdfTimeStamper(
        timestamper(world, moment),
        field_name=field_name,
        invis_settings=fields.InvisSigSettings(box_out_of_bounds=True),
        readable_field_name="Arkivtidsstämpel",
    )
    return _by(stamper, pdf, world, moment, edit)


def restamp(pdf: bytes, world: World, moment: datetime, field_name: str, edit: Edit | None = None) -> bytes:
    """An archive time stamp in a field that is there already; `edit` does more in the same revision."""
    return _by(signers.PdfTimeStamper(timestamper(world, moment), field_name=field_name), pdf, world, moment, edit)


def _by(stamper: signers.PdfTimeStamper, pdf: bytes, world: World, moment: datetime, edit: Edit | None = None) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if edit:
        edit(writer)
    out = stamper.async_timestamp_pdf(
        writer,
        "sha256",
        validation_context=_context(world, moment, None),
        dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
    )
    return asyncio.run(out).getvalue()
