"""
How fast an access log is counted, against `wc -l` and GoAccess (where installed) on the same file, and with how much memory.

Writes a log of the given size (MB, default 100) below /var/tmp, so that it lies on disk; prints seconds, MB/s, how many times as
fast as each, and the peak memory of the process that counts. Its counts are compared with what was written.

    python -m bench.access_log [MB]
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "curl/8.1",
)
PATHS = ("/", "/cart", "/api/orders/{}", "/products/{}?ref=mail", "/static/app.js")
STATUSES = (200, 200, 200, 200, 304, 404, 500)
FORMAT = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %T'
GOACCESS = ("--log-format", '%h %^[%d:%t %^] "%r" %s %b "%R" "%u" %T', "--date-format", "%d/%b/%Y", "--time-format", "%T")
# In a process of its own, so that its memory is its own.
COUNT = """
import resource, sys
from pathlib import Path
from datetime import UTC, datetime, timedelta
from upkeep.signals.kinds.access_log import AccessLogPlace
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window
what, folder, text = sys.argv[1:]
place = AccessLogPlace(kind="access_log", place=Path(folder).as_uri(), format=text)
signals = place.open(OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x")))
window = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))
if what == "minutes":
    total = signals.tell(window, 0.5).minutes.total
    requests, errors = total.requests, total.errors
else:
    told = signals.endpoints(window).each
    requests, errors = sum(each.requests for each in told), sum(each.errors for each in told)
print(requests, errors, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def write(path: Path, size: int) -> tuple[int, int]:
    """Fill a file up to a size in bytes; how many requests and how many errors."""
    rng, moment, made, lines, errors = random.Random(1), BEGIN, 0, 0, 0  # noqa: S311 - a made-up log
    with path.open("w") as file:
        while made < size:
            moment += timedelta(milliseconds=rng.randrange(1, 30))
            status, url = rng.choice(STATUSES), rng.choice(PATHS).format(rng.randrange(100_000))
            made += file.write(
                f"10.{rng.randrange(255)}.{rng.randrange(255)}.7 - - [{moment:%d/%b/%Y:%H:%M:%S +0000}] "
                f'"GET {url} HTTP/1.1" {status} {rng.randrange(90_000)} "https://shop.example/" "{rng.choice(AGENTS)}" '
                f"{rng.lognormvariate(-3, 1):.3f}\n"
            )
            lines, errors = lines + 1, errors + (status == STATUSES[-1])
    return lines, errors


def seconds(command: list[str]) -> tuple[float, str]:
    """Time of a program by the clock, and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - begun, done.stdout


def main() -> None:
    """Measure, and compare the counts."""
    size = int(sys.argv[1] if len(sys.argv) > 1 else 100) * 1_000_000
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = Path(folder) / "access.log"
        lines, errors = write(path, size)
        least, _ = seconds(["wc", "-l", str(path)])
        print(f"{size / 1e6:.0f} MB, {lines:,} lines: wc -l {least:.2f} s")
        others = None
        if goaccess := shutil.which("goaccess"):
            others, _ = seconds([goaccess, str(path), *GOACCESS, "-o", "json", "--no-progress"])
            print(f"goaccess {others:.1f} s")
        for what in ("minutes", "endpoints"):
            took, printed = seconds([sys.executable, "-c", COUNT, what, folder, FORMAT])
            requests, failed, memory = map(int, printed.split())
            right = "counts are exact" if (requests, failed) == (lines, errors) else f"WRONG: {requests:,} and {failed:,}"
            beside = f", {others / took:.1f} x goaccess" if others else ""
            speed = f"{took:.1f} s, {size / took / 1e6:.0f} MB/s{beside}, {took / least:.0f} x the time of wc"
            print(f"{what:9} {speed}; {memory} MB; {right}")


if __name__ == "__main__":
    main()
