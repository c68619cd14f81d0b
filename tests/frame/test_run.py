"""The script `run`, tried with stand-ins for Python and apt: what it installs, when, and what it says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "run"
BASE = ("cat", "env", "find", "flock", "mkdir", "mv", "readlink", "sh", "sleep", "tr")  # what every machine has

# Stands in for Python, and for the Python and pip of the virtual environment it makes; notes what it is asked to do.
PYTHON = """#!/bin/sh
case "$*" in
*sys.executable*) echo "$0" ;;
*ctypes.CDLL*) [ -e "$STATE/pango" ] || echo libpango-1.0-0 ;;
*"-m venv"*)
    echo venv >>"$STATE/did"
    for last; do :; done
    mkdir -p "$last/bin"
    cat "$0" >"$last/bin/python"
    printf '#!/bin/sh\\necho "pip from %s/"\\n' "$last" >"$last/bin/pip"
    printf '#!/bin/sh\\npwd\\nfor word; do echo "<$word>"; done\\n' >"$last/bin/plansigill"
    chmod +x "$last"/bin/* ;;
*"-m pip"*) sleep 0.1; for last; do :; done; echo "${last##*/}" >>"$STATE/did" ;;
*) exit 9 ;;
esac
"""
APT_GET = '#!/bin/sh\necho "$*" >>"$STATE/apt"\necho Reading\ncase "$*" in *install*) : >"$STATE/pango" ;; esac\n'
SET_UP_ONCE = ["venv", "run.txt", "klon med mellanslag"]


class Machine:
    """A folder of programs, a clone, and what was done to them."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.state, self.clone = folder / "bin", folder / "state", folder / "klon med mellanslag"
        for made in (
            self.bin,
            self.state,
            self.clone / "pipeline",
            self.clone / "signatures",
            self.clone / "templates",
        ):
            made.mkdir(parents=True)
        (self.clone / "requirements").mkdir()
        (self.clone / "requirements" / "run.txt").touch()
        (self.clone / "pyproject.toml").touch()
        shutil.copy2(RUN, self.clone / "run")
        for name in (*BASE, "chmod"):
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.program("id", "#!/bin/sh\necho 1000\n")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def start(self, *words: str, cwd: Path) -> subprocess.Popen[str]:
        environment = {"PATH": str(self.bin), "STATE": str(self.state), "HOME": "", "LC_ALL": "C.UTF-8"}
        command = [str(self.clone / "run"), *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def run(self, *words: str, cwd: Path | None = None) -> tuple[int, str, str]:
        with self.start(*words, cwd=cwd or self.state) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def did(self, what: str = "did") -> list[str]:
        file = self.state / what
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """Nothing but the base: no Python, no apt, no rights."""
    return Machine(tmp_path)


@pytest.fixture
def machine(bare: Machine) -> Machine:
    """A machine with Python and Pango."""
    bare.program("python3", PYTHON)
    (bare.state / "pango").touch()
    return bare


def test_says_what_to_install_where_it_may_not(bare: Machine) -> None:
    code, out, err = bare.run("demo", "--json")
    assert (code, out) == (3, "")
    assert "sudo apt-get install python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in err


def test_installs_what_is_missing_as_root(bare: Machine) -> None:
    bare.program("python3", PYTHON)
    bare.program("id", "#!/bin/sh\necho 0\n")
    bare.program("apt-get", APT_GET)
    code, out, _ = bare.run("demo", "--json")
    assert code == 0
    assert "Reading" not in out
    update, install = bare.did("apt")
    assert update.endswith(" update")
    assert install.endswith(" install -y --no-install-recommends libpango-1.0-0")


def test_installs_through_a_sudo_that_asks_nothing(bare: Machine) -> None:
    bare.program("python3", PYTHON)
    bare.program("sudo", '#!/bin/sh\n[ "$1" = -n ] || { echo sudo >>"$STATE/did"; exec "$@"; }\n')
    bare.program("apt-get", APT_GET)
    assert bare.run("demo")[0] == 0
    assert bare.did() == ["sudo", "sudo", *SET_UP_ONCE]


def test_ends_with_3_when_apt_could_not_provide_it(bare: Machine) -> None:
    bare.program("python3", PYTHON)
    bare.program("id", "#!/bin/sh\necho 0\n")
    bare.program("apt-get", "#!/bin/sh\nexit 100\n")
    code, _, err = bare.run("demo")
    assert code == 3
    assert "sudo apt-get install libpango-1.0-0" in err


def test_passes_words_on_untouched_from_the_callers_folder(machine: Machine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "någon annanstans"
    elsewhere.mkdir()
    code, out, _ = machine.run("check", "en plan.json", "", cwd=elsewhere)
    assert code == 0
    assert out.splitlines() == [str(elsewhere), "<check>", "<en plan.json>", "<>"]


def test_sets_up_once_and_is_silent_afterwards(machine: Machine) -> None:
    machine.run("demo")
    assert machine.run("demo")[2] == ""
    assert machine.did() == SET_UP_ONCE


def test_works_through_a_link(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "plansigill").symlink_to(machine.clone / "run")
    machine.clone = machine.clone.parent
    (tmp_path / "plansigill").rename(tmp_path / "run")
    assert machine.run("demo")[0] == 0
    assert machine.did() == SET_UP_ONCE


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("pipeline/ny.py", ["klon med mellanslag"]),
        ("templates/ny.css", ["klon med mellanslag"]),
        ("requirements/run.txt", ["run.txt", "klon med mellanslag"]),
    ],
)
def test_installs_anew_what_changed_even_with_an_old_date(machine: Machine, changed: str, again: list[str]) -> None:
    machine.run("demo")
    file = machine.clone / changed
    file.write_text("changed")
    os.utime(file, (0, 0))
    machine.run("demo")
    assert machine.did() == [*SET_UP_ONCE, *again]


def test_notices_a_deleted_file(machine: Machine) -> None:
    (machine.clone / "pipeline" / "gammal.py").touch()
    machine.run("demo")
    (machine.clone / "pipeline" / "gammal.py").unlink()
    machine.run("demo")
    assert machine.did() == [*SET_UP_ONCE, "klon med mellanslag"]


def test_compiled_files_are_no_change(machine: Machine) -> None:
    compiled = machine.clone / "pipeline" / "__pycache__"
    compiled.mkdir()
    machine.run("demo")
    (compiled / "ny.cpython-311.pyc").touch()
    machine.run("demo")
    assert machine.did() == SET_UP_ONCE


def test_makes_a_new_environment_when_the_clone_has_moved(machine: Machine) -> None:
    machine.run("demo")
    machine.clone = machine.clone.rename(machine.clone.with_name("flyttad"))
    machine.run("demo")
    assert machine.did() == [*SET_UP_ONCE, "venv", "run.txt", "flyttad"]


def test_two_at_once_set_up_once(machine: Machine) -> None:
    processes = [machine.start("demo", cwd=machine.state) for _ in range(3)]
    for process in processes:
        with process:
            process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert machine.did() == SET_UP_ONCE


def test_a_failed_install_is_tried_again(machine: Machine) -> None:
    machine.program("python3", PYTHON.replace("sleep 0.1;", '[ -e "$STATE/net" ] || exit 1;'))
    code, out, err = machine.run("demo")
    assert (code, out) == (3, "")
    assert "försök igen" in err
    (machine.state / "net").touch()
    assert machine.run("demo")[0] == 0
    assert machine.did() == SET_UP_ONCE
