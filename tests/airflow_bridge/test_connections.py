"""Airflow's connections as endpoints: everything that they say arrives, and what is wrong is said without a secret."""

import json
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

import pytest
from airflow.sdk.execution_time import supervisor
from sqlalchemy.exc import OperationalError

from tests.lab import Lab
from upkeep.airflow_bridge.connections import AirflowConnections, slack
from upkeep.airflow_bridge.postgres_connection import endpoint
from upkeep.errors import BrokenError, MissingConnectionError
from upkeep.notify import wire
from upkeep.sources.libpq import keywords
from upkeep.sources.postgres import session

SECRET = "hunter2"
FIELDS = {"host", "port", "user", "password", "dbname"}
Given = Callable[..., None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Set the connection `shop_db`, or another, from its fields."""

    def give(name: str = "shop_db", **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps({"conn_type": "postgres", **fields}))

    return give


def text_of(error: BrokenError) -> str:
    return f"{error} {error.remedy}"


def refused(name: str = "shop_db") -> BrokenError:
    with pytest.raises(BrokenError) as caught:
        endpoint(name)
    assert SECRET not in text_of(caught.value)
    return caught.value


def test_every_keyword_of_libpq_arrives(given: Given) -> None:
    values = {name: f"value of {name}" for name in keywords() if name not in FIELDS}
    given(host="db", extra=values)
    assert endpoint("shop_db").options == values


def test_a_uri_with_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "postgres://ann:p%2Fw%40@db.example:6432/shop?sslmode=verify-full&sslcrl=%2Fcrl.pem&options=-c%20work_mem%3D7MB"
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", uri)
    found = endpoint("shop_db")
    assert (found.host, found.port, found.user, found.password, found.database) == ("db.example", 6432, "ann", "p/w@", "shop")
    assert found.options == {"sslmode": "verify-full", "sslcrl": "/crl.pem", "options": "-c work_mem=7MB"}
    assert "p/w@" not in repr(found)


def test_values_that_are_no_text(given: Given) -> None:
    given(host="a,b", extra={"keepalives": False, "keepalives_idle": 7, "sslsni": True, "port": "5432,5433", "sslmode": None})
    found = endpoint("shop_db")
    assert found.options == {"keepalives": "0", "keepalives_idle": "7", "sslsni": "1", "port": "5432,5433"}
    assert found.place == "a,b:5432,5433"
    given(host="a", extra={"options": {"work_mem": "7MB"}})
    assert '"options" is no text and no number' in str(refused())


def test_what_only_airflow_uses_is_no_mistake(given: Given) -> None:
    given(host="db", extra={"cursor": "dictcursor", "sqlalchemy_scheme": "postgresql+psycopg", "iam": False})
    assert endpoint("shop_db").options == {}


def test_a_service_says_where(given: Given) -> None:
    given(extra={"service": "shop"})
    assert endpoint("shop_db").place == "service shop"
    assert (endpoint("shop_db").host, endpoint("shop_db").port) == ("", 0)


def test_a_session_with_own_options_keeps_our_rules(given: Given, lab: Lab) -> None:
    here = lab.endpoint
    extra = {"options": "-c work_mem=7MB -c default_transaction_read_only=off", "application_name": "x", "sslmode": "disable"}
    given(host=here.host, port=here.port, login=here.user, password=here.password, schema=here.database, extra=extra)
    with session(AirflowConnections().postgres("shop_db"), "upkeep test") as postgres:
        assert postgres.value("show work_mem") == "7MB"
        assert postgres.value("show transaction_read_only") == "on"
        assert postgres.value("show application_name") == "upkeep test"


@pytest.mark.fault
def test_an_extra_that_nobody_knows_is_refused_by_name(given: Given) -> None:
    given(host="db", extra={"sslmod": SECRET})
    assert str(refused()).endswith('the extra "sslmod", which neither libpq nor PostgresHook knows; did you mean "sslmode"?')
    given(host="db", extra={"extra__postgres__thing": SECRET})
    assert "extra__postgres__thing" in str(refused())


def test_a_token_of_aws_is_the_password(given: Given) -> None:
    given(host="db.example", port=6432, login="ann", extra={"iam": True, "aws_conn_id": "cloud", "sslmode": "require"})
    given("cloud", conn_type="aws", login="AKIAEXAMPLE", password=SECRET, extra={"region_name": "eu-central-1"})
    found = endpoint("shop_db")
    assert str(found.password).startswith("db.example:6432/?Action=connect&DBUser=ann")
    assert "X-Amz-Signature" in str(found.password)
    assert (found.user, found.port, found.options) == ("ann", 6432, {"sslmode": "require"})
    assert "X-Amz-Signature" not in repr(found)


@pytest.mark.fault
def test_no_token_is_said(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    given(host="db", login="ann", extra={"iam": True, "aws_conn_id": "nowhere"})
    assert "PostgresHook cannot use the connection" in str(refused())
    given(host="db", login="ann", extra={"iam": True, "azure_conn_id": "nowhere"})
    assert "PostgresHook cannot use the connection" in str(refused())
    assert "`iam` also needs the provider" in refused().remedy


WRONG = [
    ("", "AIRFLOW_CONN_SHOP_DB is malformed: it is empty"),
    (SECRET, "it is neither JSON nor a URI"),
    (
        f'{{"conn_type": "postgres", {SECRET}',
        "it is no JSON: Expecting property name enclosed in double quotes at line 1",
    ),
    (f'{{"conn_type": "postgres", "hosst": "{SECRET}"}}', 'it has a field "hosst", which is none; did you mean "host"?'),
    (f'{{"host": "db", "password": "{SECRET}"}}', 'it has no "conn_type"'),
    (f'{{"conn_type": "postgres", "port": "{SECRET}"}}', "its port is no number"),
    (f'{{"conn_type": "postgres", "extra": "{{{SECRET}"}}', "its extra is no JSON: Expecting property name"),
    (f'{{"conn_type": "postgres", "extra": "[\\"{SECRET}\\"]"}}', "its extra is no JSON object"),
    (f"postgres://u:{SECRET}/x@db/shop", "where its port belongs there is no number: percent-encode"),
    (f"postgres://u:{SECRET}@[db/shop", "its host is not well formed"),
    (f"://u:{SECRET}@db/shop", "it begins with no type"),
    (f'["{SECRET}"]', "it is neither JSON nor a URI"),
]


@pytest.mark.fault
@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_malformed_variable_is_said_to_be_malformed(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", text)
    error = refused()
    assert "malformed" in str(error)
    assert message in str(error)
    assert not error.retry


@pytest.mark.fault
def test_a_missing_connection_says_where_it_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.execution_time import supervisor
    from airflow.secrets.environment_variables import EnvironmentVariablesBackend

    # Not the metadata database of whatever Airflow an earlier test of this process has set up and removed.
    monkeypatch.setattr(supervisor, "ensure_secrets_backend_loaded", lambda: [EnvironmentVariablesBackend()])
    error = refused("gone")
    assert str(error).startswith('Airflow has no connection "gone" (asked: EnvironmentVariablesBackend')
    assert error.remedy == "add it in Admin > Connections, or set AIRFLOW_CONN_GONE"


@pytest.mark.fault
def test_another_type_is_named(given: Given) -> None:
    given(conn_type="mysql", password=SECRET)
    assert "is of type mysql, not postgres or postgresql" in str(refused())
    with pytest.raises(BrokenError, match="is of type mysql, not slack or slackwebhook"):
        slack("shop_db", None, 5)


class Vault:
    """A backend that is away, and says the secret while it is."""

    def get_connection(self, conn_id: str) -> None:
        """Nothing."""
        raise ConnectionError(f"no way to {conn_id} with token {SECRET}")


@pytest.mark.fault
def test_a_secrets_backend_that_cannot_be_read_is_not_a_missing_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "ensure_secrets_backend_loaded", lambda: [Vault()])
    error = refused()
    assert "cannot be read from Airflow's secrets backend: Vault ended with ConnectionError" in str(error)
    assert "[secrets] backend" in error.remedy
    assert error.retry


class Unmade:
    """A backend whose database was never made."""

    def __init__(self, original: Exception) -> None:
        self.original = original

    def get_connection(self, conn_id: str) -> None:
        """Nothing."""
        raise OperationalError("select … from connection", {"conn_id": conn_id}, self.original)


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("original", "missing"),
    [
        (sqlite3.OperationalError("no such table: connection"), True),
        (sqlite3.OperationalError("disk I/O error"), False),
        (sqlite3.OperationalError("unable to open database file"), False),
    ],
)
def test_an_airflow_that_was_never_migrated_has_no_connection(
    original: Exception, missing: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "ensure_secrets_backend_loaded", lambda: [Unmade(original)])
    assert isinstance(refused(), MissingConnectionError) == missing


@pytest.mark.fault
@pytest.mark.parametrize(
    ("module", "package"),
    [("postgres.hooks.postgres", "postgres"), ("slack.hooks.slack", "slack"), ("amazon.aws.hooks.base_aws", "amazon")],
)
def test_a_missing_provider_is_named(module: str, package: str, given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, f"airflow.providers.{module}", None)
    given(conn_type="slack" if package == "slack" else "postgres", password=SECRET)
    reach: dict[str, Callable[[], Any]] = {
        "postgres": lambda: endpoint("shop_db"),
        "slack": lambda: slack("shop_db", None, 5),
        "amazon": lambda: AirflowConnections().aws("shop_db", "rds"),
    }
    with pytest.raises(BrokenError, match=f"apache-airflow-providers-{package} is not installed") as caught:
        reach[package]()
    assert caught.value.remedy == f"pip install apache-airflow-providers-{package}"


def test_a_bot_with_proxy_limit_and_address(given: Given) -> None:
    given(
        "chat",
        conn_type="slack",
        password="xoxb-1",
        extra={"proxy": "http://u:p@proxy:3128", "timeout": "42", "base_url": "http://x/"},
    )
    found = slack("chat", "C0A", 3)
    assert (found.kind, found.token, found.url, found.proxy, found.timeout_s) == (
        "bot", "xoxb-1", "http://x/", "http://u:p@proxy:3128", 42,
    )  # fmt: skip
    assert (found.channel, found.failures_per_run) == ("C0A", 3)
    assert "u:p" not in repr(found)
    client = wire.client_of(found)
    assert (client.proxy, client.timeout, client.base_url) == ("http://u:p@proxy:3128", 42, "http://x/")


def test_a_webhook_by_its_address_or_its_path(given: Given) -> None:
    given(
        "chat", conn_type="slackwebhook", password="https://hooks.slack.com/services/T/B/x", extra={"proxy": "http://proxy:3128"}
    )
    found = slack("chat", None, 5)
    assert (found.kind, found.token, found.proxy) == ("webhook", "https://hooks.slack.com/services/T/B/x", "http://proxy:3128")
    assert found.timeout_s is None
    given("chat", conn_type="slackwebhook", host="http://127.0.0.1:8", password="T/B/x")
    assert slack("chat", None, 5).token == "http://127.0.0.1:8/T/B/x"


@pytest.mark.fault
@pytest.mark.parametrize(("kind", "what"), [("slack", "the bot token"), ("slackwebhook", "the webhook's address")])
def test_a_slack_connection_without_a_token(kind: str, what: str, given: Given) -> None:
    given("chat", conn_type=kind)
    with pytest.raises(BrokenError, match='connection "chat" has no password') as caught:
        slack("chat", None, 5)
    assert what in caught.value.remedy
    given("chat", conn_type=kind, password="x", extra={"timeout": "soon"})
    with pytest.raises(BrokenError, match="its timeout is no whole number"):
        slack("chat", None, 5)
