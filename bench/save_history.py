"""
What one more save costs when its duty and target have a long past; aim: at window 1,095 at most 1.5 times that at window 30.

Three years of days are saved one by one, forty things that come and go and forty metrics, beside the past of other targets
and of other duties. A window's time is the best of several saves of it. It is measured with no statistics at all (nobody has
run ANALYZE) and with them. Beside it stands what working out the whole past would cost. Run: python -m bench.save_history
[windows]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.database.sequences import sequences
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate
from upkeep.units import Unit
from upkeep.window import Window

FIRST = datetime(2023, 1, 1, tzinfo=UTC)
EARLY, ROUNDS, FINDINGS = 30, 15, 40
PROVENANCE = Provenance("daily", "bench", "bench", 0, 1, FIRST, 0.0)
SETTINGS = {"autovacuum": "off"}
OTHERS = """
    insert into upkeep.answer
    select other.duty, other.target, moment - interval '1 day', moment, 'daily', 'ok', 'fine', '{}', moment, 0, '', '', '', 0, 1
    from (
        select 'sequences' as duty, 'target' || i as target from generate_series(1, 40) as i
        union all
        select 'duty' || i, 'shop' from generate_series(1, 40) as i
    ) as other
    cross join generate_series(%(first)s, %(last)s, interval '1 day') as moment
"""
WHOLE_PAST = b"select upkeep.retell(array['sequences'], array['shop'])"


def window(number: int) -> Window:
    """The day of this number."""
    return Window(FIRST + timedelta(days=number), FIRST + timedelta(days=number + 1))


def answer(number: int) -> Answer:
    """Half of forty things is wrong, each for a week and then not for a week, and there is a number for each."""
    wrong = [i for i in range(FINDINGS) if (i + (number + i) // 7) % 2 == 0]
    findings = [Finding(rule="near_end", object=f"t{i}", severity=Severity.LOW, title="t", remedy="r") for i in wrong]
    metrics = [Metric(name="used", value=number + i, unit=Unit.SHARE, labels={"table": f"t{i}"}) for i in range(FINDINGS)]
    return Answer.judged("bench", findings=findings, metrics=metrics, state={"n": number})


def put(connection: psycopg.Connection[Any], number: int, target: str = "shop") -> None:
    """Save one day."""
    save(connection, sequences, target, window(number), answer(number), PROVENANCE)


def best(work: Callable[[], Any]) -> float:
    """The best seconds of several times."""
    return min(seconds(work) for _ in range(ROUNDS))


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def bench(connection: psycopg.Connection[Any], windows: int) -> None:
    """Print the cost of a save early and late, and of the whole past."""
    connection.execute(OTHERS, {"first": window(0).end, "last": window(windows - 1).end})
    early, last = min(EARLY, windows - 1), windows - 1
    for number in range(early):
        put(connection, number)
    first = best(lambda: put(connection, early))
    for number in range(early + 1, windows):
        put(connection, number)
    _say(f"without statistics, window {windows:,}", best(lambda: put(connection, last)), first)
    _say("without statistics, one in the middle", best(lambda: put(connection, windows // 2)), first)
    for number in range(early):
        put(connection, number, "young")
    _say_in_turn(connection, "without statistics", early, last)
    connection.execute("analyze")
    _say_in_turn(connection, "with statistics", early, last)
    _say("for comparison, the whole past once", best(lambda: connection.execute(WHOLE_PAST)), first)


def _say_in_turn(connection: psycopg.Connection[Any], what: str, early: int, last: int) -> None:
    """The newest window of a young target and of an old one, in turn, so that the machine's other work meets both alike."""
    young, old = [], []
    for _ in range(ROUNDS):
        young.append(seconds(lambda: put(connection, early, "young")))
        old.append(seconds(lambda: put(connection, last)))
    _say(f"{what}, window {last + 1:,} beside a young target's, in turn", min(old), min(young))


def _say(what: str, seconds: float, first: float) -> None:
    print(f"{what}: {seconds * 1000:.1f} ms, {seconds / first:.2f} times window {EARLY} ({first * 1000:.1f} ms)", flush=True)


def main() -> None:
    """Fill a scratch server and print."""
    windows = int((*sys.argv[1:], "1095")[0])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = ScratchServer(Path(folder) / "server", free_port(), settings=SETTINGS)
        try:
            server.start()
            migrate(server.endpoint())
            with server.endpoint().connect("bench") as connection:
                bench(connection, windows)
        finally:
            server.remove()


if __name__ == "__main__":
    main()
