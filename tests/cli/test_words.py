"""How every command is called: workspaces, options, exit codes, and standard output with nothing but JSON on it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pipeline.cli import app
from pipeline.settings import load_settings
from pipeline.ways import ways
from tests.cli.conftest import PLAN, SAMPLES, WHY, Archive, ask, contents, put, run_cli, run_process, sample

COMMANDS = sorted(str(c.callback.__name__) for c in app.registered_commands if c.callback)
IN_GROUPS = sorted(f"{g.name}_{c.name}" for g in app.registered_groups for c in g.typer_instance.registered_commands)
DESIGN = (
    "init doctor check process run status due sign view batch waive handover withdraw renew record find show get "
    "preview diff document verify trust demo"
)
PLAN_FILE = SAMPLES / "hemtjanst-kort.json"

IN_A_WORKSPACE: dict[str, tuple[object, ...]] = {
    "doctor": (),
    "process": (PLAN_FILE,),
    "record": (SAMPLES / "handelse-uppfoljning.json",),
    "run": (),
    "status": (),
    "due": (),
    "sign": (PLAN, "--role", "brukare"),
    "view": (PLAN, "--role", "kontaktman"),
    "batch": ("--role", "enhetschef", "--as", "nb-0007"),
    "waive": (PLAN, "--role", "brukare", "--outcome", "declined", "--reason", "vill_inte", "--by", "nb-1042"),
    "handover": (PLAN, "--by", "nb-1042"),
    "withdraw": (PLAN, "--reason", "avliden", "--by", "nb-0007"),
    "renew": (),
    "find": (PLAN, *WHY),
    "show": (PLAN, *WHY),
    "get": (PLAN, *WHY),
    "preview": (PLAN, *WHY),
    "diff": (PLAN, *WHY),
    "trust": (),
}


def test_the_commands_are_those_of_the_design() -> None:
    assert sorted(DESIGN.split()) == COMMANDS
    assert IN_GROUPS == ["dress_check"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_answers_in_swedish_first(command: str) -> None:
    said = run_cli(command, "--help")
    assert said.code == 0
    told = " ".join(said.out.split())
    swedish, slash, english = told.partition(" / ")
    assert slash and english
    (about,) = [c.callback.__doc__ for c in app.registered_commands if c.callback and c.callback.__name__ == command]
    assert str(about).split(" / ")[0] in swedish


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained_in_both_languages_or_by_its_values(command: str) -> None:
    (click_command,) = [c for name, c in typer.main.get_command(app).commands.items() if name == command]  # type: ignore[attr-defined]
    for parameter in click_command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert parameter.help, f"{command} {parameter.opts} has no help"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_bad_option_is_wrong_usage_and_still_json(command: str) -> None:
    said = ask(command, "--hokuspokus")
    assert said.code == 2
    assert said.error == "fel_anrop"
    assert "--hokuspokus" in said.err
    plain = run_cli(command, "--hokuspokus")
    assert (plain.code, plain.out) == (2, "")


@pytest.mark.parametrize("command", sorted(IN_A_WORKSPACE))
def test_without_a_workspace_it_is_wrong_usage_and_makes_nothing(command: str, in_tmp: Path) -> None:
    said = ask(command, *IN_A_WORKSPACE[command])
    assert (said.code, said.error) == (2, "ingen_arbetsyta")
    assert list(in_tmp.iterdir()) == []
    said = ask(command, *IN_A_WORKSPACE[command], "--workspace", in_tmp / "ingen")
    assert (said.code, said.error) == (2, "ingen_arbetsyta")
    assert list(in_tmp.iterdir()) == []


def test_the_option_wins_over_the_environment_and_that_over_the_folder(open_town: Path, empty: Path) -> None:
    def plans(*words: object, **where: Path) -> int:
        said = ask("status", *words, **where)
        assert said.code == 0
        return len(said.value["results"])

    assert plans(cwd=open_town) == 1
    assert plans(cwd=empty) == 0
    assert plans(cwd=empty, home=open_town) == 1
    assert plans("--workspace", empty, cwd=open_town, home=open_town) == 0


def test_an_unknown_setting_refuses_start(empty: Path) -> None:
    config = empty / "plansigill.toml"
    config.write_text(config.read_text() + 'farg = "röd"\n', "utf-8")
    said = ask("status", home=empty)
    assert (said.code, said.error) == (2, "installning_ogiltig")
    assert "farg" in said.err


BROKER = """
[[identity]]
method = "oidc"
roles = ["{role}"]
issuer = "https://{issuer}.example"
client_id = "a"
redirect = "https://plan.example/svar"
login = "client_secret_basic"
secret_file = "keys/s"
"""


def test_two_ways_of_identification_are_never_one(empty: Path) -> None:
    """By one name the first would get the second's service and minimum; a test's are none when others stand there."""
    config, start = empty / "plansigill.toml", "test = true\n"
    (empty / "keys" / "s").write_text("x\n", "utf-8")
    two = [BROKER.format(role="brukare", issuer="a"), BROKER.format(role="enhetschef", issuer="b")]
    config.write_text(start + "".join(two), "utf-8")
    said = ask("status", home=empty)
    assert (said.code, said.error) == (2, "installning_ogiltig")
    assert "name: oidc stands twice" in said.err
    config.write_text(start + two[0] + two[1] + 'name = "annan"\n', "utf-8")
    found = ways(empty, load_settings(empty))
    assert [(each.name, each.provider.broker.issuer) for each in found] == [  # type: ignore[attr-defined]
        ("oidc", "https://a.example"),
        ("annan", "https://b.example"),
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (f"x = {'[' * 3000}{']' * 3000}", "too deep"),
        ('[identity]\nmethod = "bankid"', "[[identity]]"),
        ('[timestamp]\nurl = "ftp://x.example"\nroots = "r.pem"', "timestamp.url"),
    ],
)
def test_a_setting_that_cannot_be_says_what_to_write(empty: Path, written: str, told: str) -> None:
    (empty / "plansigill.toml").write_text(f"test = true\n{written}\n", "utf-8")
    said = ask("status", home=empty)
    assert (said.code, said.error) == (2, "installning_ogiltig")
    assert told in said.err


def test_a_file_with_a_byte_order_mark_is_read_as_without(empty: Path) -> None:
    for name in ("plansigill.toml", "personer.toml"):
        path = empty / name
        path.write_bytes(b"\xef\xbb\xbf" + (path.read_bytes() if path.exists() else b""))
    assert ask("status", home=empty).code == 0


NUMBER = "19420119-9124"
TABLE = f'[{NUMBER}]\nnamn = "A"\n'


@pytest.mark.parametrize("written", [TABLE, TABLE + TABLE])
def test_a_number_in_the_staffs_file_is_not_repeated(empty: Path, written: str) -> None:
    (empty / "personer.toml").write_text(written, "utf-8")
    said = ask("status", home=empty)
    assert (said.code, said.error) == (2, "installning_ogiltig")
    assert NUMBER not in said.out + said.err
    assert "********-****" in said.err


ONCE = """
[nb-1]
namn = "Kim Vik"
{one}
roller = ["kontaktman"]
[nb-2]
namn = "K. Vik"
{other}
roller = ["enhetschef"]
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('hsa_id = "SE9901000000-1042x"', 'hsa_id = "se99010000001042X"'),
        ('org_id = "kim.vik@9901000000"', 'org_id = "Kim.Vik@9901000000"'),
        (f'personnummer = "{NUMBER}"', f'personnummer = "{NUMBER.replace("-", "")}"'),
    ],
)
def test_a_person_stands_once_in_the_staffs_file(empty: Path, one: str, other: str) -> None:
    (empty / "personer.toml").write_text(ONCE.format(one=one, other=other), "utf-8")
    said = ask("status", home=empty)
    assert (said.code, said.error) == (2, "person_tva_ganger")
    assert "nb-1" in said.err and "nb-2" in said.err and NUMBER not in said.err


