"""web_vitals: the interval of the percentile decides, mobile and desktop apart."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.access_logs import NOON, NOWHERE, TIMED, line, write
from tests.lab import Lab, asking, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.performance.vital_row import WebVital
from upkeep.checks.performance.web_vitals import web_vitals
from upkeep.runner import ask
from upkeep.sources.connections import Connections, OneDatabase
from upkeep.store.key import Key
from upkeep.store.migrate import migrate
from upkeep.store.records import copy_records
from upkeep.targets.service import Service
from upkeep.window import Window

HOUR = Window(NOON, NOON + timedelta(hours=1))
PHONE = "Mozilla/5.0 (iPhone) Mobile"
_ANSWER = """
    insert into upkeep.answer (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
        dag_id, run_id, task_id, map_index, try_number)
    values ('web_vitals', 'shop', %s, %s, 'weekly', 'ok', 's', '{}', %s, 1, 'weekly', 'r', 't', 0, 1)
"""


def beacon(number: int, query: str, agent: str = "Firefox") -> str:
    return line(number % 3500, 204, request=f"GET /vitals?{query} HTTP/1.1", agent=agent)


def asked(vitals: Any, connections: Connections = NOWHERE, min_samples: int = 200) -> Answer:
    signals = {"kind": "query", "connection": "c", "minutes": "select"}
    limits = {"web_vitals": {"min_samples": min_samples}}
    told = {"name": "shop", "owner": "tester", "signals": signals, "vitals": vitals, "thresholds": limits}
    return ask(asking(web_vitals, Service.model_validate(told), connections, window=HOUR))


def of_log(folder: Path, text: str, min_samples: int = 200) -> Answer:
    write(folder, line(-5) + text + line(3601))
    log = {"kind": "access_log", "place": folder.as_uri(), "format": TIMED}
    return asked({"kind": "beacons", "log": log, "path": "/vitals"}, min_samples=min_samples)


def rows(answer: Answer) -> dict[str, tuple[int, int, int, float]]:
    found = [row for row in answer.records if isinstance(row, WebVital)]
    return {f"{row.vital} {row.device}": (row.samples, row.good, row.poor, row.p75) for row in found}


@pytest.mark.baseline
def test_good_pages_are_fine(tmp_path: Path) -> None:
    answer = of_log(tmp_path, "".join(beacon(n, f"lcp={2000 + n}&inp=90.4&cls=0.0149") for n in range(400)))
    assert answer.status is Status.OK
    assert "LCP desktop 2,299 ms" in answer.summary
    assert rows(answer) == {
        "lcp desktop": (400, 400, 0, 2299),
        "inp desktop": (400, 400, 0, 90),
        "cls desktop": (400, 400, 0, 0.015),
    }


@pytest.mark.near_miss
def test_a_percentile_whose_interval_holds_the_limit_is_no_news(tmp_path: Path) -> None:
    answer = of_log(tmp_path, "".join(beacon(n, f"lcp={2205 + n}") for n in range(400)))
    assert rows(answer)["lcp desktop"][3] == 2504
    assert rules(answer) == []


@pytest.mark.fault
def test_phones_are_judged_apart(tmp_path: Path) -> None:
    text = "".join(beacon(n, "name=LCP&value=4200.5", PHONE) + beacon(n, "name=LCP&value=1000") for n in range(300))
    answer = of_log(tmp_path, text + "".join(beacon(n, "name=CLS&value=0.2&device=mobile") for n in range(300)))
    assert rules(answer) == [("vital_poor", "lcp mobile"), ("vital_not_good", "cls mobile")]
    assert answer.findings[0].severity is Severity.MEDIUM
    good = next(metric for metric in answer.metrics if metric.name == "web_vital_good" and metric.labels["device"] == "desktop")
    assert (good.value, good.numerator, good.denominator, good.n) == (1, 300, 300, 300)


def test_of_beacons_with_one_id_the_last_value_counts(tmp_path: Path) -> None:
    text = "".join(beacon(n, f"name=INP&value={n}&id=v{n % 3}") for n in range(30))
    assert rows(of_log(tmp_path, text, min_samples=3)) == {"inp desktop": (3, 3, 0, 29)}


def test_few_page_views_are_unknown(tmp_path: Path) -> None:
    answer = of_log(tmp_path, beacon(1, "lcp=9000"))
    assert answer.status is Status.UNKNOWN
    assert answer.summary == "LCP desktop unknown: 1 page view"


@pytest.mark.parametrize(("query", "odd"), [("lcp=2.6&inp=90", "LCP"), ("lcp=3000&inp=0.3", "INP")])
def test_what_looks_like_seconds_is_unknown_and_not_good(tmp_path: Path, query: str, odd: str) -> None:
    answer = of_log(tmp_path, "".join(beacon(n, query) for n in range(400)))
    assert f"{odd} desktop unknown: " in answer.summary
    assert [row.removesuffix(" desktop") for row in rows(answer)] == [{"LCP": "inp", "INP": "lcp"}[odd]]
    assert (answer.status is Status.UNKNOWN, rules(answer) == []) == ((True, True) if odd == "LCP" else (False, False))


@pytest.mark.near_miss
def test_very_quick_pages_are_no_seconds(tmp_path: Path) -> None:
    answer = of_log(tmp_path, "".join(beacon(n, "lcp=20&inp=8&cls=2") for n in range(400)))
    assert rules(answer) == [("vital_poor", "cls desktop")]
    assert "unknown" not in answer.summary


@pytest.mark.parametrize(
    "query", ["lcp=x", "lcp=-1", "lcp=nan", "lcp=1e99", "lcp=", "name=<b>&value=1", "name=';--&value=1", "xlcp=3"]
)
def test_what_is_no_vital_is_not_counted(tmp_path: Path, query: str) -> None:
    answer = of_log(tmp_path, beacon(1, query) + line(2, request="GET /vitalsx?lcp=1 HTTP/1.1"))
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "no page view was measured")


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (compatible; Googlebot/2.1)", "HeadlessChrome/130.0", "Chrome-Lighthouse"])
def test_programs_are_no_people(tmp_path: Path, agent: str) -> None:
    people = "".join(beacon(n, "lcp=2000", "Abbott Mobile") for n in range(300))
    answer = of_log(tmp_path, people + "".join(beacon(n, "lcp=9000", agent) for n in range(300)))
    assert rows(answer) == {"lcp mobile": (300, 300, 0, 2000)}


def test_without_a_place_nothing_is_judged() -> None:
    assert asked(None).summary == "no web vitals are declared"


def test_sql_tells_them_too_and_its_rows_fit_their_table(lab: Lab) -> None:
    migrate(lab.endpoint)
    query = "select 'Mobile' as device, 'LCP' as vital, 4500 as value, 300 as n where %(start)s < %(end)s"
    answer = asked({"kind": "query", "connection": "c", "query": query}, OneDatabase(lab.endpoint))
    assert rules(answer) == [("vital_poor", "lcp mobile")]
    connection = lab.session()
    connection.execute(_ANSWER, [HOUR.start, HOUR.end, HOUR.end])
    with connection.transaction():
        copy_records(connection, Key("web_vitals", "shop", HOUR.start, HOUR.end), answer.records)
    assert lab.value("select p75 from upkeep.web_vital") == 4500


def test_page_views_without_a_value_are_left_out_and_said(lab: Lab) -> None:
    """Not every page view is interacted with, and not every device is one of the two."""
    query = """
        select * from (values ('mobile', 'lcp', 2000::float8, 300), ('mobile', 'inp', null, 300), ('mobile', 'cls', 0.05, null),
            ('tablet', 'lcp', 9000, 300), (null, 'lcp', 9000, 300)) as v (device, vital, value, n)
    """
    answer = asked({"kind": "query", "connection": "c", "query": query}, OneDatabase(lab.endpoint))
    assert (answer.status, rows(answer)) == (Status.OK, {"lcp mobile": (300, 300, 0, 2000)})
    assert answer.summary.endswith("2 rows without a value; left out: lcp none; left out: lcp tablet")


@pytest.mark.parametrize("value", ["'slow'", "'NaN'::float8", "-1"])
def test_what_is_no_number_cannot_be_asked(lab: Lab, value: str) -> None:
    query = f"select 'mobile' as device, 'lcp' as vital, {value} as value, 300 as n"
    answer = asked({"kind": "query", "connection": "c", "query": query}, OneDatabase(lab.endpoint))
    assert answer.status is Status.UNKNOWN
    assert "the query vitals.query gave" in answer.summary


def test_other_columns_are_refused(lab: Lab) -> None:
    answer = asked({"kind": "query", "connection": "c", "query": "select 1 as one"}, OneDatabase(lab.endpoint))
    assert answer.status is Status.UNKNOWN
    assert "vitals.query" in answer.summary
