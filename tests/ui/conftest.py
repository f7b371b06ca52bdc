"""A report database with a made-up past, and the pages over it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from tests.lab import Lab, fresh_reports
from tests.ui.browser import browser
from tests.ui.fill import fill
from upkeep.sources.scratch import ScratchServer
from upkeep.ui.app import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = """o'br"ien/../<script>alert(1)</script>?a=b&c=%2F#é"""


@pytest.fixture(scope="session")
def past(server: ScratchServer) -> Iterator[Lab]:
    """Nine targets, every cadence, 100 days; one target and its finding have a hostile name."""
    with fresh_reports(server, "pages_past") as made:
        fill(made.endpoint, targets=9, days=100)
        with made.endpoint.connect("hostile") as connection:
            connection.execute(_HOSTILE_TARGET, [HOSTILE])
            connection.execute(_HOSTILE_ANSWER, {"name": HOSTILE})
        yield made


@pytest.fixture(scope="session")
def client(past: Lab) -> TestClient:
    """The pages over that past, without a guard."""
    return TestClient(create_app(lambda: past.endpoint, []), base_url="http://test/", raise_server_exceptions=True)


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A browser for a file, since while it runs no other event loop can; each test opens windows of its own."""
    with browser() as opened:
        yield opened


_HOSTILE_TARGET = """
    insert into upkeep.target (name, kind, owner, red_at, tags, runbook, active)
    values (%s, 'databases', 'database-on-call', 'low', '{}', 'javascript:alert(1)', true)
"""
_HOSTILE_ANSWER = """
    with newest as (
        select * from upkeep.latest_run where cadence = 'daily'
    ),

    answer as (
        insert into upkeep.answer
        select
            'sequences', %(name)s, window_start, window_end, 'daily', 'breach', %(name)s, '{}', window_end, 1, dag_id, run_id,
            'database.sequences', 9, 1
        from newest
        returning *
    )

    insert into upkeep.finding
    select
        duty, target, window_start, window_end, 'feedfacefeedface', 'rule', %(name)s, 'critical', %(name)s, %(name)s, 'NaN', null,
        '', '{}', null, window_end
    from answer
"""
