"""What a server shows, judged as clients would, each fault apart from the others."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tls_server import Issued, issue, serving
from upkeep.errors import BrokenError
from upkeep.sources.scratch import free_port
from upkeep.sources.tls import Served, Tls

ROOT, OTHER = issue("Root of the tests", authority=True), issue("Another root", authority=True)
MIDDLE = issue("Middle of the tests", ROOT, authority=True)


@pytest.fixture
def ca(tmp_path: Path) -> str:
    """What clients trust."""
    path = tmp_path / "ca.pem"
    path.write_bytes(ROOT.pem)
    return str(path)


def look(tmp_path: Path, ca: str | None, *chain: Issued, name: str = "shop.test", postgres: bool = False) -> Served:
    with serving(tmp_path, *chain, postgres=postgres) as port:
        return Tls("127.0.0.1", port, "postgres" if postgres else "https", 5).look(name, ca)


def test_a_whole_chain(tmp_path: Path, ca: str) -> None:
    leaf = issue("shop.test", MIDDLE, names=("shop.test", "*.shop.test", "127.0.0.1"))
    served = look(tmp_path, ca, leaf, MIDDLE)
    assert (served.chain_problem, served.name_problem, served.protocol) == (None, None, "TLSv1.3")
    assert [c.subject for c in served.certificates] == ["CN=shop.test", "CN=Middle of the tests"]
    shown = served.certificates[0]
    assert (shown.issuer, shown.names) == ("CN=Middle of the tests", ("shop.test", "*.shop.test", "127.0.0.1"))
    assert (shown.key, shown.signature, len(shown.sha256)) == ("EC 256", "sha256", 64)
    assert (shown.not_after - shown.not_before).days == 90


@pytest.mark.parametrize("name", ["shop.test", "www.shop.test", "127.0.0.1"])
def test_names_that_fit(tmp_path: Path, ca: str, name: str) -> None:
    leaf = issue("x", MIDDLE, names=("shop.test", "*.shop.test", "127.0.0.1"))
    assert look(tmp_path, ca, leaf, MIDDLE, name=name).name_problem is None


@pytest.mark.parametrize("name", ["other.test", "a.b.shop.test", "127.0.0.2"])
def test_names_that_do_not(tmp_path: Path, ca: str, name: str) -> None:
    leaf = issue("x", MIDDLE, names=("shop.test", "*.shop.test", "127.0.0.1"))
    served = look(tmp_path, ca, leaf, MIDDLE, name=name)
    assert served.chain_problem is None
    assert served.name_problem is not None
    assert name in served.name_problem


def test_a_chain_without_its_middle(tmp_path: Path, ca: str) -> None:
    served = look(tmp_path, ca, issue("shop.test", MIDDLE))
    assert served.name_problem is None
    assert served.chain_problem == "unable to get local issuer certificate"


def test_an_authority_that_nobody_trusts(tmp_path: Path, ca: str) -> None:
    assert look(tmp_path, ca, issue("shop.test", OTHER), OTHER).chain_problem == "self-signed certificate in certificate chain"
    assert look(tmp_path, ca, issue("shop.test")).chain_problem == "self-signed certificate"
    assert look(tmp_path, None, issue("shop.test", MIDDLE), MIDDLE).chain_problem is not None


@pytest.mark.parametrize("days", [{"left_days": -1}, {"age_days": -1}])
def test_dates_are_left_to_the_caller(tmp_path: Path, ca: str, days: dict[str, float]) -> None:
    served = look(tmp_path, ca, issue("shop.test", MIDDLE, **days), MIDDLE)  # type: ignore[arg-type]
    assert (served.chain_problem, served.name_problem) == (None, None)


def test_postgres_asks_for_tls_first(tmp_path: Path, ca: str) -> None:
    assert look(tmp_path, ca, issue("shop.test", MIDDLE), MIDDLE, postgres=True).chain_problem is None


@pytest.fixture
def plain() -> Iterator[int]:
    """A server that answers everything with "N", as PostgreSQL does without TLS."""
    import threading
    from contextlib import suppress

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                raw, _ = listening.accept()
                with raw:
                    raw.recv(8)
                    raw.sendall(b"N")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=[listening], daemon=True).start()
        yield listening.getsockname()[1]


def test_what_speaks_no_tls(plain: int) -> None:
    with pytest.raises(BrokenError, match="offers no TLS") as error:
        Tls("127.0.0.1", plain, "postgres", 5).look("x", None)
    assert not error.value.retry
    with pytest.raises(BrokenError, match=r"no TLS handshake|does not answer"):
        Tls("127.0.0.1", plain, "https", 5).look("x", None)


def test_what_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match="does not answer"):
        Tls("127.0.0.1", free_port(), "https", 5).look("x", None)
    with pytest.raises(BrokenError, match="does not resolve"):
        Tls("nowhere.invalid", 443, "https", 5).look("x", None)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(BrokenError, match=r"did not answer within 0\.2 s"):
        Tls("127.0.0.1", silent.getsockname()[1], "https", 0.2).look("x", None)
    with pytest.raises(BrokenError, match="ca_file /nowhere cannot be read"):
        look(tmp_path, "/nowhere", issue("shop.test"))
