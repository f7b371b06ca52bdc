"""docs/secrets-emergency.md, block by block: its commands end a secret, and its procedure replaces Airflow's keys."""

import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken

from tests.lab import Lab
from tests.rotation.world import FIRST, users
from tests.test_cli_secret import Run
from tests.test_cli_secret import path as path  # noqa: PLC0414 - a fixture
from tests.test_cli_secret import run as run  # noqa: PLC0414 - a fixture
from upkeep.errors import BrokenError
from upkeep.rotation.secret_value import SecretValue

TEXT = (Path(__file__).parents[1] / "docs/secrets-emergency.md").read_text(encoding="utf-8")


def blocks(title: str, language: str = "sh") -> list[str]:
    """The blocks of one section."""
    section = re.split(rf"^#+ {re.escape(title)}$", TEXT, flags=re.MULTILINE)[1]
    return re.findall(rf"```{language}\n(.*?)```", re.split(r"^#", section, flags=re.MULTILINE)[0], re.DOTALL)


@pytest.mark.usefixtures("path")
def test_a_compromised_secret_is_ended_by_the_words_of_the_document(run: Run, lab: Lab, path: Path) -> None:
    commands = [shlex.split(line) for block in blocks("1. End it") for line in block.splitlines()]
    assert [command[2] for command in commands] == ["list", "rotate", "rollback"]
    first, second = users(lab)
    [question] = blocks("2. See who used it", "sql")
    with lab.session() as session:
        session.execute(question.replace("shop_a", first).replace("shop_b", second).encode())
    for command in commands[:2]:
        code, out, _ = run(*command[2:])
        assert code == 0, out
    assert f"{first} was ended, and a try of it was refused" in out
    assert SecretValue.parse(path.read_text()).get("password") != FIRST
    assert run(*commands[2][2:])[0] == 0


