"""A judge that cannot say no proves nothing, nor one that cannot say yes."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from weasyprint import HTML

from tests.conformance import sealed
from tests.plugins.judge_process import Judge, JudgeFailed
from tests.plugins.judges import Opened, PdfsigSignature

PAGE = "<html lang=sv><title>Prov</title><body style='font-family: Atkinson Hyperlegible Next'><h1>Åtgärd</h1><p>Text."


@pytest.fixture(scope="session")
def archivable() -> bytes:
    """PDF/A-3a from WeasyPrint, tagged but without the PDF/UA mark."""
    return bytes(HTML(string=PAGE).write_pdf(pdf_variant="pdf/a-3a"))


@pytest.fixture(scope="session")
def authority() -> sealed.Identity:
    return sealed.root(sealed.now())


@pytest.fixture(scope="session")
def signed(archivable: bytes, authority: sealed.Identity) -> bytes:
    return sealed.signed(archivable, authority, sealed.now())


def flipped(pdf: bytes) -> bytes:
    """The same file with one letter of its document information changed."""
    changed = pdf.replace(b"Prov", b"Prow", 1)
    assert changed != pdf
    return changed


def painted(pdf: bytes) -> bytes:
    """The same file and, after its end, a black box on its page."""
    update, out = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    page = update.find_page_for_modification(0)[0].get_object()
    page["/Contents"] = update.add_object(StreamObject(stream_data=b"100 500 200 200 re f"))
    update.update_container(page)
    update.write(out)
    return out.getvalue()


class TestVeraPDF:
    def test_fails_a_pdf_that_claims_nothing(self, judge: Judge) -> None:
        verdict = judge.pdf(HTML(string="<p>Text").write_pdf())
        assert not verdict["passed"]
        assert verdict["compliant"] == {"3a": False, "ua1": False}
        assert all(verdict["failed"][flavour] for flavour in ("3a", "ua1"))

    def test_passes_an_archivable_pdf_and_misses_only_the_ua_mark(self, judge: Judge, archivable: bytes) -> None:
        verdict = judge.pdf(archivable)
        assert verdict["compliant"] == {"3a": True, "ua1": False}
        assert [rule.split()[0] for rule in verdict["failed"]["ua1"]] == ["5-1"]

    def test_passes_each_flavour_it_is_asked_for(self, judge: Judge, archivable: bytes, tmp_path: Path) -> None:
        path = tmp_path / "åtgärd med mellanslag.pdf"
        path.write_bytes(archivable)
        assert judge.pdf(path, flavours=["3a"]) == {"passed": True, "compliant": {"3a": True}, "failed": {}}

    def test_fails_what_is_no_pdf(self, judge: Judge) -> None:
        verdict = judge.pdf(b"no pdf at all")
        assert verdict["compliant"] == {"3a": False, "ua1": False}
        assert all(rule.startswith("unreadable") for rules in verdict["failed"].values() for rule in rules)

    def test_an_unknown_flavour_is_no_verdict(self, judge: Judge, archivable: bytes) -> None:
        with pytest.raises(JudgeFailed, match="unknown flavour 9z"):
            judge.pdf(archivable, flavours=["9z"])


class TestDSS:
    def test_passes_what_a_trusted_root_vouches_for(
        self, judge: Judge, signed: bytes, authority: sealed.Identity
    ) -> None:
        verdict = judge.signatures(signed, roots=[authority.pem])
        assert verdict["passed"], verdict
        (signature,) = verdict["signatures"]
        assert (signature["field"], signature["signer"]) == ("Test", "Test Signer")
        assert signature["indication"] == "TOTAL_PASSED"
        assert signature["level"] == "PAdES-BASELINE-LT"

    def test_doubts_an_unknown_root(self, judge: Judge, signed: bytes) -> None:
        verdict = judge.signatures(signed)
        assert not verdict["passed"]
        assert verdict["signatures"][0]["indication"] == "INDETERMINATE"

    def test_doubts_it_when_the_certificates_have_expired_without_a_seal(
        self, judge: Judge, signed: bytes, authority: sealed.Identity
    ) -> None:
        verdict = judge.signatures(signed, roots=[authority.pem], at=sealed.now() + timedelta(days=400))
        assert not verdict["passed"]

    def test_fails_a_changed_letter(self, judge: Judge, signed: bytes, authority: sealed.Identity) -> None:
        verdict = judge.signatures(flipped(signed), roots=[authority.pem])
        assert not verdict["passed"]
        assert verdict["signatures"][0]["indication"] == "TOTAL_FAILED"

    def test_sees_what_looks_different_when_it_is_asked_to_look(
        self, judge: Judge, signed: bytes, authority: sealed.Identity
    ) -> None:
        for pdf, pages in ((signed, 0), (painted(signed), 1)):
            verdict = judge.signatures(pdf, roots=[authority.pem], looks=True)
            assert verdict["signatures"][0]["later_changes"]["visual_difference"] == pages

    def test_passes_nothing_where_nobody_signed(self, judge: Judge, archivable: bytes) -> None:
        assert judge.signatures(archivable) == {"passed": False, "signatures": [], "timestamps": []}

    def test_trust_in_no_certificate_is_a_mistake(self, judge: Judge, signed: bytes) -> None:
        with pytest.raises(ValueError, match="no PEM certificate"):
            judge.signatures(signed, roots=["no certificate"])


class TestPdfsig:
    def test_trusts_by_its_roots(
        self, pdfsig: Callable[..., tuple[PdfsigSignature, ...]], signed: bytes, authority: sealed.Identity
    ) -> None:
        (trusted,) = pdfsig(signed, roots=[authority.pem])
        assert (trusted.field, trusted.signer) == ("Test", "Test Signer")
        assert trusted.valid
        assert trusted.trusted
        assert not trusted.whole_document  # the CRL was added after the signature
        (stranger,) = pdfsig(signed)
        assert stranger.valid
        assert not stranger.trusted

    def test_sees_a_changed_letter(
        self, pdfsig: Callable[..., tuple[PdfsigSignature, ...]], signed: bytes, authority: sealed.Identity
    ) -> None:
        (signature,) = pdfsig(flipped(signed), roots=[authority.pem])
        assert not signature.valid

    def test_finds_no_signature_where_there_is_none(
        self, pdfsig: Callable[..., tuple[PdfsigSignature, ...]], archivable: bytes
    ) -> None:
        assert pdfsig(archivable) == ()


class TestStructure:
    def test_qpdf_finds_nothing_wrong_with_a_good_file(
        self, qpdf_check: Callable[..., tuple[str, ...]], signed: bytes
    ) -> None:
        assert qpdf_check(signed) == ()

    def test_qpdf_complains_of_a_cut_file(self, qpdf_check: Callable[..., tuple[str, ...]], signed: bytes) -> None:
        assert qpdf_check(signed[:-200])

    def test_mupdf_reads_the_words(self, mutool: Callable[..., Opened], archivable: bytes) -> None:
        opened = mutool(archivable)
        assert "Åtgärd" in opened.text
        assert opened.complaints == ()

    def test_mupdf_complains_of_a_cut_file(self, mutool: Callable[..., Opened], archivable: bytes) -> None:
        assert mutool(archivable[: len(archivable) // 2]).complaints
