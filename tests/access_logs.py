"""Access logs for tests: lines of the format combined with a time, and places that read them."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

from upkeep.signals.kinds.access_log import AccessLogPlace, AccessLogSignals
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
WINDOW = Window(NOON, NOON + timedelta(minutes=10))
TIMED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    "$request_time"
)
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


def line(
    second: float, status: object = 200, seconds: object = "0.100", request: str = "GET /a HTTP/1.1", agent: str = "curl/8"
) -> str:
    """One line so many seconds after noon, as nginx writes it with `TIMED`."""
    moment = NOON + timedelta(seconds=second)
    return f'10.0.0.1 - - [{moment:%d/%b/%Y:%H:%M:%S +0000}] "{request}" {status} 12 "-" "{agent}" {seconds}\n'


def write(folder: Path, text: str | bytes, name: str = "access.log") -> Path:
    """A file of the log, packed when its name says so."""
    data = text.encode() if isinstance(text, str) else text
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def opened(folder: Path, format: str = TIMED, **more: object) -> AccessLogSignals:  # noqa: A002 - the inventory's word
    """A place in a folder."""
    place = {"kind": "access_log", "place": folder.as_uri(), "format": format, **more}
    return AccessLogPlace.model_validate(place).open(NOWHERE)
