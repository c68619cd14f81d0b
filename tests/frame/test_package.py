"""The tests run against the installed package, and it holds everything the source tree does."""

from hashlib import sha256
from pathlib import Path

import pipeline
import signatures

ROOT = Path(__file__).parents[2]


def installed(package: Path) -> Path:
    assert ROOT not in package.parents or "site-packages" in package.parts, "run the tests by ./run test"
    return package


def files(folder: Path) -> dict[str, str]:
    """The hash of every file under the folder but compiled ones, by its path in it."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in found}


def test_the_package_is_the_source_tree_with_its_templates() -> None:
    expected = files(ROOT / "pipeline") | {
        f"templates/{name}": digest for name, digest in files(ROOT / "templates").items()
    }
    assert files(installed(Path(pipeline.__file__).parent)) == expected


def test_signatures_is_whole() -> None:
    assert files(installed(Path(signatures.__file__).parent)) == files(ROOT / "signatures")