def bash(script: str, folder: Path, **more: str) -> str:
    """A block as it stands, with its folder."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "SECRETS": str(folder), **more}
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def stored_password(database: Path) -> bytes:
    with sqlite3.connect(database) as connection:
        value = connection.execute("select password from connection where conn_id = 'shop_db'").fetchone()[0]
    return value.encode() if isinstance(value, str) else bytes(value)


@pytest.mark.airflow
@pytest.mark.slow
def test_the_fernet_key_is_replaced_and_every_connection_is_read_after(tmp_path: Path) -> None:
    secrets, home = tmp_path / "secrets", tmp_path / "home"
    secrets.mkdir()
    old = Fernet.generate_key()
    (secrets / "fernet").write_bytes(old)
    airflow = {
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__FERNET_KEY_CMD": f"cat {secrets}/fernet",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
    }  # fmt: skip
    bash("airflow db migrate", secrets, **airflow)
    bash("airflow connections add shop_db --conn-type postgres --conn-host db --conn-password kept-words", secrets, **airflow)
    database = home / "airflow.db"
    before = stored_password(database)
    assert Fernet(old).decrypt(before) == b"kept-words"
    read = "airflow connections get shop_db -o json"

    first, rotate, last = blocks("Airflow's fernet key")
    bash(first, secrets, **airflow)
    assert json.loads(bash(read, secrets, **airflow))[0]["password"] == "kept-words", "both keys are known"
    bash(rotate, secrets, **airflow)
    bash(rotate, secrets, **airflow)
    bash(last, secrets, **airflow)
    new = (secrets / "fernet").read_bytes()
    assert [path.name for path in secrets.iterdir()] == ["fernet"]
    assert (secrets / "fernet").stat().st_mode & 0o077 == 0
    assert Fernet(new).decrypt(stored_password(database)) == b"kept-words"
    with pytest.raises(InvalidToken):
        Fernet(old).decrypt(stored_password(database))
    assert json.loads(bash(read, secrets, **airflow))[0]["password"] == "kept-words"


def test_the_keys_of_the_api_are_long_and_new(tmp_path: Path) -> None:
    for name in ("jwt", "api"):
        (tmp_path / name).write_text("old")
    [script] = blocks("The keys of Airflow's API")
    bash(script, tmp_path)
    made = [(tmp_path / name).read_text() for name in ("jwt", "api")]
    assert min(map(len, made)) >= 64
    assert made[0] != made[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["api", "jwt"]


LOGINS = "The logins of the compose file's databases"


@pytest.mark.parametrize("killed", ["", "before the server", "after the server", "before it was made"])
def test_a_login_of_the_compose_file_gets_a_new_password_wherever_it_was_killed(lab: Lab, tmp_path: Path, killed: str) -> None:
    user = users(lab)[0]
    lab.run(f'drop role if exists "{user}"; create role "{user}" login password \'old-words\'')
    make = Path(__file__).parents[1] / "deploy" / "make-secrets"
    subprocess.run(["/bin/bash", str(make), str(tmp_path)], check=True)
    (tmp_path / "metadata_login").write_text("old-words")
    script = blocks(LOGINS)[0].replace("/opt/airflow/deploy/make-secrets", str(make))
    script = script.replace("PGUSER=airflow PGDATABASE=airflow", f"PGUSER={user} PGDATABASE={lab.database}")
    where = {"PGHOST": lab.endpoint.host, "PGPORT": str(lab.endpoint.port)}
    if killed == "before the server":
        (tmp_path / "metadata_login.new").write_text("chosen-before")
    if killed == "after the server":
        (tmp_path / "metadata_login.new").write_text("chosen-before")
        lab.run(f"alter role \"{user}\" password 'chosen-before'")
    if killed == "before it was made":
        bash(script.rpartition("rm -f metadata")[0] + "true", tmp_path, **where)
    bash(script, tmp_path, **where)
    new = (tmp_path / "metadata_login").read_text()
    assert (new == "chosen-before") is ("the server" in killed)
    replace(lab.endpoint, user=user, password=new).connect("new").close()
    with pytest.raises(BrokenError):
        replace(lab.endpoint, user=user, password="old-words").connect("old")
    assert (tmp_path / "metadata").read_text() == f"postgresql+psycopg2://airflow:{new}@postgres/airflow"
    connections = json.loads((tmp_path / "connections.json").read_text())
    assert connections["airflow_maintenance_db"]["password"] == new
    assert not {path.name for path in tmp_path.iterdir()} & {"metadata_login.new", ".made"}
    assert (tmp_path / "metadata_login").stat().st_mode & 0o007 == 0


def test_the_table_of_logins_is_that_of_the_installation(tmp_path: Path) -> None:
    """Every login that is made, with the role that has it and the connections that are made of it."""
    deploy = Path(__file__).parents[1] / "deploy"
    subprocess.run(["/bin/bash", str(deploy / "make-secrets"), str(tmp_path)], check=True)
    made = json.loads((tmp_path / "connections.json").read_text())
    section = TEXT.split(LOGINS)[1]
    told = {login: (user, set(re.findall(r"`(\w+_db)`", names))) for login, user, names in re.findall(
        r"^\| `(\w+_login)` \| `(\w+)` \| `\w+` \| (.*) \|$", section, re.MULTILINE
    )}  # fmt: skip
    assert set(told) == {path.name for path in tmp_path.glob("*_login")}
    for login, (user, names) in told.items():
        has = {name for name, fields in made.items() if fields["password"] == (tmp_path / login).read_text()}
        assert (has, {made[name]["login"] for name in has}) == (names, {user})


def test_each_test_that_is_named_is_there() -> None:
    tests = Path(__file__).parent
    told = (tests.parent / "docs/secrets.md").read_text(encoding="utf-8")
    there = "".join(
        path.read_text(encoding="utf-8") for folder in ("rotation", "jobs/security") for path in (tests / folder).glob("*.py")
    )
    named = set(re.findall(r"`(test_\w+)`", told))
    assert len(named) > 10
    assert sorted(name for name in named if f"def {name}(" not in there) == []
