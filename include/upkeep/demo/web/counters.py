"""What the shop's API counts of its requests, as Prometheus reads it."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds at which buckets of the histogram end; one of them is the service's limit, so that slow answers can be counted."""
REQUESTS, TIMES = "http_requests_total", "http_request_duration_seconds"
ROUTES = ("/api/stock", "/api/basket")


class Counters:
    """Requests by route and status, and a histogram of their times; none has a number of its own in its route."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter({(route, status): 0 for route in ROUTES for status in (200, 500)})
        self._buckets = {route: [0] * (len(BOUNDS) + 1) for route in ROUTES}
        self._spent = dict.fromkeys(ROUTES, 0.0)
        self._lock = threading.Lock()

    def note(self, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self._requests[route, status] += 1
            self._buckets[route][bisect_left(BOUNDS, seconds)] += 1
            self._spent[route] += seconds

    def samples(self, own: str = "") -> Iterator[tuple[str, float]]:
        """Each series with its labels, those of `own` first, and its value."""
        with self._lock:
            for (route, status), count in sorted(self._requests.items()):
                yield f'{REQUESTS}{{{own}route="{route}",code="{status}"}}', count
            for route, buckets in self._buckets.items():
                total = 0
                for bound, count in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
                    total += count
                    yield f'{TIMES}_bucket{{{own}route="{route}",le="{bound}"}}', total
                yield f'{TIMES}_count{{{own}route="{route}"}}', total
                yield f'{TIMES}_sum{{{own}route="{route}"}}', round(self._spent[route], 6)

    def text(self) -> str:
        """All of them, as /metrics shows them."""
        return "".join(f"{series} {value}\n" for series, value in self.samples())


def route_of(path: str) -> str | None:
    """The route of a request to the API; None for a page of the shop."""
    return next((route for route in ROUTES if path == route or path.startswith(f"{route}/")), None)
