"""Servers and databases for the tests."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.folder import session_folder
from tests.lab import Lab, drop_roles, fresh_database, fresh_reports
from upkeep.sources.scratch import ScratchServer, free_port, installed

# The major of shared servers: contrib modules come with the newest. Another is named to see what the tests say there (the score).
NAMED = "UPKEEP_TEST_MAJOR"
FULL = int(os.environ.get(NAMED) or 18)
MAJORS = [FULL] if os.environ.get(NAMED) else sorted(installed())
SETTINGS = {
    "fsync": "off",
    "shared_preload_libraries": "pg_stat_statements",
    "max_prepared_transactions": "5",
    "wal_level": "logical",
    "max_connections": "60",
    "autovacuum": "off",
    "track_commit_timestamp": "on",
}

_shared: list[ScratchServer] = []


def pytest_configure(config: pytest.Config) -> None:
    """
    Give every session a folder of its own, for its temporary files too.

    pytest's usual one is shared, and each start of pytest shuts it to other users again: servers of a session that still runs,
    which cannot run as root, would lose their files.
    """
    if not config.option.basetemp and not hasattr(config, "workerinput"):
        made = session_folder()
        config.option.basetemp = made / "t"
        config.add_cleanup(lambda: shutil.rmtree(made, ignore_errors=True))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many workers again as cores, since tests also wait: for clocks, leases, and networks that were cut."""
    cores = len(os.sched_getaffinity(0))
    return cores + cores // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first (`--no-loadscope-reorder` keeps the order), or one worker ends long after the others."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def _open_to_servers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the user that servers run as through the folders above theirs."""
    base = tmp_path_factory.getbasetemp()
    for folder in (base, base.parent):
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(0o755)


def _serve(folder: Path, major: int) -> Iterator[ScratchServer]:
    preload = {} if major == 16 else {"shared_preload_libraries": SETTINGS["shared_preload_libraries"]}
    settings = {k: v for k, v in SETTINGS.items() if k != "shared_preload_libraries"} | preload
    server = ScratchServer(folder, free_port(), major=major, settings=settings)
    try:
        server.start()
        _shared.append(server)
        yield server
    finally:
        _shared.remove(server)
        server.remove()


@pytest.fixture(scope="module", autouse=True)
def _roles_end_with_their_file() -> Iterator[None]:
    """What a file's tests made of roles on shared servers is dropped: a check of logins in another file would see them."""
    yield
    for server in _shared:
        drop_roles(server, keep={"upkeep_reader"})


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """One scratch server for the whole session, of the newest major unless another is named."""
    yield from _serve(tmp_path_factory.mktemp("server"), FULL)


@pytest.fixture(scope="session")
def _server_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], ScratchServer]]:
    """A server by its major, started when first asked for; a fixture with parameters ends one as soon as another is due."""
    with ExitStack() as stack:

        @cache
        def started(major: int) -> ScratchServer:
            return stack.enter_context(contextmanager(_serve)(tmp_path_factory.mktemp(f"server{major}"), major))

        yield started


@pytest.fixture(scope="session", params=MAJORS)
def every_server(request: pytest.FixtureRequest, _server_of: Callable[[int], ScratchServer]) -> ScratchServer:
    """A scratch server of each major that this machine has, the same for the whole session."""
    return _server_of(request.param)


@pytest.fixture
def lab(server: ScratchServer, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A fresh database on the scratch server."""
    with fresh_database(server, _named(request)) as made:
        yield made


@pytest.fixture
def reports(server: ScratchServer, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A fresh report database on the scratch server."""
    with fresh_reports(server, _named(request)) as made:
        yield made


def _named(request: pytest.FixtureRequest) -> str:
    return "lab_" + "".join(c if c.isalnum() else "_" for c in request.node.name)[:50]


@pytest.fixture
def every_lab(every_server: ScratchServer) -> Iterator[Lab]:
    """A fresh database on a scratch server of each major that this machine has."""
    with fresh_database(every_server, "lab_on_every_major") as made:
        yield made
