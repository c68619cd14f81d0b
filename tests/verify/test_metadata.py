"""What a file says about itself stays what was signed, to every reader (rule R9)."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils.metadata.model import DocumentMetadata
from pyhanko.pdf_utils.metadata.xmp_xml import parse_xmp, serialise_xmp, update_xmp_with_meta

from signatures.verify.metadata import Statements, changed
from signatures.verify.streams import NotUnderstood
from tests.attacks.plans import TITLE, XMP

PLAN = XMP.format(title=TITLE)
LI = f'<rdf:li xml:lang="x-default">{TITLE}</rdf:li>'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
EVIL = f'<dc:title {DC}><rdf:Alt><rdf:li xml:lang="x-default">Beslut om avslag</rdf:li></rdf:Alt></dc:title>'
PRODUCER = 'pdf:Producer="plan"/>'
END = "</rdf:RDF></x:xmpmeta>"
# As Ghostscript, and as LibreOffice, write theirs.
GHOSTSCRIPT = f"""<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>
<?adobe-xap-filters esc="CRLF"?>
<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='XMP toolkit 2.9.1-13, framework 1.6'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:iX='http://ns.adobe.com/iX/1.0/'>
<rdf:Description rdf:about="uuid:1" xmlns:pdf='http://ns.adobe.com/pdf/1.3/' pdf:Producer='GPL Ghostscript'/>
<rdf:Description rdf:about="uuid:1" xmlns:xmp='http://ns.adobe.com/xap/1.0/'><xmp:ModifyDate>2026</xmp:ModifyDate>
<xmp:CreatorTool>Writer</xmp:CreatorTool></rdf:Description>
<rdf:Description rdf:about="uuid:1" {DC.replace('"', "'")} dc:format='application/pdf'><dc:title><rdf:Alt>
<rdf:li xml:lang='x-default'>Plan</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>"""
EXTENDED = PLAN.replace(
    END,
    """<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name></rdf:li>
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
    + END,
)


def differ(old: str, new: str) -> tuple[str, ...]:
    return changed(Statements({}, old.encode()), Statements({}, new.encode()))


def rewritten(packet: str) -> str:
    """The packet as pyHanko writes it when it signs."""
    out = io.BytesIO()
    meta = DocumentMetadata(xmp_unmanaged=True)
    serialise_xmp(update_xmp_with_meta(meta, parse_xmp(io.BytesIO(packet.encode()))), out)
    return out.getvalue().decode()


@pytest.mark.parametrize("packet", [PLAN, GHOSTSCRIPT, EXTENDED], ids=["plan", "ghostscript", "extended"])
def test_a_signing_tool_may_write_the_same_in_its_own_way(packet: str) -> None:
    new = rewritten(packet)
    assert "pyHanko" in new
    assert differ(packet, new) == ()


def test_a_packet_that_is_the_same_to_the_byte_need_not_be_understood() -> None:
    assert differ("<a><!-- b -->", "<a><!-- b -->") == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"{TITLE}</rdf:li>", f"{TITLE}<?x?> (UPPHÄVD)</rdf:li>"),
        (f"{TITLE}</rdf:li>", f"{TITLE}<!-- x --></rdf:li>"),
        (TITLE, f"<![CDATA[{TITLE}]]>"),
        (LI, f"{LI}Beslut"),
        (LI, f"{LI}<rdf:_2>Beslut</rdf:_2>"),
        ("<rdf:RDF ", f"{EVIL.replace('rdf:', 'q:')}<rdf:RDF ".replace("<dc:title", '<dc:title xmlns:q="q"')),
        ("<rdf:RDF ", "Beslut<rdf:RDF "),
        (END, f'<rdf:Description rdf:about="">{EVIL}</rdf:Description>{END}'),
        (END, f'<rdf:Description rdf:about="other"/>{END}'),
        (END, f'<rdf:Description xml:lang="sv"/>{END}'),
        (END, f"{EVIL}{END}"),
        (f"<rdf:Description rdf:about=\"\" {DC}>", f"<rdf:Description rdf:about=\"\" {DC}>Beslut"),
        ("<dc:title>", "<dc:title>Beslut"),
        (DC, f'{DC} {DC.replace("dc=", "DC=")}'),
        (DC, 'xmlns:dc="urn:other"'),
        (LI, LI.replace("<rdf:li ", '<rdf:li xmlns:q="q" q:a="1" ')),
        (END, "".join(f'<rdf:Description rdf:about="" xmlns:q{n}="q{n}"/>' for n in range(120)) + END),
        ("<?xpacket end", "<?x Beslut?><?xpacket end"),
        ("</x:xmpmeta>", "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/></x:xmpmeta>"),
        (PRODUCER, "><xmp:ModifyDate>2027</xmp:ModifyDate></rdf:Description>"),
    ],
)  # fmt: skip
def test_what_readers_take_differently_is_not_checked(old: str, new: str) -> None:
    packet = PLAN.replace(old, new)
    assert packet != PLAN
    with pytest.raises(NotUnderstood):
        differ(PLAN, packet)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (TITLE, "Beslut", "title"),
        ('x-default"', 'sv"', "title"),
        (LI, LI + LI, "title"),
        (PRODUCER, f"><pdf:Producer><rdf:Description>{EVIL}</rdf:Description></pdf:Producer>"
         "</rdf:Description>", "Producer"),
        (PRODUCER, '><pdf:Producer xml:lang="sv">plan</pdf:Producer></rdf:Description>', "Producer"),
        (PRODUCER, 'xmp:Label="Beslut"/>', "Label"),
    ],
)  # fmt: skip
def test_only_the_text_of_what_signing_notes_may_differ(old: str, new: str, what: str) -> None:
    assert what in differ(PLAN, PLAN.replace(old, new))
