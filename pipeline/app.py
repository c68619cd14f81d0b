"""The one place where settings become objects: opening a workspace, and making one."""

import atexit
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w

from pipeline.archive.ocfl import create_storage_root, open_storage_root
from pipeline.backends import backends, issuer_key, trusted_roots
from pipeline.casework.cases import answering
from pipeline.casework.people import PEOPLE_NAME, load_people
from pipeline.casework.tools import Tools
from pipeline.documents.bundle import templates
from pipeline.engine.worker import Worker
from pipeline.errors import EnvironmentFailed, Misuse
from pipeline.journey import worker as story_worker
from pipeline.plan.profile import Profil, parse_profile
from pipeline.settings import CONFIG_NAME, Settings, Timestamp, Weakened, load_settings, objects_path, sqlite_path
from pipeline.store.db import open_database
from pipeline.store.durable import disk, make_folder, sync_folder, write_whole
from pipeline.store.keys import create_keys, create_master_key, derived_secret, open_keys
from pipeline.store.objects import Objects
from pipeline.store.rows import plan_ids
from pipeline.ways import ways

if TYPE_CHECKING:
    from signatures.issuer import Issuer, IssuerMaterial, KeyPool
    from signatures.tsa import Timestamper
    from signatures.verify import Trust
    from signatures.verify import Weakened as Fallen

KEYS_AHEAD = 2
ISSUER_PARTS = ("root_cert", "issuing_cert", "tsa_cert", "root_key", "issuing_key", "tsa_key")
PEOPLE_HELP = """\
# Vem som får skriva under: en tabell för varje personal_id i planerna.
# Who may sign: one table for each personal_id of the plans.
#
# [nb-1042]
# namn = "Emma Sjöö"
# hsa_id = "SE0000000000-1042"     # eller/or personnummer = "...", org_id = "emma.sjoo@0000000000"
# roller = ["kontaktman"]          # kontaktman, enhetschef, handlaggare, extern_utforare, registrator
# enhet = "Hemtjänst Björkebo"     # valfri/optional
"""


def system_clock() -> datetime:
    """The machine's clock; the only place where the program reads it."""
    return datetime.now(UTC)


def load_profiles() -> Mapping[str, Profil]:
    """The routine profiles that the installation carries, by name."""
    found = (parse_profile(path.read_text("utf-8")) for path in sorted((templates() / "rutiner").glob("*.toml")))
    return {profil.profil: profil for profil in found}


def open_workspace(home: Path, clock: Callable[[], datetime] = system_clock) -> Tools:
    """The tools of the workspace `home`; raises `Misuse` when it is none, `EnvironmentFailed` when a part is gone."""
    home = home.resolve()
    settings = load_settings(home)
    keys = open_keys(home / settings.master_key, home / settings.keys / "keys.db")
    root = objects_path(home, settings.archive.objects)
    index = sqlite_path(home, settings.archive.index)
    if not index.is_file():  # opening it would make a new, empty one beside an archive that has plans
        raise EnvironmentFailed("index_saknas", file=index.name)
    issuer = cache(partial(_issuer, home, settings, clock))  # opening its keys takes a while, and two parts ask for it
    return Tools(
        home=home,
        settings=settings,
        clock=clock,
        db=open_database(index),
        keys=keys,
        objects=Objects(root.parent, keys),
        ocfl=open_storage_root(root),
        profiles=load_profiles(),
        people=load_people(home),
        make_issuer=issuer,
        make_timestamper=partial(_timestamper, home, settings, issuer),
        make_trust=partial(_trust, home, settings),
        make_providers=partial(ways, home, settings),
        make_backends=partial(backends, home, settings),
    )


def open_worker(home: Path) -> Worker:
    """The step runner of a workspace, as each worker process makes its own."""
    tools = open_workspace(home)
    return story_worker(replace(tools, make_issuer=partial(_with_keys_ahead, tools.make_issuer)))


def _with_keys_ahead(make_issuer: "Callable[[], Issuer]") -> "Issuer":
    return replace(make_issuer(), keys=_keys_ahead())


@cache
def _keys_ahead() -> "KeyPool":
    """Keys made while nobody waits, from the first act on; a process that lives long has one ready for each."""
    from signatures.issuer import KeyPool

    pool = KeyPool(KEYS_AHEAD)
    kept = ExitStack()
    kept.enter_context(pool.kept_full())
    atexit.register(kept.close)
    return pool


