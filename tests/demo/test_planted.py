"""The shop is in good health before the faults are planted, and after them exactly what was planted is found."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.demo.places import open_to_servers
from tests.lab import asking
from upkeep.config.inventory import load
from upkeep.demo import begin, made_up, past, servers, shop
from upkeep.demo.planted import PLANTED, Found, Planted, invented, missed
from upkeep.demo.state import State
from upkeep.demo.supervise import Supervisor
from upkeep.discovery import discover
from upkeep.duty import History
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port
from upkeep.store.answers import connected
from upkeep.store.history import StoredHistory
from upkeep.store.key import Key
from upkeep.targets.database import Database
from upkeep.window import Cadence, Window

REPORTED = "select sum(calls) > 5 from pg_stat_statements where query like '%dollar_rate%' and query like '%revenue%'"
TRACKED = "select sum(total_exec_time) > 2000 from pg_stat_statements where query like '%from orders where tracking_code%'"
UTC_ZONE = ZoneInfo("UTC")


def finding(duty: str, rule: str, about: str) -> Found:
    return Found("high", "shop", duty, rule, about, "a title")


def test_a_finding_is_explained_by_duty_rule_and_object() -> None:
    planted = (Planted("f", "sequences", "sequence_near_end", "invoices"),)
    right = finding("sequences", "sequence_near_end", "public.invoices_id_seq")
    wrong = [finding("sequences", "other", "invoices"), finding("sequences", "sequence_near_end", "public.orders")]
    assert (missed([right], planted), invented([right], planted)) == ([], [])
    assert (missed(wrong, planted), invented(wrong, planted)) == (list(planted), wrong)


def test_every_fault_that_was_promised_is_planted() -> None:
    assert len({p.fault for p in PLANTED}) == 15


@contextmanager
def running(module: str, where: Endpoint, **more: str) -> Iterator[None]:
    login = {"PGHOST": where.host, "PGPORT": str(where.port), "PGUSER": str(where.user), "PGPASSWORD": str(where.password)}
    words = [sys.executable, "-m", f"upkeep.demo.{module}"]
    with subprocess.Popen(words, env={**os.environ, **login, "PGDATABASE": str(where.database), **more}) as process:
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
        yield begin.Demo(tmp_path, state, Supervisor(print), servers.prepare_reports(reports, state), production)
    finally:
        reports.remove()
        production.remove()


@pytest.mark.slow
def test_each_planted_fault_is_found_and_nothing_is_invented(demo: begin.Demo) -> None:
    # Late enough that the day holds what is planted, however busy the machine is.
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=45)
    day = Window(end - timedelta(days=1), end)
    begin.write_inventory(demo.inventory, end)
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
    assert (missed(findings), invented(findings)) == ([], [])


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
        if duty.cadence not in {Cadence.DAILY, Cadence.WEEKLY} or duty.target is not Database:
            continue
        window = day if duty.cadence is Cadence.DAILY else duty.cadence.last_full(day.end, UTC_ZONE)
        with connected(demo.store) as store:
            history = StoredHistory(store, Key.of(duty, shop.name, window))
            answer = ask(asking(duty, shop, OneDatabase(monitor), window=window), {History: history})
        for f in answer.findings:
            yield Found(f.severity.label, shop.name, duty.name, f.rule, f.object, f.title)
