"""Plain lines out of syslog, Docker, Kubernetes and Cloud SQL."""

import json
from datetime import UTC, datetime

import pytest

from upkeep.formats.log_envelopes import in_json, unwrapped, wrapped

LATEST = datetime(2026, 1, 2, tzinfo=UTC)
PLAIN = [
    b"2026-01-01 10:00:00.000 UTC [7] u@d LOG:  duration: 5.000 ms  statement: select 1",
    b"\t, 2",
    b"2026-01-01 10:00:01.000 UTC x",
]


def lines(*carried: str | bytes, timed: bool = True) -> list[bytes]:
    given = [line.encode() if isinstance(line, str) else line for line in carried]
    assert wrapped(b"\n".join(given)) == (given != PLAIN)
    return list(unwrapped(given, LATEST, timed=timed))


def test_plain_lines_stay() -> None:
    assert lines(*PLAIN) == PLAIN
    assert not in_json(b"\n".join(PLAIN))


@pytest.mark.parametrize(
    "head", ["Jan  1 10:00:00 db1", "Jan 1 10:00:00 db1", "<134>Jan  1 10:00:00 db1", "2026-01-01T10:00:00.123456+01:00 db1"]
)
@pytest.mark.parametrize("ident", ["postgres", "postgres-main", "shop"])
def test_parts_of_syslog_are_put_together(head: str, ident: str) -> None:
    found = lines(
        f"{head} {ident}[7]: [3-1] 2026-01-01 10:00:00.000 UTC [7] u@d LOG:  duration: 5.000 ms  statement: select 1,",
        f"{head} {ident}[8]: [9-1] 2026-01-01 10:00:00.000 UTC [8] u@d LOG:  x",
        f"{head} sshd[9]: Accepted publickey for bob",
        f"{head} {ident}[7]: [3-2]  2, a_long_line",
        f"{head} {ident}[7]: [3-3] #011from t",
        f"{head} {ident}[7]: [3-4] \twhere b",
        f"{head} {ident}[7]: [4-1] 2026-01-01 10:00:01.000 UTC [7] u@d LOG:  y",
    )
    assert found == [
        b"2026-01-01 10:00:00.000 UTC [7] u@d LOG:  duration: 5.000 ms  statement: select 1, 2, a_long_line",
        b"\tfrom t",
        b"\twhere b",
        b"2026-01-01 10:00:00.000 UTC [8] u@d LOG:  x",
        b"2026-01-01 10:00:01.000 UTC [7] u@d LOG:  y",
    ]


def test_syslog_gives_its_time_where_the_prefix_has_none() -> None:
    found = lines("Jan  1 10:00:00 h postgres[7]: [1-1] u@d LOG:  x", "Dec 31 10:00:00 h postgres[8]: [1-1] LOG:  y", timed=False)
    assert found == [b"2026-01-01 10:00:00.000 LOCAL [7] u@d LOG:  x", b"2025-12-31 10:00:00.000 LOCAL [8] LOG:  y"]
    iso = lines("<14>1 2026-01-01T10:00:00.5Z h postgres 7 - - [1-1] LOG:  x", timed=False)
    assert iso == [b"2026-01-01 10:00:00.500 Z [7] LOG:  x"]


def test_an_entry_of_syslog_does_not_wait_for_ever() -> None:
    many = (f"Jan  1 10:{i // 60:02d}:{i % 60:02d} h postgres[{i}]: [1-1] {i}".encode() for i in range(3000))
    coming = unwrapped(many, LATEST, timed=True)
    assert [next(coming) for _ in range(3)] == [b"0", b"1", b"2"]
    assert next(many).split()[-1] < b"60", "only what was looked at in advance and a few more were read"


def test_docker_kubernetes_and_cloud_sql() -> None:
    docker = [json.dumps({"log": line.decode() + "\n", "stream": "stderr", "time": "2026-01-01T10:00:00Z"}) for line in PLAIN]
    assert lines(*docker) == PLAIN
    cri = [f"2026-01-01T10:00:00.123456789Z stderr F {line.decode()}" for line in PLAIN]
    assert lines(*cri) == PLAIN
    assert lines("2026-01-01T10:00:00Z stderr P one ", "2026-01-01T10:00:00Z stderr F entry") == [b"one entry"]
    whole = "\n".join(line.decode() for line in PLAIN[:2])
    cloud = [json.dumps({"insertId": "s=1", "textPayload": text, "timestamp": "2026-01-01T10:00:00.1Z"}) for text in (whole, "x")]
    assert lines(*cloud) == [*PLAIN[:2], b"x"]
    assert not in_json("\n".join(cloud).encode())
    assert in_json(b'{"timestamp":"2026-01-01 10:00:00.000 UTC","error_severity":"LOG","message":"x"}\n')