def _issuer(home: Path, settings: Settings, clock: Callable[[], datetime]) -> "Issuer":
    from signatures.errors import BackendRefused
    from signatures.issuer import Issuer, IssuerMaterial, with_new_time_stamp_unit
    from signatures.issuer_token import is_issued_for, with_key_in_token

    folder, passphrase = home / settings.keys, _passphrase(home, settings)
    try:
        parts = {name: (folder / f"{name}.pem").read_bytes() for name in ISSUER_PARTS}
    except OSError as error:
        raise EnvironmentFailed("utfardare_saknas") from error
    material = IssuerMaterial(test=settings.test, **parts)
    if settings.issuer is None and not material.issuing_key:
        raise Misuse("installning_ogiltig", key="issuer", rule="the issuing key lies in a token; say in which")
    with answering(ours=BackendRefused):  # a token that is not as the settings say holds the plans up, and ends none
        key = issuer_key(home, settings)
        if key is not None and (material.issuing_key or not is_issued_for(material, key)):
            material = _rewritten(folder, with_key_in_token(material, passphrase, key, clock()), "issuing")
        issuer = Issuer.load(material, passphrase, issuing_key=key)
        margin = timedelta(days=settings.renewal.days_before)
        if issuer.tsa is None or issuer.tsa.not_valid_after_utc - margin > clock():
            return issuer
        # as a real time-stamp server changes its own
        material = _rewritten(folder, with_new_time_stamp_unit(material, passphrase, clock(), key), "tsa")
        return Issuer.load(material, passphrase, issuing_key=key)


def _rewritten(folder: Path, material: "IssuerMaterial", part: str) -> "IssuerMaterial":
    """The certificate first: with its old key beside it the work is only half done, and is done again."""
    with disk():
        for name in (f"{part}_cert", f"{part}_key"):
            write_whole(folder / f"{name}.pem", getattr(material, name))
    return material


def _passphrase(home: Path, settings: Settings) -> bytes:
    return derived_secret(home / settings.master_key, b"plansigill issuer v1").hex().encode()


def _timestamper(home: Path, settings: Settings, issuer: "Callable[[], Issuer]") -> "Timestamper":
    from signatures.tsa import LocalTimestamper
    from signatures.tsa_http import HttpTimestamper

    if settings.timestamp is not None:
        server = settings.timestamp
        roots = _timestamp_roots(home, server)
        return HttpTimestamper(url=server.url, roots_pem=roots, timeout=server.timeout_seconds)
    if settings.test:
        return LocalTimestamper(issuer())
    raise Misuse("tidsstampel_saknas")


def _trust(home: Path, settings: Settings) -> "Trust":
    """The roots as files: looking at a signature opens no key. Without a time-stamp server no time stamp is trusted."""
    from signatures.verify import Trust

    root = _certificate(home / settings.keys / "root_cert.pem")
    people = root + trusted_roots(home, settings)
    weakened = tuple(_weakened(each) for each in settings.renewal.weakened)
    if settings.timestamp is not None:
        return Trust(people, _timestamp_roots(home, settings.timestamp), weakened)
    return Trust(people, root if settings.test else b"", weakened)


def _weakened(said: Weakened) -> "Fallen":
    from signatures.verify import Weakened as Fallen
    from signatures.verify.strength import is_known

    if not is_known(said.algorithm):
        raise Misuse("installning_ogiltig", key="renewal.weakened", rule=said.algorithm)
    return Fallen(said.algorithm, datetime.combine(said.since, time(), UTC))


def _certificate(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EnvironmentFailed("utfardare_saknas") from error


def _timestamp_roots(home: Path, server: Timestamp) -> bytes:
    try:
        return (home / server.roots).read_bytes()
    except OSError as error:
        raise Misuse("installning_ogiltig", key="timestamp.roots", rule="PEM") from error


def make_workspace(home: Path, *, test: bool, clock: Callable[[], datetime] = system_clock) -> Tools:
    """Make the folder `home` a workspace; `plansigill.toml` comes last, so what stopped half-way can be run again.

    Raises `Misuse` when it is one already.
    """
    home = home.resolve()
    if (home / CONFIG_NAME).exists():
        raise Misuse("arbetsyta_finns", folder=home)
    settings = Settings(test=test)
    with disk():
        home.mkdir(parents=True, exist_ok=True)
        for name in (settings.keys, "archive"):  # for nobody but the service
            make_folder(home / name)
        for name in (settings.inbox.folder, settings.outbox.folder):  # for people: the system's own rights apply
            (home / name).mkdir(exist_ok=True)
    if not (home / settings.master_key).exists():
        create_master_key(home / settings.master_key)
    create_keys(home / settings.master_key, home / settings.keys / "keys.db")
    create_storage_root(objects_path(home, settings.archive.objects))
    with open_database(sqlite_path(home, settings.archive.index)).read() as conn:
        if plan_ids(conn):  # only the settings file is gone: a new issuer must not replace the one that has signed
            raise Misuse("arbetsyta_finns", folder=home)
    _make_issuer(home, settings, clock())
    with disk():
        if not (home / PEOPLE_NAME).exists():
            write_whole(home / PEOPLE_NAME, PEOPLE_HELP.encode())
        write_whole(home / CONFIG_NAME, tomli_w.dumps({"test": test}).encode())
        sync_folder(home)
    return open_workspace(home, clock)


def _make_issuer(home: Path, settings: Settings, now: datetime) -> None:
    from signatures.issuer import create_issuer

    folder = home / settings.keys
    material = create_issuer(now, "Plansigill", test=settings.test, passphrase=_passphrase(home, settings))
    with disk():
        for name in ISSUER_PARTS:
            write_whole(folder / f"{name}.pem", getattr(material, name))
