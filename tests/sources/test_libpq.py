"""Whatever libpq can be told reaches our sessions and PostgreSQL's programs alike, and no secret is shown."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.pq import Conninfo

from tests.lab import Lab
from upkeep.backups import programs
from upkeep.backups.definitions import _environment
from upkeep.backups.psql import Psql
from upkeep.errors import BrokenError
from upkeep.sources.keepalives import Flow, keepalive_conninfo
from upkeep.sources.libpq import OURS, keywords, merged, variables, without_variable
from upkeep.sources.postgres import Endpoint, session

OWN = "-c work_mem=7MB -c statement_timeout=77s"


def with_options(lab: Lab, **options: str) -> Endpoint:
    return replace(lab.endpoint, options=options)


def test_keywords_are_those_of_libpq_itself() -> None:
    assert set(keywords()) == {one.keyword.decode() for one in Conninfo.get_defaults()}
    assert {"sslcrl", "gssencmode", "service", "options", "target_session_attrs", "require_auth"} <= set(keywords())
    assert keywords()["sslpassword"].secret
    assert not keywords()["sslcrl"].secret


def test_every_keyword_with_a_variable_reaches_programs_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    told = {one.name: f"value of {one.name}" for one in keywords().values() if one.variable and one.name not in OURS}
    found = variables(told)
    assert {keywords()[name].variable for name in told} <= set(found)
    assert found["PGSSLCRL"] == "value of sslcrl"
    assert found["PGOPTIONS"] == "value of options"


def test_what_libpq_would_find_in_our_environment_programs_find_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSERVICEFILE", "/etc/services.conf")
    monkeypatch.setenv("PGAPPNAME", "somebody")
    found = programs.environment(Endpoint("db", options={"sslnegotiation": "direct"}), "upkeep test")
    assert (found["PGSSLMODE"], found["PGSERVICEFILE"], found["PGSSLNEGOTIATION"]) == (
        "verify-full", "/etc/services.conf", "direct",
    )  # fmt: skip
    assert found["PGAPPNAME"] == "upkeep test"
    assert programs.environment(Endpoint("db", options={"sslmode": "require"}), "x")["PGSSLMODE"] == "require"


def test_own_options_and_ours_both_hold_and_ours_last(lab: Lab) -> None:
    with session(with_options(lab, options=OWN), "upkeep test", statement_timeout_s=3) as postgres:
        assert postgres.value("show work_mem") == "7MB"
        assert postgres.value("show statement_timeout") == "3s"
        assert postgres.value("show transaction_read_only") == "on"
    assert merged(None, "-c a=1") == "-c a=1"
    assert merged("-c a=0", "-c a=1") == "-c a=0 -c a=1"


def test_programs_get_own_options_with_ours(lab: Lab) -> None:
    endpoint = with_options(lab, options="-c work_mem=7MB -c row_security=off")
    environment = _environment(endpoint, "upkeep test", 18)
    show = "select current_setting('work_mem'), current_setting('statement_timeout')"
    output = programs.run(lab.server.program("psql"), "-XAtc", show, env=environment)
    assert output.strip() == "7MB|0"
    params = {"PGCLIENTENCODING": "UTF8", **programs.environment(endpoint, "upkeep test")}
    with Psql(lab.server.program("psql"), params, lab.database, {"keepalives_idle": "7"}) as psql:
        assert psql.ask("show work_mem") == "7MB"


def test_a_name_of_the_connection_does_not_hide_who_we_are(lab: Lab) -> None:
    with with_options(lab, application_name="somebody", client_encoding="LATIN1").connect("upkeep test") as connection:
        assert connection.info.get_parameters()["application_name"] == "upkeep test"
        assert connection.info.encoding == "utf-8"


def test_keepalives_of_the_connection_reach_programs() -> None:
    own = without_variable({"keepalives_idle": "7", "sslmode": "require"})
    assert own == {"keepalives_idle": "7"}
    conninfo = keepalive_conninfo("shop", Flow.OUT, own=own)
    assert "keepalives_idle=7" in conninfo
    assert "keepalives_count=3" in conninfo


@pytest.mark.fault
@pytest.mark.parametrize("name", ["sslpassword", "oauth_client_secret"])
def test_a_secret_without_a_variable_is_never_an_argument(name: str) -> None:
    if name not in keywords():
        pytest.skip("this libpq does not know it")
    with pytest.raises(BrokenError, match=f"cannot be given {name} without showing it") as caught:
        programs.environment(Endpoint("db", options={name: "hunter2"}), "upkeep test")
    assert "hunter2" not in f"{caught.value} {caught.value.remedy}"
    assert "service" in caught.value.remedy


def test_a_service_file_says_where_and_as_whom(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = lab.endpoint
    lines = ["[lab]", f"host={here.host}", f"port={here.port}", f"user={here.user}", f"password={here.password}"]
    (tmp_path / "services").write_text("\n".join([*lines, f"dbname={lab.database}", ""]))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    endpoint = Endpoint("", 0, options={"service": "lab"})
    assert endpoint.place == "service lab"
    with endpoint.connect("upkeep test") as connection:
        assert connection.info.dbname == lab.database
        again = Endpoint.of(connection)
    with again.connect("upkeep test") as connection:
        assert connection.info.port == here.port
    environment = programs.environment(endpoint, "upkeep test")
    assert str(here.password) not in str(environment)
    output = programs.run(lab.server.program("psql"), "-XAtc", "select current_database()", env=environment)
    assert output.strip() == lab.database


def test_the_place_for_people() -> None:
    assert Endpoint("db", 5433).place == "db:5433"
    assert Endpoint("", 0).place == "the local socket:5432"
    assert Endpoint("a,b", 0, options={"port": "5432,5433"}).place == "a,b:5432,5433"
    assert "hunter2" not in Endpoint("db", 1, "u", "hunter2", "shop").described


def test_no_password_is_among_the_words_of_a_program(lab: Lab) -> None:
    endpoint = with_options(lab, keepalives_idle="7")
    told = {"PGCLIENTENCODING": "UTF8", **programs.environment(endpoint, "x")}
    with Psql(lab.server.program("psql"), told, lab.database, endpoint.options) as psql:
        psql.ask("select 1")
        args = Path(f"/proc/{psql._process.pid}/cmdline").read_text()  # noqa: SLF001 - what everybody on this machine sees
    assert "keepalives_idle=7" in args
    assert str(endpoint.password) not in args
