"""
How fast a server's log is read, against plain iteration over the same lines, and with how much memory.

Writes a log of the given size (MB, default 200) in which one line in twenty is about a duration, reads it in each format, and
prints MB/s, the ratio to `for line in file: pass`, and the growth of this process's peak memory.

    python bench/log_parse.py [MB]
"""

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from upkeep.formats.durations import timed
from upkeep.formats.log_entries import Format
from upkeep.sources.log_files import on_this_machine
from upkeep.sources.log_reading import read

PREFIX = "%m [%p] %q%u@%d "
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
DURATIONS = 0.05
_ENDS: dict[str, Format] = {".log": "stderr", ".csv": "csvlog", ".json": "jsonlog"}


def messages(rng: random.Random) -> Iterator[tuple[datetime, int, str]]:
    """Times, pids and messages: connections, and statements of twelve tables."""
    at = BEGIN
    while True:
        at += timedelta(milliseconds=rng.randrange(1, 60))
        pid = rng.randrange(1000, 1100)
        if rng.random() < DURATIONS:
            statement = f"select * from orders_{rng.randrange(12)} where id = {rng.randrange(10**9)}\n\tand name = 'x'"
            yield at, pid, f"duration: {rng.lognormvariate(4, 1):.3f} ms  statement: {statement}"
        else:
            yield (
                at,
                pid,
                f"connection authorized: user=shop database=shop application_name=web SSL enabled {rng.randrange(10**6)}",
            )


def line(end: str, at: datetime, pid: int, message: str) -> str:
    """One entry in a format."""
    moment = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC"
    if end == ".json":
        row = {"timestamp": moment, "user": "shop", "dbname": "shop", "pid": pid, "session_id": f"{pid:x}.1"}
        return json.dumps({**row, "error_severity": "LOG", "message": message}, separators=(",", ":")) + "\n"
    if end == ".csv":
        quoted = message.replace('"', '""')
        head = f'{moment},"shop","shop",{pid},"127.0.0.1:5",{pid:x}.1,1,"",{moment},3/0,0,LOG,00000'
        return f'{head},"{quoted}",,,,,,,,,"","client backend",,0\n'
    return f"{moment} [{pid}] shop@shop LOG:  {message}\n".replace("\nand", "\n\tand")


def write(path: Path, size: int) -> None:
    """Fill a file up to a size in bytes."""
    made, rng = 0, random.Random(1)  # noqa: S311 - a made-up log
    with path.open("w") as file:
        for at, pid, message in messages(rng):
            made += file.write(line(path.suffix, at, pid, message))
            if made > size:
                return


def seconds(work: Callable[[], object]) -> float:
    """Processor time, best of two: other work on the machine does not count."""
    times = []
    for _ in range(2):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def plain(path: Path) -> int:
    """What Python needs at least."""
    count = 0
    with path.open("rb") as file:
        for _ in file:
            count += 1
    return count


def parsed(path: Path) -> int:
    """Statements found."""
    return sum(1 for _ in timed(read(on_this_machine(str(path)), _ENDS[path.suffix], PREFIX, "UTC")))


def main() -> None:
    """Measure each format."""
    size = int(sys.argv[1] if len(sys.argv) > 1 else 200) * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for end, format_ in _ENDS.items():
            path = Path(folder) / f"postgresql{end}"
            write(path, size)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            least, ours = seconds(lambda path=path: plain(path)), seconds(lambda path=path: parsed(path))
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            speed, ratio = size / ours / 1e6, least / ours
            print(
                f"{format_:8} {size / 1e6:.0f} MB {speed:6.0f} MB/s  ratio to plain iteration {ratio:.2f}  memory +{grown:.0f} MB"
            )
            path.unlink()


if __name__ == "__main__":
    main()
