"""ETSI's own XML Schema of TS 119 102-2 as a judge, out of the jars that EU DSS carries; nothing is fetched."""

import zipfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests.plugins.judge_process import PROJECT, JudgeUnavailable, build
from tests.plugins.judges import not_judged

_SCHEMA = ("validation-report", "TS119102-2-v122.xsd")  # the jar's 1.3.1, of the same name space, is not well-formed
_PARTS = {
    "xmldsig-core-schema.xsd": ("xmldsig", "xmldsig-core-schema.xsd"),
    "XAdES.xsd": ("xades", "XAdES.xsd"),
    "ts_119612v020201_201601xsd.xsd": ("trusted-list", "ts_119612v020101_xsd.xsd"),
    "xml.xsd": ("xmldsig", "xml.xsd"),
}
"""Which file of which jar stands for an address that a schema imports, by the address's last part."""


@pytest.fixture(scope="session")
def etsi_schema() -> etree.XMLSchema:
    """`etsi_schema.validate(document)`; `.error_log` then says what is wrong."""
    try:
        build()
    except JudgeUnavailable as reason:
        not_judged("ETSI TS 119 102-2 (its XML Schema)", str(reason))
    return _schema()


@cache
def _schema() -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    parser.resolvers.add(_FromJars())
    return etree.XMLSchema(etree.fromstring(_part(*_SCHEMA), parser))


class _FromJars(etree.Resolver):
    def resolve(self, url: str, _id: object, context: object) -> object:
        known = _PARTS.get(url.rpartition("/")[2])
        return self.resolve_string(_part(*known) if known else b"", context)


def _part(jar: str, name: str) -> bytes:
    (path,) = (Path(p) for p in sorted((PROJECT / "target" / "lib").glob(f"specs-{jar}-*.jar")))
    with zipfile.ZipFile(path) as opened:
        return opened.read(f"xsd/{name}")
