"""The steps of a start, in order. Each first step is remembered when it is done, so that the next start goes on from there."""

import os
import shutil
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from upkeep.config.inventory import load
from upkeep.demo import airflow, logins, made_up, past, servers, shop, shop_secrets, source_code
from upkeep.demo.cloud import made as cloud
from upkeep.demo.connections import connections
from upkeep.demo.costs import account
from upkeep.demo.show import say, stage
from upkeep.demo.state import ROOT, State
from upkeep.demo.supervise import Program, Supervisor
from upkeep.demo.web import made as web
from upkeep.demo.web import watched
from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import connected
from upkeep.targets.database import Database
from upkeep.window import Cadence, Window

CHANNEL = "C0OPERATIONS"
BASELINE_S = 20
PLANTED = "faults planted"
# The first day ends this long after the faults are planted, so that the day's log holds them.
DAY_ENDS_IN = timedelta(seconds=45)
TELLING = timedelta(seconds=75)
"""How long an idle machine takes to tell the made-up past."""


@dataclass
class Demo:
    """What is running, and where."""

    home: Path
    state: State
    supervisor: Supervisor
    store: Endpoint
    production: ScratchServer
    metadata: Endpoint

    @property
    def inventory(self) -> Path:
        """The inventory that this demo's Airflow reads."""
        return self.home / "inventory.yaml"

    @property
    def tries(self) -> Path:
        """Where each login of the shop is noted."""
        return self.home / "logs" / "logins.jsonl"

    @staticmethod
    def psql(where: Endpoint) -> str:
        """How to log in by hand; its password is in the state file."""
        return f"psql -h {where.host} -p {where.port} -U {where.user} {where.database}"


def begin(home: Path, state: State, supervisor: Supervisor) -> Demo:
    """
    Servers, shop, load, faults and Airflow's pages, until they answer; `begin_rest` follows.

    Four programs that start at once on two cores keep each other waiting, and the pages, which are what people look at, need one
    of them alone: it goes first, and where the shop is there already, before anything else.
    """
    reports, production = servers.report_server(home, state), servers.production_server(home, state)
    with stage("PostgreSQL for Upkeep and Airflow, and one for the shop"):
        _start_server(reports, "report database", state, supervisor)
        _start_server(production, "shop database", state, supervisor)
        store = servers.prepare_reports(reports, state)
    metadata = reports.endpoint("airflow", "airflow", state.secret("airflow database"))
    demo = Demo(home, state, supervisor, store, production, metadata)
    with stage("Airflow's own tables"):
        airflow.migrate_metadata(state, _environment(demo))
    if again := state.is_done(PLANTED):
        _start_airflow(demo, airflow.PAGES)
    source_code.make_once(demo.home, state)
    _first_shop(demo)
    _spoilt_shop(demo)
    with stage("Stand-ins for Slack and for AWS"):
        _start_slack(demo)
        supervisor.start(cloud.program(home, state))
    if not again:
        _start_airflow(demo, airflow.PAGES)
    with stage("Airflow's pages"):
        airflow.wait_until_healthy(state, supervisor.mend, airflow.PAGES)
    return demo


def begin_rest(demo: Demo) -> None:
    """What runs DAGs, until it is healthy."""
    with stage("Airflow: scheduler, dag-processor, triggerer"):
        _start_airflow(demo, airflow.REST)
        airflow.wait_until_healthy(demo.state, demo.supervisor.mend)


def _start_airflow(demo: Demo, components: Collection[str]) -> None:
    airflow.start(demo.supervisor, demo.state, _environment(demo), components)


def _environment(demo: Demo) -> dict[str, str]:
    return airflow.environment(demo.state, demo.metadata, _connections(demo))


def _start_server(server: ScratchServer, port: str, state: State, supervisor: Supervisor) -> None:
    supervisor.own_server(server.data)
    try:
        server.start()
    except UpkeepError:
        # Another program may have taken the port since it was looked at.
        if not state.settle_port(port, say):
            raise
        server.port = state.ports[port]
        server.start()


def _first_shop(demo: Demo) -> None:
    if demo.state.is_done("shop built"):
        return
    with stage("A web shop's database"):
        shop.build(demo.production, demo.state)
    demo.state.mark("shop built")


def _spoilt_shop(demo: Demo) -> None:
    """The healthy past, once, then the faults, once; then what must run at every start."""
    shop_secrets.make_once(demo.production, demo.home, demo.state)
    if not demo.state.is_done(PLANTED):
        load = _start_load(demo, report=False)
        say(f"Measuring the shop for {BASELINE_S} s while nothing is wrong: what some checks compare with")
        with stage(f"Its healthy past, and {made_up.DAYS} days made up of it"):
            _simulate_past(demo)
        with stage("Faults planted"):
            shop.spoil(demo.production)
        demo.supervisor.drop(load)
        demo.state.mark(PLANTED)
    _start_load(demo, report=True)
    _start("logins", demo, {logins.TRIES: str(demo.tries)})
    watched.start(demo.home, demo.state, demo.supervisor)
    _start("web", demo, {}, str(demo.state.ports["web"]), str(web.folder(demo.home)), str(watched.targets(demo.home)))
    held = ("shop_reports", "shop_importer")
    _start("sessions", demo, {f"{name.upper()}_PASSWORD": demo.state.secret(f"{name} login") for name in held})