@pytest.mark.parametrize("name", ["vad?1", "a%20b", "a#b?mode=ro", "å ä ö"])
def test_a_workspace_lies_in_its_own_folder_whatever_that_is_called(made: Path, tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    assert ask("init", home, "--test").code == 0
    assert ask("process", PLAN_FILE, home=home).code == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (home / "archive" / "index.db").stat().st_size > 0
    assert len(ask("status", home=home).value["results"]) == 1


def test_init_makes_a_workspace_once(tmp_path: Path) -> None:
    said = ask("init", tmp_path / "ny", "--test")
    assert said.code == 0
    assert said.value == {"workspace": str(tmp_path / "ny"), "test": True}
    before = contents(tmp_path)
    again = ask("init", tmp_path / "ny")
    assert (again.code, again.error) == (2, "arbetsyta_finns")
    assert contents(tmp_path) == before


def test_init_without_test_makes_one_where_nobody_can_sign_yet(tmp_path: Path) -> None:
    home = tmp_path / "riktig"
    assert ask("init", home).value["test"] is False
    said = ask("doctor", home=home)
    assert said.code == 1
    failed = {check["id"] for check in said.value["checks"] if check["status"] == "failed"}
    assert failed == {"tidsstampel", "personer", "legitimering"}
    assert ask("process", PLAN_FILE, home=home).code == 0
    refused = ask("sign", PLAN, "--role", "brukare", home=home)
    assert (refused.code, refused.error) == (2, "ingen_legitimering")


def test_init_in_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "fil").touch()
    said = ask("init", tmp_path / "fil" / "under")
    assert (said.code, said.error) == (3, "lagring")


