"""
Customers who log in all the time with what the secret says, and a count of those who were refused.

The secret is read again after `CACHE_S`, as the inventory says of the shop; each try is a line of a file.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

CACHE_S, EVERY_S = 10.0, 1.0
SECRET, TRIES = "UPKEEP_DEMO_SECRET", "UPKEEP_DEMO_LOGINS"


class Cached:
    """The shop's login as an application keeps it: read again only when what it has is old."""

    def __init__(self, path: Path) -> None:
        self._path, self._read_at = path, -CACHE_S
        self._fields: dict[str, str] = {}

    def login(self) -> dict[str, str]:
        """User and password for libpq."""
        if time.monotonic() - self._read_at >= CACHE_S:
            self._fields = json.loads(self._path.read_text(encoding="utf-8"))
            self._read_at = time.monotonic()
        return {"user": self._fields["username"], "password": self._fields["password"]}


@dataclass(frozen=True, slots=True)
class Try:
    """One login: when, as whom, and whether it worked."""

    at: float
    user: str
    well: bool


def keep_trying(path: Path, tries: Path) -> None:
    """Log in each second, ask one thing, leave, and note it; without end."""
    secret = Cached(path)
    while True:
        with tries.open("a", encoding="utf-8") as file:
            one = attempt(secret.login())
            file.write(json.dumps([one.at, one.user, one.well]) + "\n")
        time.sleep(EVERY_S)


def attempt(login: dict[str, str]) -> Try:
    """One login. Only a refusal counts as failed: a server that is away refuses nobody's password."""
    import psycopg

    at = time.time()
    try:
        with psycopg.connect(
            application_name="shop logins", connect_timeout=5, user=login["user"], password=login["password"]
        ) as connection:
            connection.execute("select count(*) from products where id = 1")
    except psycopg.OperationalError as error:
        return Try(at, login["user"], "password" not in str(error) and "not permitted" not in str(error))
    return Try(at, login["user"], well=True)


def tried(tries: Path) -> list[Try]:
    """What was noted; a line that is being written is left out."""
    return list(_tried(tries)) if tries.exists() else []


def said(tries: Sequence[Try], begun: datetime | None, promoted: datetime | None) -> str:
    """How many failed, in all and while the login was rotated and picked up."""
    if begun is None or promoted is None:
        return f"no rotation of the shop's login yet; {_failed(tries)}"
    until = promoted.timestamp() + 2 * CACHE_S
    during = [one for one in tries if begun.timestamp() - 1 <= one.at <= until]
    took = f"{max(0.0, (promoted - begun).total_seconds()):.1f} s"
    users = " to ".join(dict.fromkeys(one.user for one in tries))
    return f"{_failed(during)} during the rotation ({took}, from {users}); {_failed(tries)} in all"


def _failed(tries: Sequence[Try]) -> str:
    return f"{sum(not one.well for one in tries):,} failed logins of {len(tries):,}"


def _tried(tries: Path) -> Iterator[Try]:
    for line in tries.read_text(encoding="utf-8").splitlines():
        try:
            yield Try(*json.loads(line))
        except (ValueError, TypeError):
            continue


if __name__ == "__main__":
    keep_trying(Path(os.environ[SECRET]), Path(os.environ[TRIES]))
