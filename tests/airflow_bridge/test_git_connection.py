"""Airflow's connections as logins to git servers; what is wrong is said without a secret."""

import json
from pathlib import Path
from typing import Any

import pytest

from upkeep.airflow_bridge.connections import AirflowConnections
from upkeep.errors import BrokenError
from upkeep.sources.git.login import GitConnections, environment, login_of

SECRET = "hunter2"


def give(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_GIT", json.dumps({"conn_type": "git", **fields}))


def test_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, login="ann", password=SECRET)
    found = login_of(AirflowConnections(), "shop_git")
    assert isinstance(AirflowConnections(), GitConnections)
    assert (found.user, found.token, found.private_key) == ("ann", SECRET, None)
    assert SECRET not in repr(found)
    with environment(found, "https://h:8443/x") as given:
        assert given["GIT_CONFIG_KEY_0"] == "credential.https://h:8443.helper"
        assert SECRET not in given["GIT_CONFIG_VALUE_0"]


@pytest.mark.parametrize("in_file", [False, True])
def test_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, in_file: bool) -> None:  # noqa: FBT001 - both ways
    (tmp_path / "key").write_text(f"{SECRET}\r\nend")
    key = {"key_file": str(tmp_path / "key")} if in_file else {"private_key": f"{SECRET}\nend"}
    give(monkeypatch, extra={**key, "known_hosts": "h ssh-ed25519 AAAA"})
    found = login_of(AirflowConnections(), "shop_git")
    with environment(found, "git@h:x") as given:
        command = given["GIT_SSH_COMMAND"].split()
        files = Path(command[command.index("-i") + 1]), Path(given["GIT_SSH_COMMAND"].partition("UserKnownHostsFile=")[2])
        assert [path.stat().st_mode & 0o777 for path in files] == [0o600, 0o600]
        assert [path.read_text() for path in files] == [f"{SECRET}\nend\n", "h ssh-ed25519 AAAA\n"]
        assert "StrictHostKeyChecking=yes" in command
    assert not files[0].exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "has no token and no key"),
        ({"extra": {"key_file": "/nonexistent"}}, "the key_file of connection"),
        ({"conn_type": "postgres", "password": SECRET}, "postgres"),
    ],
)
def test_what_is_wrong_is_said(monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], message: str) -> None:
    give(monkeypatch, **fields)
    with pytest.raises(BrokenError, match=message) as caught:
        login_of(AirflowConnections(), "shop_git")
    assert SECRET not in f"{caught.value} {caught.value.remedy}"
    assert caught.value.remedy
