"""
How long the signals of many services over a day take to read from a real Prometheus, and whether every count is right.

Writes the samples into its blocks, two hours at a time (every 15 s; of each service two instances, three statuses, six buckets),
then reads each service as golden_signals does. Prints seconds in all, the slowest service, its processor and memory.

    python -m bench.prometheus [SERVICES] [HOURS]
"""

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from tests.prometheus_lab import Past, into_blocks, prometheus
from upkeep.humanize import plural
from upkeep.signals.kinds.prometheus import PrometheusPlace
from upkeep.window import Window

START, EVERY, BLOCK_S = datetime(2026, 5, 14, tzinfo=UTC), 15, 7_200
STATUSES = {"200": 20, "404": 2, "500": 1}
BUCKETS = {"0.05": 10, "0.1": 15, "0.25": 20, "0.5": 22, "1": 23, "+Inf": 23}


def write(folder: Path, services: int, hours: int) -> tuple[int, int]:
    """The past of every service as blocks; how many scrapes of an instance lie in the hours, and how many samples there are."""
    at, samples = range(-285, hours * 3600 + 1, EVERY), 0
    origin = START.timestamp()
    for _, group in groupby(enumerate(at), key=lambda each: int(origin + each[1]) // BLOCK_S):
        places = list(group)
        past = Past(START)
        for instance in ("a", "b"):
            _instance(past, places, job="s0", instance=instance)
        text = "\n".join([*past.lines, ""])
        samples += len(past.lines) * services
        with (folder / "past").open("w") as file:
            file.writelines(text.replace('job="s0"', f'job="s{number}"') for number in range(services))
            file.write("# EOF\n")
        into_blocks(folder)
    return sum(each > 0 for each in at), samples


def _instance(past: Past, at: Sequence[tuple[int, int]], **labels: str) -> None:
    past.add("up", [(each, 1) for _, each in at], **labels)
    for code, by in STATUSES.items():
        past.add("http_requests_total", [(each, by * place) for place, each in at], code=code, **labels)
    for bound, by in BUCKETS.items():
        steps = [(each, by * place) for place, each in at]
        past.add("http_request_duration_seconds_bucket", steps, le=bound, **labels)


def main() -> None:
    """Measure, and compare the counts."""
    services, hours = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, 500), (2, 24)))
    window, times = Window(START, START + timedelta(hours=hours)), []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        scrapes, samples = write(Path(folder), services, hours)
        with prometheus(Path(folder)) as served:
            before = time.process_time()
            for number in range(services):
                begun = time.perf_counter()
                place = PrometheusPlace(kind="prometheus", connection="prometheus", match=f'job="s{number}"')
                total = place.open(served.connections()).tell(window, 0.5).minutes.total
                times.append(time.perf_counter() - begun)
                if (total.requests, total.errors, total.slow) != (46 * scrapes, 2 * scrapes, 2 * scrapes):
                    sys.exit(f"wrong: {total} of s{number}, with {scrapes} scrapes")
            processor = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{plural(services, 'service')}, {plural(hours, 'hour')}, {samples:,} samples: every count right")
    print(f"{sum(times):.1f} s in all, {sum(times) / services * 1000:.0f} ms a service, the slowest {max(times) * 1000:.0f} ms")
    print(f"{processor / services * 1000:.0f} ms of a processor a service, without those of Prometheus")
    print(f"peak memory {peak} MiB")


if __name__ == "__main__":
    main()
