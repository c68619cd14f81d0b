"""Two programs that know nothing of us: xmlsec1 on a BankID signature, openssl on its OCSP response."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from .bankid_pki import DSIG, TYPES, Holder

NOT_JUDGED = "not judged by"


def ran(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Skips, or with CI=true fails, where the program is missing."""
    if shutil.which(program) is None:
        message = f"{NOT_JUDGED}: {program} not found"
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    environment = os.environ | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=False, env=environment, timeout=30
    )


def xmlsec1(folder: Path, xml: str, root: Holder, at: datetime) -> bool:
    """Whether the signature and its chain hold at `at`."""
    signature, trusted = folder / "signature.xml", folder / "root.pem"
    signature.write_text(xml, "utf-8")
    trusted.write_bytes(root.pem)
    named = ["--id-attr:Id", f"{TYPES}:bankIdSignedData", "--id-attr:Id", f"{DSIG}:KeyInfo"]
    moment = ["--verification-time", at.strftime("%Y-%m-%d %H:%M:%S")]
    done = ran("xmlsec1", "--verify", *named, "--trusted-pem", str(trusted), *moment, str(signature))
    return done.returncode == 0


def openssl_ocsp(folder: Path, response: bytes, person: Holder, root: Holder, at: datetime) -> str:
    """What it says of the person's certificate: "good", "revoked" … or "" where the response does not hold."""
    issuer = Holder(person.key, person.issuers[0])
    for name, content in (("response.der", response), ("person.pem", person.pem), ("issuer.pem", issuer.pem)):
        (folder / name).write_bytes(content)
    (folder / "root.pem").write_bytes(root.pem)
    options = {
        "-respin": "response.der", "-issuer": "issuer.pem", "-cert": "person.pem", "-CAfile": "root.pem",
    }  # fmt: skip
    files = [part for option, name in options.items() for part in (option, str(folder / name))]
    done = ran("openssl", "ocsp", "-no_nonce", *files, "-attime", str(int(at.timestamp())))
    if done.returncode or "Response verify OK" not in done.stderr + done.stdout:
        return ""
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(str(folder / "person.pem"))]
    return line.rpartition(": ")[2]
