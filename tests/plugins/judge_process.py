"""The Java judge: built once by Maven, kept open as one process for the whole test session."""

import base64
import fcntl
import json
import queue
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

PROJECT = Path(__file__).parents[1] / "conformance" / "judge"
BUILD_TIMEOUT = 900  # seconds; the first build fetches some 60 MB
ANSWER_TIMEOUT = 180  # seconds; a signed plan takes one or two, the first question a few more
JAVA = ("java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")


class JudgeUnavailable(Exception):
    """There is no judge to ask here: no JDK, no Maven, or no way to fetch what they need."""


class JudgeFailed(Exception):
    """The judge could not do its work; nothing is said about the file."""


def build() -> str:
    """The judge's class path, after building it if its sources are newer; JudgeUnavailable with the reason."""
    if shutil.which("java") is None:
        raise JudgeUnavailable("no java found (a JDK, 17 or later, is needed)")
    target = PROJECT / "target"
    target.mkdir(exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(target / "judge.jar"):
            _build_with_maven()
    return f"{target / 'judge.jar'}:{target / 'lib'}/*"


def _is_current(jar: Path) -> bool:
    sources = [PROJECT / "pom.xml", *(PROJECT / "src").rglob("*.java")]
    return jar.exists() and jar.stat().st_mtime > max(source.stat().st_mtime for source in sources)


def _build_with_maven() -> None:
    for program in ("mvn", "javac"):
        if shutil.which(program) is None:
            raise JudgeUnavailable(f"no {program} found (Maven and a JDK, 17 or later, are needed to build the judge)")
    command = ["mvn", "-q", "-B", *_repository(), "package"]
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=BUILD_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise JudgeUnavailable(f"Maven was not done after {BUILD_TIMEOUT} s") from None
    if done.returncode:
        raise JudgeUnavailable(f"Maven could not build it: {_tail(done.stdout + done.stderr)}")
    (PROJECT / "target" / "judge.jar").touch()


def _repository() -> list[str]:
    """Maven's own repository, unless there is no home folder to keep it in."""
    try:
        (Path.home() / ".m2").mkdir(exist_ok=True)
    except (OSError, RuntimeError):
        return [f"-Dmaven.repo.local={PROJECT / 'target' / 'repository'}"]
    return []


class Judge:
    """veraPDF and EU DSS behind one pipe: a question a line, an answer a line."""

    def __init__(self, process: subprocess.Popen[str], talk: Path) -> None:
        self._process = process
        self._talk = talk
        self._answers: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    @classmethod
    @contextmanager
    def started(cls, classpath: str, talk: Path) -> Iterator["Judge"]:
        """A running judge, whose libraries' own talk goes to the file `talk`."""
        command = [*JAVA, "-cp", classpath, "Judge"]
        with (
            talk.open("w") as stderr,
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True, encoding="utf-8"
            ) as process,
        ):
            judge = cls(process, talk)
            assert process.stdin is not None
            try:
                yield judge
            finally:
                process.kill()
                judge._reader.join()
                with suppress(BrokenPipeError):
                    process.stdin.close()

    def pdf(self, pdf: Path | str | bytes, flavours: Sequence[str] = ("3a", "ua1")) -> dict[str, Any]:
        """veraPDF's verdict: {"passed", "compliant": {flavour: bool}, "failed": {flavour: {broken rule: places}}}."""
        return self._ask(question="pdf", pdf=_base64(pdf), flavours=list(flavours))

    def signatures(
        self,
        pdf: Path | str | bytes,
        roots: Sequence[Path | str | bytes] = (),
        at: datetime | None = None,
        *,
        looks: bool = False,
    ) -> dict[str, Any]:
        """EU DSS's verdict, offline, trusting `roots` (certificates as PEM or their paths), as judged `at` that time.

        With `looks` it also draws the pages of each revision and counts those that look different.

        {"passed", "signatures": [{"field", "signer", "indication", "sub_indication", "level", "best_time",
        "later_changes", "errors", "warnings"}], "timestamps": [{"type", "time", "indication", "intact"}]}
        """
        time = at.isoformat().replace("+00:00", "Z") if at else None
        certificates = [der for root in roots for der in _certificates(root)]
        return self._ask(question="signatures", pdf=_base64(pdf), roots=certificates, at=time, looks=looks)

    def _ask(self, **question: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=ANSWER_TIMEOUT)
        except BrokenPipeError:
            line = ""
        except queue.Empty:
            self._process.kill()
            raise JudgeFailed(f"no answer within {ANSWER_TIMEOUT} s") from None
        if not line:
            raise JudgeFailed(f"the process ended: {_tail(self._talk.read_text(errors='replace'))}")
        answer: dict[str, Any] = json.loads(line)
        if "failure" in answer:
            raise JudgeFailed(answer["failure"])
        return answer

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            self._answers.put(line)
        self._answers.put("")


def _base64(pdf: Path | str | bytes) -> str:
    return base64.b64encode(pdf if isinstance(pdf, bytes) else Path(pdf).read_bytes()).decode()


def _certificates(root: Path | str | bytes) -> list[str]:
    """The certificates of a PEM text or file, each as Base64 of its DER."""
    pem = root.read_text() if isinstance(root, Path) else root if isinstance(root, str) else root.decode()
    found = re.findall(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", pem, flags=re.S)
    if not found:
        raise ValueError("no PEM certificate in what is to be trusted")
    return ["".join(body.split()) for body in found]


def _tail(text: str, lines: int = 8) -> str:
    return "\n".join(text.strip().splitlines()[-lines:]) or "it said nothing"
