"""The shop is in good health before the faults are planted, and after them exactly what was planted is found."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import pytest

from tests.demo.places import open_to_servers
from tests.lab import asking
from upkeep.answer import Answer
from upkeep.cli.job import present
from upkeep.config.inventory import load
from upkeep.demo import begin, made_up, past, servers, shop
from upkeep.demo.planted import PLANTED, Found, Planted, invented, missed
from upkeep.demo.state import State
from upkeep.demo.supervise import Supervisor
from upkeep.demo.web import watched
from upkeep.discovery import discover
from upkeep.duty import History, Progress
from upkeep.runner import ask, ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port
from upkeep.store.answers import Provenance, connected
from upkeep.store.history import StoredHistory
from upkeep.store.key import Key
from upkeep.store.sync_definitions import declare
from upkeep.targets.database import Database
from upkeep.window import Cadence, Window

REPORTED = "select sum(calls) > 5 from pg_stat_statements where query like '%dollar_rate%' and query like '%revenue%'"
TRACKED = "select sum(total_exec_time) > 2000 from pg_stat_statements where query like '%from orders where tracking_code%'"
UTC_ZONE = ZoneInfo("UTC")


JOBS = ("backup", "statistics", "vacuum", "archive", "restore_test", "disaster_drill")
OF_THE_SHOP = [p for p in PLANTED if p.duty in {duty.name for duty in discover() if duty.target is Database}]
LOGINS = {"shop_db": "upkeep_monitor", "shop_backup": "upkeep_backup", "shop_maintenance": "upkeep_maintenance"}


@dataclass(frozen=True)
class Logins:
    """The shop's connections, each with its own login; the store is a folder."""

    demo: begin.Demo

    def postgres(self, connection_id: str) -> Endpoint:
        """The shop as this connection's own role."""
        return shop.login(self.demo.production, self.demo.state, LOGINS[connection_id])

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """A folder of this machine."""
        assert connection_id is None
        return open_store(url)

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> NoReturn:
        """Never asked."""
        raise AssertionError((connection_id, service, region))


def _job(demo: begin.Demo, target: Database, name: str) -> Answer:
    """One job as its task does it, its answer stored."""
    duty = next(each for each in discover() if each.name == name)
    now = datetime.now(UTC)
    with connected(demo.store) as store:
        declare(store, load(demo.inventory), discover())
    asked = asking(
        duty, target, Logins(demo), window=present(duty.cadence, now, load(demo.inventory)),
        provenance=Provenance("", "", "", -1, 0, now, 0),
    )  # fmt: skip
    return ask_and_store(asked, demo.store, {Progress: lambda *_: None})


def finding(duty: str, rule: str, about: str) -> Found:
    return Found("high", "shop", duty, rule, about, "a title")


def test_a_finding_is_explained_by_duty_rule_and_object() -> None:
    planted = (Planted("f", "sequences", "sequence_near_end", "invoices"),)
    right = finding("sequences", "sequence_near_end", "public.invoices_id_seq")
    wrong = [finding("sequences", "other", "invoices"), finding("sequences", "sequence_near_end", "public.orders")]
    assert (missed([right], planted), invented([right], planted)) == ([], [])
    assert (missed(wrong, planted), invented(wrong, planted)) == (list(planted), wrong)


def test_every_fault_that_was_promised_is_planted() -> None:
    assert len({p.fault for p in PLANTED}) == 45 + watched.installed()


@contextmanager
def running(module: str, where: Endpoint, **more: str) -> Iterator[None]:
    login = {"PGHOST": where.host, "PGPORT": str(where.port), "PGUSER": str(where.user), "PGPASSWORD": str(where.password)}
    args = [sys.executable, "-m", f"upkeep.demo.{module}"]
    with subprocess.Popen(args, env={**os.environ, **login, "PGDATABASE": str(where.database), **more}) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[begin.Demo]:
    """Both servers and the shop in good health; no Airflow, no Slack."""
    open_to_servers(tmp_path)
    state = State.load(tmp_path)
    state.ports = {"report database": free_port(), "shop database": free_port()}
    reports, production = servers.report_server(tmp_path, state), servers.production_server(tmp_path, state)
    try:
        reports.start()
        production.start()
        shop.build(production, state)
        store = servers.prepare_reports(reports, state)
        yield begin.Demo(tmp_path, state, Supervisor(print), store, production, store)
    finally:
        reports.remove()
        production.remove()


@pytest.mark.slow
def test_each_planted_fault_is_found_and_nothing_is_invented(demo: begin.Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    # Late enough that the day holds what is planted, however busy the machine is.
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=45)
    day = Window(end - timedelta(days=1), end)
    begin.write_inventory(demo.inventory, end)
    monkeypatch.setenv("UPKEEP_INVENTORY", str(demo.inventory))
    target = begin.shop_target(demo.inventory)
    app = shop.login(demo.production, demo.state, "shop_app")
    monitor = shop.login(demo.production, demo.state, "upkeep_monitor")
    with running("load", app):
        shop.forget_statistics(demo.production)
        healthy = past.measure(target, monitor, 15)
    assert past.unhealthy(healthy) == []
    with connected(demo.store) as store:
        made_up.tell(store, load(demo.inventory), target, healthy, day)
    shop.spoil(demo.production)
    held = {f"{name.upper()}_PASSWORD": demo.state.secret(f"{name} login") for name in ("shop_reports", "shop_importer")}
    with running("load", app, UPKEEP_DEMO_REPORT="1"), running("sessions", app, **held):
        _until(demo, REPORTED)
        _until(demo, TRACKED)
        time.sleep(15)  # longer than the limits on what idles, waits and is abandoned
        findings = list(_everything(demo, target, monitor, day))
        assert (missed(findings, OF_THE_SHOP), invented(findings, OF_THE_SHOP)) == ([], [])
        answers = {name: _job(demo, target, name) for name in JOBS}
        assert {name: answer.status.value for name, answer in answers.items()} == dict.fromkeys(JOBS, "ok"), answers
        left = {f.duty for f in _everything(demo, target, monitor, day)}
    assert "stale_statistics" not in left, "statistics has cured it"
    assert re.search(r"[1-9][\d,]* rows", answers["archive"].summary)


def _until(demo: begin.Demo, enough: str) -> None:
    """Wait until the shop has done enough for a check to judge, however fast this machine is."""
    for _ in range(600):
        with demo.production.endpoint("shop").connect("tests") as admin:
            row = admin.execute(enough.encode()).fetchone()
        if row and row[0]:
            return
        time.sleep(0.5)
    raise AssertionError(f"not in five minutes: {enough}")


def _everything(demo: begin.Demo, shop: Database, monitor: Endpoint, day: Window) -> Iterator[Found]:
    for duty in discover():
        if duty.kind != "check" or duty.target is not Database:
            continue
        window = day if duty.cadence is Cadence.DAILY else duty.cadence.last_full(day.end, UTC_ZONE)
        with connected(demo.store) as store:
            history = StoredHistory(store, Key.of(duty, shop.name, window))
            answer = ask(asking(duty, shop, OneDatabase(monitor), window=window), {History: history})
        for f in answer.findings:
            yield Found(f.severity.label, shop.name, duty.name, f.rule, f.object, f.title)