def test_doctor(empty: Path) -> None:
    said = ask("doctor", home=empty)
    assert said.code == 0
    assert {check["status"] for check in said.value["checks"]} == {"ok", "hint"}
    (empty / "outbox").rmdir()
    said = ask("doctor", home=empty)
    assert said.code == 1
    assert [check["id"] for check in said.value["checks"] if check["status"] == "failed"] == ["mappar"]
    (empty / "keys" / "keys.db").unlink()  # as on a disk that is full or read-only: it is looked at all the same
    said = ask("doctor", home=empty)
    assert said.code == 1
    assert [(check["id"], check["status"]) for check in said.value["checks"]] == [
        ("arbetsyta", "failed"), ("mappar", "failed"), ("disk", "ok"),
    ]  # fmt: skip
    (empty / "master.key").unlink()
    said = ask("doctor", home=empty)
    assert said.code in {2, 3}
    assert said.error == "huvudnyckel_saknas"


def test_a_time_stamp_server_that_is_down_is_tried_again(open_town: Path) -> None:
    trust = ask("trust", "--out", open_town / "tsa.pem", home=open_town)
    assert trust.value["file"] == "tsa.pem"
    config = open_town / "plansigill.toml"
    was = config.read_text()
    config.write_text(was + '[timestamp]\nurl = "http://127.0.0.1:9/tsa"\nroots = "tsa.pem"\n')
    said = ask("sign", PLAN, "--role", "brukare", home=open_town)
    assert (said.code, said.error) == (3, "tidsstampel_onabar")
    value = ask("status", PLAN, home=open_town).value
    assert value["slots"][0]["outcome"] is None
    assert [step["error_code"] for step in value["waiting"] if step["kind"] == "sign"] == ["tidsstampel_onabar"]
    assert [c["id"] for c in ask("doctor", home=open_town).value["checks"] if c["status"] == "failed"] == [
        "tidsstampel"
    ]
    config.write_text(was)
    said = ask("sign", PLAN, "--role", "brukare", home=open_town)
    assert said.code == 0
    assert said.value["slots"][0]["outcome"] == "signed"


def test_check_prints_one_object_a_line_and_needs_no_workspace(in_tmp: Path) -> None:
    kinds = ("hemtjanst-kort", "lss-avstar", "skyddad", "uppdrag-utan-plan", "handelse-uppfoljning")
    files = [SAMPLES / f"{name}.json" for name in kinds]
    said = ask("check", *files)
    assert said.code == 0, said.out
    assert [line["file"] for line in said.lines] == [str(file) for file in files]
    assert {line["outcome"] for line in said.lines} == {"ready"}
    assert said.lines[0]["plan_id"] == PLAN
    assert said.lines[0]["profile"] == "omsorg_lifecare"
    assert said.lines[0]["deadlines"]
    assert list(in_tmp.iterdir()) == []


def unreadable(tmp: Path, value: object) -> tuple[str, str | None]:
    file = put(tmp / "plan.json", value)
    said = ask("check", file, home=tmp)
    assert said.code == 1
    assert said.value["outcome"] == "unreadable"
    assert {finding["level"] for finding in said.value["findings"]} == {"stop"}
    first = said.value["findings"][0]
    return first["code"], first["field"]


def test_check_of_what_is_no_valid_plan(tmp_path: Path) -> None:
    assert unreadable(tmp_path, sample(profil="finns_inte")) == ("okand_profil", "profil")
    assert unreadable(tmp_path, sample(insatzer=[])) == ("okand_nyckel", "insatzer")
    assert unreadable(tmp_path, sample(plan_id=7)) == ("schema", "plan_id")
    assert unreadable(tmp_path, sample(schema="annat/1"))[0] == "schema"
    assert unreadable(tmp_path, [])[0] in {"format", "schema"}
    (tmp_path / "sopor.json").write_bytes(b"\xff\xfe{")
    (line,) = ask("check", tmp_path / "sopor.json").lines
    assert (line["outcome"], line["findings"][0]["code"]) == ("unreadable", "format")


def test_check_of_an_incomplete_plan(tmp_path: Path) -> None:
    said = ask("check", put(tmp_path / "plan.json", sample(mal=[])), PLAN_FILE)
    assert said.code == 1
    assert [line["outcome"] for line in said.lines] == ["incomplete", "ready"]
    assert "stop" in {finding["level"] for finding in said.lines[0]["findings"]}


