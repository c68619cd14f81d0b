"""Our signing beside what a municipality would otherwise run: the same two files, the same machine, one run.

    .venv/bin/python bench/signing.py [ROUNDS]        what is compared: bench/README.md

Ours: a certificate for each act, its OCSP answer and lists, a visible stamp, two time stamps' evidence, the checks, and
at last the seal. Theirs: a bare invisible signature (B-B) with a key file. No network, and no making of keys, is timed.
A round signs each file once with each engine, in turn; each rival's time is divided by ours of the same round.
"""

import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from rivals import content, setup, signers

from pipeline.casework.papers import field_specs, names
from pipeline.documents.fonts import signature_fonts
from signatures.authority import create_issuer
from signatures.backends import generate_key
from signatures.fields import prepare
from signatures.identity import IdType, Person, TestIdentityProvider
from signatures.issuer import Issuer, KeyPool
from signatures.pades import SignRequest, seal, sign
from signatures.tsa import LocalTimestamper

OURS, CODE = "Plansigill", "bench"
ROLES = ("brukare", "kontaktman", "enhetschef")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KIM = Person(IdType.HSA_ID, "SE2321000016-1A2B", "Kim Ek")
Acts = list[list[float]]
"""For each act, milliseconds by the clock and of the processor."""
Times = dict[str, list[Acts]]


def main(rounds: int) -> None:
    pool = KeyPool(2 * len(ROLES) * (rounds + 1) + 1)
    pool.fill()
    material = create_issuer(NOW - timedelta(days=1), "Norrbro kommun", test=True, passphrase=b"bench")
    issuer = Issuer.load(material, b"bench", pool)
    key_file = _key_file()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rivals = _rivals(stack)
        for job in content.jobs(0):
            pdf = _with_fields(job)
            plain = _without_object_streams(pdf, scratch)
            _tell(job.name, len(pdf), _measured(pdf, plain, key_file, rivals, issuer, rounds))


def _rivals(stack: ExitStack) -> signers.Signer | None:
    try:
        packages = setup.node_packages()
        return stack.enter_context(signers.signer(setup.program("node"), packages, CODE))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Node: SAKNAS (missing): {error}", file=sys.stderr)
        return None


def _measured(
    pdf: bytes, plain: bytes, key_file: bytes, rival: signers.Signer | None, issuer: Issuer, rounds: int
) -> Times:
    """Milliseconds of each act, by engine and round; the first round warms and is not kept."""
    taken: Times = defaultdict(list)
    for number in range(rounds + 1):
        made = {OURS: lambda n=number: _ours(pdf, issuer, NOW + timedelta(minutes=n))}
        for name in signers.NAMES if rival else ():
            # @signpdf reads no object streams: it is given the same file without them.
            given = plain if name == "@signpdf/signpdf" else pdf
            made[name] = lambda n=name, g=given: rival(n, g, key_file, ROLES)[0]
        for name, run in made.items():
            acts = _tried(name, run)
            if number and acts:
                taken[name].append(acts)
    return taken


def _tried(name: str, run: Callable[[], Acts]) -> Acts:
    try:
        return run()
    except RuntimeError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return []


def _ours(pdf: bytes, issuer: Issuer, now: datetime) -> Acts:
    """Milliseconds for each of the three signatures, and the seal last."""
    stamps, digest = LocalTimestamper(issuer), hashlib.sha256(pdf).hexdigest()
    taken: Acts = []
    for number, role in enumerate(ROLES):
        at = now + timedelta(seconds=number)
        bound = {"plan_ref": "BENCH", "version": 1, "edition": 1, "role": role, "base_sha256": digest}
        proof = TestIdentityProvider(test=True).identify(KIM, bound, at)
        asked = SignRequest(role, proof, (role.capitalize(), KIM.name, f"{at:%Y-%m-%d %H:%M}"), "Bench", at)
        pdf = _timed(taken, partial(sign, pdf, asked, issuer, stamps))
    _timed(taken, partial(seal, pdf, issuer, stamps, now + timedelta(seconds=9)))
    return taken


def _timed(taken: Acts, act: Callable[[], bytes]) -> bytes:
    begun, spent = time.perf_counter(), time.process_time()
    made = act()
    taken.append([(time.perf_counter() - begun) * 1000, (time.process_time() - spent) * 1000])
    return made


def _with_fields(job: content.Job) -> bytes:
    made, plan, slots = content.render(job), job.rendering.plan, job.rendering.slots
    places = [{"role": p.role, "page": p.page, "rect": list(p.rect)} for p in made.placeholders]
    return prepare(made.pdf, field_specs(slots, places, any_order=False), names(plan, {}) + KIM.name, signature_fonts())


def _without_object_streams(pdf: bytes, scratch: Path) -> bytes:
    (scratch / "in.pdf").write_bytes(pdf)
    asked = ["qpdf", "--object-streams=disable", scratch / "in.pdf", scratch / "out.pdf"]
    subprocess.run(asked, check=True)
    return (scratch / "out.pdf").read_bytes()


def _key_file() -> bytes:
    """A person's key and certificate, all of RSA: @signpdf/signpdf reads no other kind of certificate."""
    with patch("signatures.authority.generate_authority_key", generate_key):
        material = create_issuer(NOW - timedelta(days=1), "Norrbro kommun", test=True, passphrase=b"bench")
    issuer = Issuer.load(material, b"bench")
    bound = {"plan_ref": "BENCH", "version": 1, "edition": 1, "role": "kontaktman", "base_sha256": "0" * 64}
    key, certificate = issuer.issue(TestIdentityProvider(test=True).identify(KIM, bound, NOW), NOW)
    kept = BestAvailableEncryption(CODE.encode())
    return pkcs12.serialize_key_and_certificates(b"kim", key, certificate, [issuer.issuing], kept)


def _tell(name: str, size: int, taken: Times) -> None:
    print(f"\n{name} ({size // 1000} kB, {len(taken[OURS])} rounds)")
    print(f"{'engine':<20}{'one signature ms':>18}{'three, and our seal':>21}{'of ours':>9}{'processor':>11}")
    for engine, rounds in taken.items():
        one = statistics.median(act[0] for acts in rounds for act in acts[:3])
        whole = statistics.median(_sums(rounds, 0))
        clock, processor = (_ratio(rounds, taken[OURS], part) for part in (0, 1))
        print(f"{engine:<20}{one:>18.1f}{whole:>21.1f}{clock:>9.2f}{processor:>11.2f}")


def _ratio(theirs: list[Acts], ours: list[Acts], part: int) -> float:
    return statistics.median(t / o for t, o in zip(_sums(theirs, part), _sums(ours, part), strict=True))


def _sums(rounds: list[Acts], part: int) -> list[float]:
    return [sum(act[part] for act in acts) for acts in rounds]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
