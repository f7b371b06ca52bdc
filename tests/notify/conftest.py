"""A report database and a Slack for each test."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import Lab
from tests.notify.slack_double import CHANNEL, TOKEN, SlackDouble, slack_double
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.postgres import Endpoint

if TYPE_CHECKING:
    import psycopg


@pytest.fixture
def lab(reports: Lab) -> Lab:
    """A report database of its own for each test."""
    return reports


@pytest.fixture
def store(lab: Lab) -> Endpoint:
    """The same, as the code is given it."""
    return lab.endpoint


@pytest.fixture
def connection(lab: Lab, store: Endpoint) -> "psycopg.Connection[Any]":
    """A session in it."""
    assert store
    return lab.session()


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    """A Slack that enforces its limits."""
    with slack_double() as double:
        yield double


@pytest.fixture
def bot(slack: SlackDouble) -> SlackEndpoint:
    """That Slack by bot token."""
    return SlackEndpoint(kind="bot", url=f"{slack.url}/api/", token=TOKEN, channel=CHANNEL)


@pytest.fixture
def hook(slack: SlackDouble) -> SlackEndpoint:
    """That Slack by webhook."""
    return SlackEndpoint(kind="webhook", url=f"{slack.url}/services", token="T0/B0/secretword", failures_per_run=3)
