"""docker-compose.yaml: what each service is told works for every process of it, and each login may what it must."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.machines.compose import ROOT, services
from tests.machines.installation import environment, run
from upkeep.config.own_databases import known_connections

AIRFLOWS = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "worker-heavy"}
SECRETS = {"api", "fernet", "jwt", "metadata", "broker", "results"}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder of secrets, made as the service does."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    _make(folder)
    return folder


def _make(folder: Path) -> None:
    run(["bash", str(ROOT / "deploy/make-secrets"), str(folder)], environment())


def _read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_secrets_are_made_once_and_a_half_made_one_again(secrets: Path) -> None:
    first = _read(secrets)
    (secrets / "jwt").write_text("")
    (secrets / "connections.json").unlink()
    _make(secrets)
    again = _read(secrets)
    assert again["jwt"] not in {"", first["jwt"]}
    assert {name for name in first if again[name] != first[name]} == {"jwt"}
    assert len(first["jwt"]) >= 64, "a shorter key is warned of at each request"
    assert len({first[name] for name in ("postgres", "metadata_login", "reports_login", "monitor_login", "redis", "admin")}) == 6


def test_secrets_are_read_by_those_alone_whose_they_are(secrets: Path) -> None:
    for path in secrets.iterdir():
        assert not stat.S_IMODE(path.stat().st_mode) & 0o007, f"{path.name}: nobody else may read it"
        servers = {"postgres", "metadata_login", "reports_login", "monitor_login", "redis", "redis.conf"}
        wanted = {999} if path.name in servers else {50000, 0}
        assert path.stat().st_uid in wanted | {0}, f"{path.name}: PostgreSQL and Redis run as 999, Airflow as 50000"


def test_what_is_made_of_secrets_is_whole(secrets: Path) -> None:
    made = _read(secrets)
    assert json.loads(made["passwords.json"]) == {"admin": made["admin"]}
    connections = json.loads(made["connections.json"])
    assert {name: message["password"] for name, message in connections.items()} == {
        "upkeep_db": made["reports_login"], "upkeep_monitor_db": made["monitor_login"],
        "airflow_monitor_db": made["monitor_login"], "airflow_maintenance_db": made["metadata_login"],
    }  # fmt: skip
    assert connections["airflow_monitor_db"]["schema"] == "airflow"
    told = known_connections(services()["scheduler"]["environment"])
    assert told == set(connections) - {"upkeep_db"}
    assert made["metadata"] == f"postgresql+psycopg2://airflow:{made['metadata_login']}@postgres/airflow"
    assert made["redis.conf"].splitlines()[0] == f"requirepass {made['redis']}"
    assert made["broker"] == f"redis://:{made['redis']}@redis:6379/0"


@pytest.mark.parametrize("name", sorted(AIRFLOWS))
def test_every_process_of_a_container_is_told_the_secrets(name: str, secrets: Path) -> None:
    told = services()[name]["environment"]
    commands = {key: word for key, word in told.items() if key.endswith("_CMD")}
    assert {word.removeprefix("cat /secrets/") for word in commands.values()} == SECRETS
    assert all((secrets / word).exists() for word in SECRETS)
    assert services()[name].get("entrypoint") is None, "`exec` and health checks do not pass an entry point"
    kept = set(_read(secrets).values())
    assert not kept & set(told.values())


@pytest.mark.airflow
def test_airflow_takes_each_of_them_from_a_command() -> None:
    from airflow.configuration import conf

    for key in (key for key in services()["worker"]["environment"] if key.endswith("_CMD")):
        section, _, option = key.removeprefix("AIRFLOW__").removesuffix("_CMD").lower().partition("__")
        assert (section, option) in conf.sensitive_config_values, f"{key} is not looked at"


@pytest.mark.parametrize(("name", "job"), [("dag-processor", "DagProcessorJob"), ("triggerer", "TriggererJob")])
def test_a_health_check_asks_about_its_own_container(name: str, job: str) -> None:
    check = services()[name]["healthcheck"]
    assert check["test"] == ["CMD", "airflow", "jobs", "check", "--job-type", job, "--local"]
    assert check["interval"] == "1m0s", "it costs a start of Airflow's command"


def test_the_first_starts_own_server_is_not_taken_for_the_database() -> None:
    assert services()["postgres"]["healthcheck"]["test"][:3] == ["CMD", "pg_isready", "-h"]


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "http://localhost:8080"),
        ({"UPKEEP_PORT": "9999"}, "http://localhost:9999"),
        ({"UPKEEP_PORT": "9999", "UPKEEP_URL": "https://upkeep.example.com"}, "https://upkeep.example.com"),
    ],
)
def test_the_welcome_and_every_link_name_the_port(settings: dict[str, str], url: str, tmp_path: Path) -> None:
    found = services(**settings)
    assert found["init"]["environment"]["AIRFLOW__API__BASE_URL"] == url
    assert found["api-server"]["ports"][0]["published"] == settings.get("UPKEEP_PORT", "8080")
    assert found["init"]["command"] == ["bash", "/opt/airflow/deploy/initialise"]
    for name in ("airflow", "upkeep"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    told = {"PATH": f"{tmp_path}:/usr/bin:/bin", "AIRFLOW__API__BASE_URL": url}
    assert f"Upkeep: {url}, user admin" in run(["bash", str(ROOT / "deploy/initialise")], told)


def test_without_the_profile_there_is_no_broker_and_with_it_workers_of_both_queues() -> None:
    found = services(UPKEEP_EXECUTOR="CeleryExecutor", UPKEEP_WORKERS="3")
    assert {name for name, service in found.items() if service.get("profiles")} == {"redis", "worker", "worker-heavy"}
    assert found["scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert services()["scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    queues = {name: found[name]["command"][found[name]["command"].index("--queues") + 1] for name in ("worker", "worker-heavy")}
    assert queues == {"worker": "default", "worker-heavy": "heavy"}
    assert found["worker"]["deploy"]["replicas"] == 3
    assert not any(service.get("ports") for name, service in found.items() if name != "api-server")


def test_tasks_do_not_wait_for_a_place_until_they_are_given_up() -> None:
    """What waits in a queue for longer than the limit is taken for lost; so there are places for all that the scheduler sends."""
    found = services()
    places = _concurrency(found["worker"]) * int(found["worker"]["deploy"]["replicas"])
    assert places >= int(found["scheduler"]["environment"]["AIRFLOW__CORE__PARALLELISM"])


def _concurrency(service: dict[str, Any]) -> int:
    return int(service["command"][service["command"].index("--concurrency") + 1])


def test_images_can_be_pinned_by_digest() -> None:
    pins = {"AIRFLOW_IMAGE": "a@sha256:1", "POSTGRES_IMAGE": "b@sha256:2", "REDIS_IMAGE": "c@sha256:3"}
    found = services(**pins)
    assert found["scheduler"]["build"]["args"]["AIRFLOW_IMAGE"] == "a@sha256:1"
    assert (found["postgres"]["image"], found["redis"]["image"]) == ("b@sha256:2", "c@sha256:3")
    tag = services()["scheduler"]["build"]["args"]["AIRFLOW_IMAGE"]
    assert f"ARG AIRFLOW_IMAGE={tag}\nFROM ${{AIRFLOW_IMAGE}}" in (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")


def test_the_command_of_images_is_the_command(tmp_path: Path) -> None:
    output = run([str(ROOT / "deploy/upkeep"), "--help"], {**environment(), "UPKEEP_INVENTORY": str(tmp_path / "none.yaml")})
    assert re.search(r"^ +migrate\b", output, re.MULTILINE)
