"""A daemon over a step table whose steps write one row each into `effect`: what the kill tests start and kill.

Arguments: database, lock file, folder for signs, workers, lease in seconds.
"""

import functools
import logging
import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from pipeline.engine import claims, runner
from pipeline.engine.daemon import alone, stopping
from pipeline.engine.step import NewStep, Step
from pipeline.engine.worker import Effect, Worker
from pipeline.store.db import open_database

CHAIN = 3


def now() -> datetime:
    return datetime.now(UTC)


def effect_of(step: Step) -> Effect:
    def effect(conn: sa.Connection) -> None:
        conn.exec_driver_sql(
            "insert into effect (plan, key, at) values (?, ?, ?)", (step.plan_id, step.key, str(now()))
        )
        number = int(step.key.rpartition(":")[2])
        if number < CHAIN:
            claims.enqueue(conn, NewStep(f"{step.plan_id}:{number + 1}", step.kind, step.plan_id), now())

    return effect


def short(step: Step) -> Effect:
    threading.Event().wait(0.02)
    return effect_of(step)


def gated(signs: Path, step: Step) -> Effect:
    (signs / f"started-{os.getpid()}").touch()
    while not (signs / "go").exists():
        threading.Event().wait(0.02)
    return effect_of(step)


def factory(database: str, signs: str, lease: str) -> Worker:
    logging.basicConfig(level=logging.INFO, format="%(process)d %(message)s")
    handlers = {"short": short, "gated": functools.partial(gated, Path(signs))}
    return Worker(open_database(Path(database)), handlers, now, lease=timedelta(seconds=float(lease)))


def main(database: str, lock: str, signs: str, workers: str, lease: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(process)d %(message)s")
    options = runner.Options(workers=int(workers), steps_per_process=12, idle=0.05)
    with alone(Path(lock)), stopping() as stop:
        runner.supervise(functools.partial(factory, database, signs, lease), options, stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
