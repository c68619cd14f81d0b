"""Verification of a sealed plan beside pyHanko's own `ades_lta_validation` of its signatures, in one run.

`.venv/bin/python bench/verify.py [ROUNDS]`. Both see the same bytes with the same roots; ours also judges the changes
between revisions, the metadata and the visible stamps by twelve rules. pyHanko reads the machine's clock, so its plan
is signed now.
"""

import asyncio
import io
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from signatures.verify import Trust, verify
from tests.attacks.pki import World, world
from tests.attacks.plans import Signing, stages


def theirs(pdf: bytes, here: World) -> None:
    """Every person's signature by pyHanko, which takes one at a time."""
    trust = SimpleTrustManager.build(trust_roots=[here.root.asn1()])
    policy = CertValidationPolicySpec(trust_manager=trust, revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO))
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
            ts_cert_validation_policy=policy,
            local_knowledge=LocalKnowledge(),
        )
    )
    reader = PdfFileReader(io.BytesIO(pdf))
    for signature in reader.embedded_regular_signatures:
        asyncio.run(ades_lta_validation(signature, spec))


def processor_time(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main(rounds: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    here = world("Norrbro")
    pdf = stages(Signing(here, at=now - timedelta(minutes=20)))[-1].pdf
    trust = Trust(here.root.pem(), here.root.pem())
    verify(pdf, trust, None, now)
    theirs(pdf, here)
    pairs = [
        (processor_time(lambda: verify(pdf, trust, None, now)), processor_time(lambda: theirs(pdf, here)))
        for _ in range(rounds)
    ]
    ours = statistics.median(a for a, _ in pairs)
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{len(pdf) / 1000:.0f} kB, {rounds} rounds: ours {ours:.3f} s of processor time (median)")
    print(f"pyHanko's ades_lta_validation of the three signatures takes {ratio:.2f} times that")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