@pytest.mark.parametrize("command", ["check", "process", "record", "verify"])
def test_a_file_that_cannot_be_read_is_wrong_usage(command: str, empty: Path) -> None:
    for file in (empty / "finns-inte.json", empty / "inbox"):
        said = ask(command, file, home=empty)
        assert (said.code, said.error) == (2, "fil_gar_inte_att_lasa")


@pytest.mark.parametrize("command", ["check", "preview", "process", "record", "verify"])
def test_a_pipe_or_a_device_is_refused_at_once(command: str, empty: Path) -> None:
    """Nobody writes to the pipe: to read it is to wait for ever. Every word that reads a file reads it in one way."""
    os.mkfifo(empty / "ror.pdf")
    for file in (empty / "ror.pdf", Path("/dev/zero")):
        said = ask(command, file, home=empty)
        assert (said.code, said.error) == (2, "fil_ar_ingen_vanlig"), said.err


def test_paths_are_relative_to_the_workspace_when_inside_it(empty: Path, in_tmp: Path) -> None:
    inside = put(empty / "inbox" / "plan.json", sample(profil="finns_inte"))
    outside = put(in_tmp / "plan.json", sample(profil="finns_inte"))
    files = [line["file"] for line in ask("check", inside, outside, "plan.json", home=empty).lines]
    assert files == ["inbox/plan.json", str(outside), "plan.json"]
    results = ask("process", inside, outside, home=empty).value["results"]
    assert [result["file"] for result in results] == ["inbox/plan.json", str(outside)]


def test_status_of_an_unknown_plan(empty: Path) -> None:
    said = ask("status", "GP-FINNS-INTE", home=empty)
    assert (said.code, said.error) == (1, "okand_plan")
    assert ask("status", home=empty).value == {"results": []}
    assert ask("due", home=empty).value == {"results": []}


def test_trust_is_what_openssl_trusts(archive: Archive, tmp_path: Path) -> None:
    said = ask("trust", "--out", tmp_path / "rot.pem", home=archive.home)
    assert said.code == 0
    assert (tmp_path / "rot.pem").read_text() == said.value["pem"]
    roots = said.value["pem"].count("BEGIN CERTIFICATE")
    assert roots >= 1
    for name in ("issuing_cert", "tsa_cert"):
        chain = ("openssl", "verify", "-CAfile", tmp_path / "rot.pem", archive.home / "keys" / f"{name}.pem")
        done = subprocess.run([str(word) for word in chain], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    plain = run_cli("trust", home=archive.home)
    read = subprocess.run(
        ["openssl", "x509", "-noout", "-subject"], input=plain.out, check=False, capture_output=True, text=True
    )
    assert "Plansigill" in read.stdout
    assert "PRIVATE" not in plain.out


def test_demo_makes_anew_only_what_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "brev.txt").write_text("mitt")
    said = ask("demo", tmp_path)
    assert (said.code, said.error) == (2, "demo_mapp")
    assert (tmp_path / "brev.txt").read_text() == "mitt"


def test_a_name_that_is_no_text_is_still_json(tmp_path: Path) -> None:
    name = b"plan-\xff-\xc3\xa5.json"
    (tmp_path / name.decode("utf-8", "surrogateescape")).write_text("{}")
    for language in ("C.UTF-8", "C", "POSIX"):
        command = [sys.executable, "-c", "from pipeline.cli import main; main()", "check", name, "--json"]
        environment = {"PYTHONPATH": ":".join(sys.path), "LC_ALL": language, "PYTHONIOENCODING": "latin-1"}
        done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True)
        assert done.returncode == 1, done.stderr
        assert "unreadable" in done.stdout.decode("utf-8")


def test_a_process_of_its_own_says_the_same(open_town: Path, tmp_path: Path) -> None:
    said = run_process("status", PLAN, "--json", cwd=tmp_path, PLANSIGILL_HOME=str(open_town))
    assert (said.code, said.err) == (0, "")
    assert said.value == ask("status", PLAN, home=open_town).value
    said = run_process("status", "GP-FINNS-INTE", "--json", cwd=open_town)
    assert (said.code, said.error) == (1, "okand_plan")
    said = run_process("find", PLAN, "--json", cwd=open_town)
    assert (said.code, said.error) == (2, "andamal_saknas")
    said = run_process("check", PLAN_FILE, cwd=tmp_path)
    assert said.code == 0
    assert "klar att tas emot" in said.out


def test_help_loads_nothing_heavy() -> None:
    told = (
        "import sys; sys.argv = ['plansigill', '--help']\n"
        "from pipeline.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", told], env=environment, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "typer" in loaded
    heavy = {"pydantic", "sqlalchemy", "alembic", "weasyprint", "pyhanko", "cryptography", "jinja2", "rich", "docxtpl"}
    assert not loaded & heavy
