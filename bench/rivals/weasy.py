"""Bare WeasyPrint on the HTML and CSS that our rendering makes, as its documentation shows it, with our fonts.

In a process of its own: ours has replaced parts of WeasyPrint (`pipeline.documents.quick`).
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.documents.fonts import folder
from rivals.content import Job

SERVER = """
import base64, json, sys
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

class Given(URLFetcher):
    def __init__(self, served):
        super().__init__()
        self.served = served
    def fetch(self, url, headers=None):
        kind, content = self.served[url]
        return URLFetcherResponse(url, base64.b64decode(content), {"Content-Type": kind})

fonts = FontConfiguration()
for line in sys.stdin:
    asked = json.loads(line)
    sheets = [CSS(string=css, font_config=fonts) for css in asked["css"]]
    html = HTML(string=asked["html"], url_fetcher=Given(asked["served"]))
    pdf = html.write_pdf(stylesheets=sheets, font_config=fonts, pdf_variant=asked["variant"])
    print(base64.b64encode(pdf).decode(), flush=True)
"""


@contextmanager
def engine(variant: str | None) -> Iterator[Callable[[Job], bytes]]:
    """A plain PDF without tags, PDF/A or data; with `variant` WeasyPrint's own PDF/A-3a, without PDF/UA and data."""
    environment = os.environ | {"FONTCONFIG_FILE": str(folder() / "fonts.conf")}
    command = [sys.executable, "-W", "ignore", "-c", SERVER]
    server = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def make(job: Job) -> bytes:
        served = {url: (kind, base64.b64encode(content).decode()) for url, (kind, content) in job.served.items()}
        server.stdin.write(json.dumps({"html": job.html, "css": job.css, "served": served, "variant": variant}) + "\n")
        server.stdin.flush()
        return base64.b64decode(server.stdout.readline())

    try:
        yield make
    finally:
        server.stdin.close()
        server.wait(30)
