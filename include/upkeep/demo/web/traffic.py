"""Requests to the shop's web tier as lines of nginx, the same for the same day whenever they are made."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import cos, pi

from upkeep.demo.web.story import BAD, FAILED_SHARE, OUTAGE, SLOW, TIMES_SLOWER, Story

FORMAT = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" $request_time'
)
PER_MINUTE, MORE_BY_DAY = 10.0, 3.0
_PATHS = (
    (30, "GET", "/"),
    (25, "GET", "/products/{}"),
    (15, "GET", "/search?q=lamp+{}"),
    (12, "GET", "/orders/{}"),
    (10, "GET", "/static/shop.css"),
    (5, "POST", "/basket"),
    (3, "POST", "/checkout"),
)
_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Mobile", "shop-app/4.2")
_WEIGHTS = [weight for weight, _, _ in _PATHS]
_SEARCHED, _WEEKEND = 2, 5
_USUAL = (98.995, 1, 0.005)


def lines_of_hour(hour: datetime, story: Story) -> Iterator[str]:
    """Lines of one hour of UTC in order of their time."""
    chance = random.Random(f"shop-web {hour:%Y-%m-%dT%H}")  # noqa: S311 - visitors, not secrets
    rate = PER_MINUTE - MORE_BY_DAY * cos(2 * pi * (hour.hour - 3) / 24)
    rate *= 0.9 if hour.weekday() >= _WEEKEND else 1.0
    at = hour + timedelta(seconds=chance.expovariate(rate / 60))
    while at < hour + timedelta(hours=1):
        yield _line(at, story, chance)
        at += timedelta(seconds=chance.expovariate(rate / 60))


def _line(at: datetime, story: Story, chance: random.Random) -> str:
    place = chance.choices(range(len(_PATHS)), _WEIGHTS)[0]
    _, method, path = _PATHS[place]
    status, slower = _outcome(at, story, chance)
    seconds = chance.lognormvariate(-2.8, 0.5) * (3 if place == _SEARCHED else 1) * slower
    address = f"198.51.{chance.randrange(100, 104)}.{chance.randrange(1, 255)}"
    return written(at, address, method, path.format(chance.randrange(1, 5000)), status, chance.choice(_AGENTS), seconds)


def _outcome(at: datetime, story: Story, chance: random.Random) -> tuple[int, float]:
    """The status, and how many times slower than usual it was."""
    if story.during(OUTAGE, at):
        return 503, 0.1
    if story.during(BAD, at) and chance.random() < FAILED_SHARE:
        return 500, 1.0
    usual = chance.choices((200, 404, 502), _USUAL)[0]
    return usual, TIMES_SLOWER if story.during(SLOW, at) else 1.0


def written(at: datetime, address: str, method: str, path: str, status: int, agent: str, seconds: float) -> str:
    """One request as `FORMAT` has it."""
    when = f"{at.astimezone(UTC):%d/%b/%Y:%H:%M:%S +0000}"
    size = 0 if method == "POST" else 4_096
    return f'{address} - - [{when}] "{method} {path} HTTP/1.1" {status} {size} "-" "{agent}" {seconds:.3f}\n'
