"""The independent judges as fixtures: veraPDF and EU DSS (`judge`), `pdfsig`, `qpdf_check` and `mutool`.

Every judge takes a PDF as a path or as bytes. A judge that cannot be had skips its tests, and the end of the session
says loudly what was not judged; with CI=true it fails them instead.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

from pipeline.documents import office
from pipeline.errors import EnvironmentFailed
from tests.plugins.judge_process import Judge, JudgeUnavailable, build

NOT_JUDGED = "not judged"
TOOL_TIMEOUT = 120  # seconds; the tools answer within one on any file of ours
MUPDF_OF_ITSELF = {"warning: ICC support is not available"}  # about how MuPDF was built, not about the file

Pdf = Path | str | bytes
Root = Path | str | bytes  # a certificate as PEM, or the path of one


@dataclass(frozen=True, slots=True)
class Opened:
    """What MuPDF made of a file: the text of its pages, and what it complained about."""

    text: str
    complaints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PdfsigSignature:
    """One signature as pdfsig describes it, in its own words."""

    field: str
    signer: str
    type: str
    validation: str
    certificate: str
    whole_document: bool

    @property
    def valid(self) -> bool:
        return self.validation == "Signature is Valid."

    @property
    def trusted(self) -> bool:
        return self.certificate == "Certificate is Trusted."


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """veraPDF and EU DSS: `judge.pdf(pdf)` and `judge.signatures(pdf, roots=[pem])`."""
    try:
        classpath = build()
    except JudgeUnavailable as reason:
        not_judged("PDF/A, PDF/UA and PAdES (veraPDF, EU DSS)", str(reason))
    with Judge.started(classpath, tmp_path_factory.mktemp("judge") / "stderr.txt") as started:
        yield started


@pytest.fixture(scope="session")
def libreoffice_installed() -> None:
    """LibreOffice Writer with its ``uno`` module for Python, which makes the PDF of a Word document."""
    try:
        office.programs()
    except EnvironmentFailed as reason:
        not_judged("Word documents (LibreOffice)", reason.en)


@pytest.fixture(scope="session")
def qpdf_check() -> Callable[[Pdf], tuple[str, ...]]:
    """`qpdf_check(pdf)`: what qpdf finds wrong with the file's structure; empty when nothing."""
    _require("file structure (qpdf)", "qpdf")

    def check(pdf: Pdf) -> tuple[str, ...]:
        with _as_file(pdf) as path:
            done = _run("qpdf", "--check", path)
        if done.returncode == 0:
            return ()
        complaints = re.findall(r"^.*(?:warning|error).*$", done.stdout + done.stderr, flags=re.I | re.M)
        return tuple(complaints) or (f"qpdf --check ended with {done.returncode}",)

    return check


@pytest.fixture(scope="session")
def mutool() -> Callable[[Pdf], Opened]:
    """`mutool(pdf)`: every page drawn as text by MuPDF, with its warnings and errors."""
    _require("opening in another reader (MuPDF)", "mutool")

    def opened(pdf: Pdf) -> Opened:
        with _as_file(pdf) as path:
            done = _run("mutool", "draw", "-q", "-F", "txt", "-o", "-", path)
        complaints = tuple(line for line in done.stderr.splitlines() if line not in MUPDF_OF_ITSELF)
        if done.returncode and not complaints:
            complaints = (f"mutool draw ended with {done.returncode}",)
        return Opened(done.stdout, complaints)

    return opened


@pytest.fixture(scope="session")
def pdfsig(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[PdfsigSignature, ...]]:
    """`pdfsig(pdf, roots=[pem])`: Poppler's word on each signature and document time stamp, in the file's order."""
    _require("signatures as PDF readers see them (pdfsig)", "pdfsig", "certutil")
    stores = tmp_path_factory.mktemp("nss")

    def signatures(pdf: Pdf, roots: Sequence[Root] = ()) -> tuple[PdfsigSignature, ...]:
        store = _nss_store(stores, roots)
        with _as_file(pdf) as path:
            done = _run("pdfsig", "-nssdir", f"sql:{store}", path)
        blocks = re.split(r"^Signature #\d+:$", done.stdout, flags=re.M)[1:]
        if not blocks and "does not contain any signatures" not in done.stdout:
            raise AssertionError(f"pdfsig ended with {done.returncode}: {done.stdout}{done.stderr}")
        return tuple(_pdfsig_signature(block) for block in blocks)

    return signatures


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names every judge that was missing and how many tests went without its verdict."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if reason.startswith(f"Skipped: {NOT_JUDGED}"):
            reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("NOT JUDGED: this session proves less than it should", sep="!", red=True, bold=True)
    for reason, count in reasons.items():
        terminalreporter.line(f"{count} test(s) {reason.removeprefix('Skipped: ')}", red=True)


def not_judged(what: str, why: str) -> NoReturn:
    message = f"{NOT_JUDGED}: {what}: {why}"
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def _require(what: str, *programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        not_judged(what, f"{', '.join(missing)} not found")


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, env=environment, timeout=TOOL_TIMEOUT
    )


@contextmanager
def _as_file(pdf: Pdf) -> Iterator[Path]:
    if isinstance(pdf, bytes):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "judged.pdf"
            path.write_bytes(pdf)
            yield path
    else:
        yield Path(pdf).resolve(strict=True)


def _nss_store(stores: Path, roots: Sequence[Root]) -> Path:
    """An NSS store that trusts exactly these roots, made once for each set of them."""
    certificates = [_pem(root) for root in roots]
    store = stores / sha256(b"\0".join(certificates)).hexdigest()[:16]
    if store.is_dir():
        return store
    store.mkdir()
    _run("certutil", "-N", "--empty-password", "-d", f"sql:{store}").check_returncode()
    for number, certificate in enumerate(certificates):
        pem = store / f"root{number}.pem"
        pem.write_bytes(certificate)
        trust = ("-t", "CT,CT,CT", "-n", f"root{number}", "-i", pem)
        _run("certutil", "-A", "-d", f"sql:{store}", *trust).check_returncode()
    return store


def _pem(root: Root) -> bytes:
    if isinstance(root, Path):
        return root.read_bytes()
    return root.encode() if isinstance(root, str) else root


def _pdfsig_signature(block: str) -> PdfsigSignature:
    facts = dict(re.findall(r"^  - ([^:\n]+): (.*)$", block, flags=re.M))
    return PdfsigSignature(
        field=facts.get("Signature Field Name", ""),
        signer=facts.get("Signer Certificate Common Name", ""),
        type=facts.get("Signature Type", ""),
        validation=facts.get("Signature Validation", ""),
        certificate=facts.get("Certificate Validation", ""),
        whole_document=bool(re.search(r"^  - Total document signed$", block, flags=re.M)),
    )
