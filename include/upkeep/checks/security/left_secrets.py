"""Secrets in what pipelines and containers left behind."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from upkeep.answer import Answer, Finding, Severity
from upkeep.checks.security.leak_answer import answer, finding
from upkeep.checks.security.leak_known import by_value, known_values
from upkeep.checks.security.leak_scan import ALLOWED, Leak, Look, Scan, allowed_among, hashed
from upkeep.config.inventory import Inventory
from upkeep.duty import check
from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.environment_report import settings
from upkeep.formats.secret_patterns import Spotted, spotted
from upkeep.sources.access_log_files import LogFile
from upkeep.sources.connections import Connections
from upkeep.sources.objects import ObjectStore
from upkeep.sources.paged_files import paged, refusals
from upkeep.sources.unpacked import texts
from upkeep.targets.left_files import LeftFiles
from upkeep.targets.secret import Secret
from upkeep.window import Cadence, Window

MB = 10**6
OVERLAP = 16_384  # longer than what the patterns find, so that nothing is cut between two pieces
REPORT = 32 * MB


@check(Cadence.WEEKLY, owner="security")
def left_secrets(
    left: LeftFiles, inventory: Inventory, connections: Connections, window: Window, *, most_mb: float = 2000
) -> Answer:
    """
    Secrets in what pipelines and containers left behind.

    Every file of the place that was last changed in the window, plain or packed by gzip or zstd, is looked through as a stream:
    for tokens by their makers' forms, private keys, connection strings with a password, random values behind telling names, and
    the values of the inventory's own secrets, also escaped as in JSON, in addresses and HTML, and in base64 on one line. Reports
    in JSON of up to 32 MB, such as those of `docker inspect` and of pods, are read by their names and values. Only kind and place
    are told. What may stay is silenced by its SHA-256 in a file `.upkeep-allowed-secrets` of the place, or by
    `pragma: allowlist secret` on its line. A value that was packed once more or encrypted is not found, nor what stands in
    earlier versions of a bucket's objects. A file with more than `most_mb` of text, one
    that cannot be unpacked or read, and an archive (zip, tar) make it unknown where nothing was found; so does a place that is
    not there, may not be listed, or never had such a file.
    """
    store, scan = connections.objects(left.place, left.connection), Scan()
    known, unread = known_values([each for each in inventory.targets if isinstance(each, Secret)], connections)
    scan.unread.extend(unread)
    look = partial(_looks, allowed_among(_allowed(store)), by_value(known))
    for file in _of_window(store, left.files, window):
        try:
            _scan(scan, file.name, lambda name=file.name: texts(store, name, int(most_mb * MB)), look)  # type: ignore[misc]
        except BrokenError as error:
            scan.unread.append(f"{file.name}: {error}")
    return answer(scan, None, [_finding(leak) for leak in scan.leaks])


def _of_window(store: ObjectStore, pattern: str, window: Window) -> Iterator[LogFile]:
    """Files that were last changed in it, all where the store does not say. Raises CannotAskError where none ever was."""
    there = False
    for file in paged(store, pattern):
        own = file.name.rpartition("/")[2] == ALLOWED
        there = there or not own
        if not own and (file.modified is None or window.start <= file.modified < window.end):
            yield file
    if not there:
        remedy = "have pipelines leave them there, or correct place and files in the inventory"
        raise CannotAskError(f"there is no file {pattern} at {store.url}", remedy)


def _allowed(store: ObjectStore) -> str:
    with refusals(store.url):
        return store.get(ALLOWED).decode("utf-8", "replace") if store.exists(ALLOWED) else ""


def _looks(allowed: frozenset[str], known: Look, path: str, text: str) -> Iterator[Spotted]:
    """By value first: what is known is named."""
    yield from known(path, text)
    yield from (spot for spot in spotted(text) if hashed(spot.text) not in allowed)


def _scan(scan: Scan, name: str, read: Callable[[], Iterable[str]], look: Look) -> None:
    """A report by its names and values, all else by its lines, in pieces that overlap."""
    tail, lines = "", 0
    kept: list[str] | None = [] if ".json" in name else None
    for piece in read():
        text = tail + piece
        for spot in look(name, text):
            scan.note(name, spot, f"line {lines + spot.line}")
        tail = text[-OVERLAP:]
        lines += text.count("\n", 0, len(text) - len(tail))
        if kept is not None:
            kept = None if sum(map(len, kept)) + len(piece) > REPORT else [*kept, piece]
    scan.read += 1
    if kept:
        _report(scan, name, "".join(kept), look)


def _report(scan: Scan, name: str, text: str, look: Look) -> None:
    """What its lines did not show already; no JSON is no report."""
    try:
        for place, setting in settings(text):
            for spot in look(name, setting):
                if not scan.knows(name, spot):
                    scan.note(name, spot, place)
    except ValueError:
        return


def _finding(leak: Leak) -> Finding:
    severity = Severity.HIGH if leak.certain else Severity.MEDIUM
    remedy = (
        "take it for known to others: rotate it first, then delete the file, and mask it where it was printed."
        f" Where it is none: put its SHA-256 (printf %s VALUE | sha256sum) into {ALLOWED} of the place"
    )
    return replace(finding(leak, severity), rule="secret_left", remedy=remedy)
