"""What the rivals need, put into a folder of the benchmark's own: never into the product's environment or lock."""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent / ".rivals"
PYTHON_PACKAGES = ("typst==0.15.2", "unoserver==3.7")
NODE_PACKAGES = (
    "carbone@3.8.2",
    "@libpdf/core@0.4.2",
    "@signpdf/signpdf@3.3.0",
    "@signpdf/signer-p12@3.3.0",
    "@signpdf/placeholder-plain@3.3.0",
)
SOFFICE = Path("/usr/lib/libreoffice/program/soffice.bin")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def python_packages() -> Path:
    """The folder of the rivals' Python packages; put last on this process's path."""
    folder = FOLDER / "python"
    if not (folder / "typst").is_dir() or not (folder / "unoserver").is_dir():
        _tell("hämtar", *PYTHON_PACKAGES)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "--target", folder, "--no-deps", *PYTHON_PACKAGES], check=True)
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return folder


def node_packages() -> Path:
    """The folder whose `node_modules` has Carbone and the signers."""
    folder = FOLDER / "node"
    if not all((folder / "node_modules" / each.rpartition("@")[0]).is_dir() for each in NODE_PACKAGES):
        _tell("hämtar", *NODE_PACKAGES)
        folder.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder]
        subprocess.run([*npm, *NODE_PACKAGES], check=True)
    return folder


def program(*names: str) -> str:
    """The first of these programs that the machine has; raises `FileNotFoundError`, which names it as missing."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError(names[0])


def office_python() -> str:
    """A Python that has LibreOffice's ``uno``: the system's, not ours."""
    for name in ("/usr/bin/python3", "/usr/lib/libreoffice/program/python"):
        if (
            Path(name).exists()
            and subprocess.run([name, "-c", "import uno"], capture_output=True, check=False).returncode == 0
        ):
            return name
    raise FileNotFoundError("python3-uno")


def soffice() -> Path:
    if not SOFFICE.exists():
        raise FileNotFoundError("libreoffice-writer-nogui")
    return SOFFICE


def _tell(*words: str) -> None:
    sys.stderr.write(" ".join(words) + "\n")
