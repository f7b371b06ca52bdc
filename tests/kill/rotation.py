"""`python -m tests.kill.rotation`: a rotation struck at every call, of every kind in every store, under an application."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path

from tests.kill.table import JobMatrix, print_matrix
from tests.lab import Lab, fresh_database
from tests.rotation.world import BACK, FAULTS, KINDS, PHASES, STORES, go_on, roll_back, strike, strike_back, world
from upkeep.sources.scratch import ScratchServer, free_port

WORKS = ("secret_rotation",)
# Some hundred logins a strike: what a password costs to try is not what is struck.
SETTINGS = {"fsync": "off", "scram_iterations": "1"}


@contextmanager
def matrix(lab: Lab, kind: str, store: str) -> Iterator[JobMatrix]:
    """The calls of one rotation, of its end, of a removal and of a taking back, and what a fault at each leaves behind."""
    with tempfile.TemporaryDirectory() as folder:
        points = _points(lab, Path(folder), kind, store)

        def struck(number: int, fault: str) -> list[str]:
            phase, own_number, _ = points[number]
            if phase != BACK:
                with tempfile.TemporaryDirectory() as own, world(lab, Path(own), kind, store) as made:
                    return strike(made, phase, own_number, fault)
            wrong: list[str] = []
            for goes_on in (False, True):
                with tempfile.TemporaryDirectory() as own, world(lab, Path(own), kind, store) as made:
                    wrong += strike_back(made, own_number, fault, goes_on=goes_on)
            return wrong

        yield JobMatrix(f"secret_rotation: {kind}, {store}", [f"{phase}: {call}" for phase, _, call in points], FAULTS, struck)


def _points(lab: Lab, folder: Path, kind: str, store: str) -> list[tuple[str, int, str]]:
    found: list[tuple[str, int, str]] = []
    with world(lab, folder, kind, store) as made:
        for phase in PHASES:
            go_on(made, phase)
            found += [(phase, number, call) for number, call in enumerate(made.watch.calls)]
    with tempfile.TemporaryDirectory() as own, world(lab, Path(own), kind, store) as made:
        roll_back(made)
        found += [(BACK, number, call) for number, call in enumerate(made.watch.calls)]
    return found


def main() -> int:
    """Print the table; exit code 1 when anything was not healed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--each", type=int, default=1, help="only each so many-th call")
    given.add_argument("--kind", choices=KINDS, action="append", help="only this kind, may be repeated")
    given.add_argument("--store", choices=STORES, action="append", help="only this store, may be repeated")
    options = given.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    return print_matrix(_jobs(options.kind or KINDS, options.store or STORES), options.each)


def _jobs(kinds: Sequence[str], stores: Sequence[str]) -> Iterator[JobMatrix]:
    with tempfile.TemporaryDirectory(prefix="upkeep-kill-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        server = ScratchServer(folder / "server", free_port(), settings=SETTINGS)
        stack.callback(server.remove)
        server.start()
        lab = stack.enter_context(fresh_database(server, "rotation"))
        for kind, store in product(kinds, stores):
            with matrix(lab, kind, store) as job:
                yield job


if __name__ == "__main__":
    sys.exit(main())