def _simulate_past(demo: Demo) -> None:
    shop.forget_statistics(demo.production)
    write_inventory(demo.inventory, _end_of_first_day())
    target = shop_target(demo.inventory)
    answers = past.measure(target, shop.login(demo.production, demo.state, "upkeep_monitor"), BASELINE_S)
    for problem in past.unhealthy(answers):
        say(f"already wrong before anything was planted: {problem}")
    end = _end_of_first_day(TELLING)
    with connected(demo.store, "demo past") as connection:
        web.make(connection, demo.home, end, datetime.now(UTC))
        watched.begin(demo.home, demo.state, demo.supervisor, end)
        account.make_first(connection, demo.home, account.of(load(demo.inventory)), datetime.now(UTC))
        day = Window(end - timedelta(days=1), end)
        made_up.tell(connection, load(demo.inventory), target, answers, day, watched.known_at(demo.state))
    account.make_rest(demo.home)
    # The first day's log is to hold the faults, which are planted next. A busy machine tells for longer: then days end later than
    # those that were made up, and a backfill over these has windows of its own.
    write_inventory(demo.inventory, max(end, _end_of_first_day()))


def wait_for_end_of_day(demo: Demo) -> None:
    """
    Wait while the demo's day is just about to end.

    Airflow, switched on a moment too early, would make the run of the day before, when there was no shop yet.
    """
    minute, hour = (load(demo.inventory).settings.schedule[Cadence.DAILY] or "").split()[:2]
    now = datetime.now(UTC)
    end = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    if now < end < now + TELLING + DAY_ENDS_IN + timedelta(minutes=1):
        say(f"Waiting until {end:%H:%M} UTC: then the shop's first day ends, and the daily run, which asks about a day, is due")
        with stage("The shop's first day has ended"):
            while datetime.now(UTC) < end:
                demo.supervisor.mend()
                time.sleep(0.5)


def _end_of_first_day(after: timedelta = timedelta()) -> datetime:
    later = datetime.now(UTC) + after + DAY_ENDS_IN + timedelta(minutes=1)
    return later.replace(second=0, microsecond=0)


def write_inventory(file: Path, end: datetime) -> None:
    """The demo's inventory, whose days end at this hour."""
    text = Path(__file__).with_name("inventory.yaml").read_text(encoding="utf-8")
    entry = f"{{table: public.visits, column: seen_at, keep: 1 day, by: day, to: {(file.parent / 'archive').as_uri()}}}"
    archive = f"    # Visits of more than a day ago are looked at by nobody.\n    archive:\n      - {entry}\n"
    text = text.replace("    maintenance:\n", f"{archive}    maintenance:\n")
    shutil.copyfile(Path(__file__).with_name("drill.yaml"), file.with_name("drill.yaml"))
    hour = "# The demo's days begin at this hour: so the first one, which has just ended, holds what it has logged."
    cron = f'"{end.minute} {end.hour} * * *"'
    schedule = f"{hour}\nschedule:\n  daily: {cron}\n  backups: {cron}\n"
    home = file.parent
    place = f"# In a folder, since the demo has no cloud.\nbackup:\n  to: {(home / 'backups').as_uri()}\n  login: shop_backup\n"
    targets = (web.inventory(home), account.inventory_part(home), shop_secrets.inventory(home), source_code.inventory(home))
    file.write_text("\n".join([text, schedule, place, *targets]), encoding="utf-8")


def shop_target(inventory: Path) -> Database:
    """The shop as the inventory describes it."""
    target = load(inventory).target("shop")
    if not isinstance(target, Database):
        raise UpkeepError(f"{inventory}: shop is no database")
    return target


def _start_load(demo: Demo, *, report: bool) -> Program:
    return _start("load", demo, {"UPKEEP_DEMO_REPORT": "1"} if report else {})


def _start(module: str, demo: Demo, more: Mapping[str, str], *given: str) -> Program:
    where = shop_secrets.login(demo.home, shop.login(demo.production, demo.state, "shop_app"))
    login = {
        logins.SECRET: str(shop_secrets.file(demo.home)),
        "PGHOST": where.host,
        "PGPORT": str(where.port),
        "PGUSER": str(where.user),
        "PGPASSWORD": str(where.password),
        "PGDATABASE": str(where.database),
    }
    args = (sys.executable, "-m", f"upkeep.demo.{module}", *given)
    log = demo.home / "logs" / f"{module}.log"
    return demo.supervisor.start(Program(module, args, {**os.environ, **login, **more}, ROOT, log))


def _start_slack(demo: Demo) -> None:
    folder = demo.home / "slack"
    folder.mkdir(exist_ok=True)
    args = (sys.executable, "-m", "upkeep.demo.slack", str(demo.state.ports["slack"]), str(folder / "messages.jsonl"), CHANNEL)
    token = {"UPKEEP_DEMO_SLACK_TOKEN": demo.state.secret("slack token")}
    demo.supervisor.start(Program("slack", args, {**os.environ, **token}, ROOT, demo.home / "logs" / "slack.log"))


def _connections(demo: Demo) -> dict[str, dict[str, object]]:
    return connections(demo.state, demo.store, demo.production)
