"""Headless Chromium, started once, driven over its debugging pipe: a page is given HTML and printed, tagged."""

import base64
import fcntl
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.documents.fonts import folder
from rivals.content import Job

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip
PAGE_FOOT = """
@page {
  @top-left { content: "%s"; font-size: 10pt }
  @bottom-left { content: "%s"; font-size: 10pt }
  @bottom-right { content: "Sida " counter(page) " av " counter(pages); font-size: 10pt }
}
"""
RUNNING = re.compile(r'<div class="(?:forsta-)?sid(?:huvud|fot)">.*?</div>', re.DOTALL)


class Browser:
    """One browser process with one page; `ask` sends a command of its protocol and waits for the answer."""

    def __init__(self, binary: str, profile: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]  # out of the way of 3 and 4
        command = [binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        environment = os.environ | {"FONTCONFIG_FILE": str(folder() / "fonts.conf")}
        self.process = subprocess.Popen(
            command,
            preexec_fn=lambda: (os.dup2(ends[0], 3), os.dup2(ends[1], 4)),  # noqa: PLW1509  where Chromium looks
            pass_fds=(3, 4),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (to_browser, from_browser, *ends):
            os.close(end)
        self._number, self._rest, self._session = 0, b"", {}
        (target,) = [t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self._session = {"sessionId": session}
        self.frame = self.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | self._session
        self._send(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._next())
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._write, data) :]

    def _next(self) -> bytes:
        parts = [self._rest]
        while b"\0" not in parts[-1]:
            part = os.read(self._read, 1 << 20)
            if not part:
                raise RuntimeError("Chromium ended")
            parts.append(part)
        message, _, self._rest = b"".join(parts).partition(b"\0")
        return message

    def close(self) -> None:
        self._session = {}
        self.ask("Browser.close")
        self.process.wait(10)
        os.close(self._write)
        os.close(self._read)


@contextmanager
def engine(binary: str, profile: Path) -> Iterator[Callable[[Job], bytes]]:
    """The plan by Chromium: our HTML and CSS, its running heads put in as page margin boxes of Chromium's kind."""
    browser = Browser(binary, profile)

    def make(job: Job) -> bytes:
        browser.ask("Page.setDocumentContent", frameId=browser.frame, html=_html(job))
        options = {
            "preferCSSPageSize": True,
            "printBackground": True,
            "generateTaggedPDF": True,
            "generateDocumentOutline": True,
        }
        return base64.b64decode(browser.ask("Page.printToPDF", **options)["data"])

    try:
        yield make
    finally:
        browser.close()


def _html(job: Job) -> str:
    frame = job.words["frame"]
    foot = PAGE_FOOT % (f"{frame['title']} {frame['plan_id']} · {frame['version']}", frame["secrecy"])
    css = "\n".join((*job.css, foot))
    image = "data:image/svg+xml;base64," + base64.b64encode(job.served["dress:logotyp.svg"][1]).decode()
    html = RUNNING.sub("", job.html).replace("dress:logotyp.svg", image)
    return html.replace("</head>", f"<style>{css}</style></head>")
