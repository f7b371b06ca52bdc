"""left_secrets: logs of pipelines and reports of environments, plain and packed; kind and place are told, never the value."""

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import os
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import zstandard

from tests.formats.test_secret_patterns import FOUND, NEAR
from tests.lab import Lab, asking, rules
from tests.sources.git.world import day, until
from upkeep.answer import Answer, Status
from upkeep.checks.security.leak_scan import ALLOWED, hashed
from upkeep.checks.security.left_secrets import OVERLAP, left_secrets
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Settings
from upkeep.runner import ask
from upkeep.sources.connections import Connections, OneDatabase
from upkeep.store.answers import Provenance
from upkeep.targets.left_files import LeftFiles
from upkeep.targets.secret import Secret
from upkeep.window import Window

TOKEN, TELLING = FOUND["GitHub token"], FOUND["secret behind a telling name"]
VALUE = 'words "alone" in it'
WEEK = Window(until(day(8)), until(day(15)))


def put(folder: Path, name: str, data: bytes | str, on: int = 10) -> None:
    """A file that was last changed on this day."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    at = until(day(on)).timestamp()
    os.utime(path, (at, at))


def asked(lab: Lab, folder: Path, **thresholds: Any) -> Answer:
    """As a task of the week."""
    return asked_of(f"file://{folder}", OneDatabase(lab.endpoint), folder.parent / "shop.secret", **thresholds)


def asked_of(place: str, connections: Connections, kept: Path, window: Window = WEEK, **more: Any) -> Answer:
    """About any place; the shop's login is kept in a file, `files` is the pattern, other keywords are thresholds."""
    kept.write_text(VALUE)
    files = more.pop("files", "*")
    secret = Secret.model_validate(
        {"name": "shop login", "owner": "ann", "store": {"kind": "file", "path": str(kept)}, "opens": {"kind": "generated"}}
    )
    inventory = Inventory(settings=Settings.model_validate({"people": [{"name": "ann", "role": "dba"}]}), targets=(secret,))
    fields = {"name": "logs", "owner": "ann", "place": place, "files": files, "thresholds": {"left_secrets": more}}
    fields |= {"connection": "aws_logs"} if place.startswith("s3:") else {}
    by = Provenance("", "", "", -1, 1, window.end, 0)
    question = asking(left_secrets, LeftFiles.model_validate(fields), connections, window=window, provenance=by)
    return ask(question, {Inventory: inventory})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Logs of a day without a secret."""
    put(tmp_path / "left", "ci/1.log", "\n".join(NEAR.values()))
    return tmp_path / "left"


@pytest.mark.baseline
def test_logs_without_secrets(lab: Lab, folder: Path) -> None:
    put(folder, "core.bin", b"\0\0" + TOKEN.encode())
    put(folder, "2.log.gz", gzip.compress(b"all is well\n"))
    answer = asked(lab, folder)
    assert (answer.status, answer.findings) == (Status.OK, ()), answer.findings


@pytest.mark.near_miss
@pytest.mark.parametrize("on", [7, 16])
def test_files_of_other_weeks(lab: Lab, folder: Path, on: int) -> None:
    put(folder, "a.log", TOKEN, on)
    assert rules(asked(lab, folder)) == []


@pytest.mark.near_miss
def test_what_is_allowed_by_its_hash(lab: Lab, folder: Path) -> None:
    put(folder, "a.log", TOKEN)
    put(folder, ALLOWED, f"{hashed(TOKEN.split()[-1].rstrip(chr(39)))}  # made for the training\n")
    assert rules(asked(lab, folder)) == []


@pytest.mark.fault
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_kind_and_place_are_told_and_never_the_value(lab: Lab, folder: Path, pack: Any) -> None:
    text = "begin\n" * 500_000 + f"\x1b[32m{TOKEN}\x1b[0m\n{VALUE}\n"
    put(folder, "tests/a.log", pack(text.encode()))
    answer = asked(lab, folder)
    assert rules(answer) == [
        ("secret_left", "tests/a.log: GitHub token"), ("secret_left", "tests/a.log: current value of shop login"),
    ]  # fmt: skip
    assert "in 1 place: line 500001" in answer.findings[0].title
    assert TOKEN[-20:] not in repr(answer)
    assert VALUE not in repr(answer)


@pytest.mark.fault
@pytest.mark.parametrize("before", range(-30, 31, 10))
def test_what_stands_where_two_pieces_meet_is_found_once(lab: Lab, folder: Path, before: int) -> None:
    put(folder, "a.log", "\n" * ((1 << 20) + before) + TOKEN + "\n" * OVERLAP)
    [finding] = asked(lab, folder).findings
    assert finding.details["places"] == [f"line {(1 << 20) + before + 1}"]


@pytest.mark.fault
def test_packed_parts_behind_one_another(lab: Lab, folder: Path) -> None:
    put(folder, "a.gz", gzip.compress(b"a\n") + gzip.compress(TOKEN.encode()))
    put(folder, "b.zst", zstandard.compress(b"a\n") + zstandard.compress(TOKEN.encode()))
    assert rules(asked(lab, folder)) == [("secret_left", "a.gz: GitHub token"), ("secret_left", "b.zst: GitHub token")]


@pytest.mark.fault
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_logs_of_windows(lab: Lab, folder: Path, encoding: str) -> None:
    put(folder, "a.log", f"begin\n{TOKEN}\n".encode(encoding))
    assert rules(asked(lab, folder)) == [("secret_left", "a.log: GitHub token")]


@pytest.mark.fault
@pytest.mark.parametrize(
    "escape", ["\x1b[1;31m", "\x1b[38:5:1m", "\x1b[K", "\x1b[?25l", "\x1b]8;;https://ci.test\x07", "\x1b]0;title\x1b\\"]
)
@pytest.mark.parametrize("before", [10, (1 << 20) - 45])
def test_what_a_terminal_would_not_show_hides_nothing(lab: Lab, folder: Path, before: int, escape: str) -> None:
    """Also where it stands across two pieces."""
    for cut in range(1, 40, 6):
        put(folder, f"{cut}.log", "\n" * before + TOKEN[:cut] + escape + TOKEN[cut:] + "\n")
    found = asked(lab, folder).findings
    assert {f.object for f in found} == {f"{cut}.log: GitHub token" for cut in range(1, 40, 6)}


@pytest.mark.near_miss
def test_an_escape_that_never_ends_is_text(lab: Lab, folder: Path) -> None:
    put(folder, "a.log", f"\x1b]{'x' * 5000}\n{TOKEN}\n\x1b[")
    assert rules(asked(lab, folder)) == [("secret_left", "a.log: GitHub token")]


WRITTEN = {
    "json": json.dumps({"note": VALUE}),
    "json in json": json.dumps({"line": json.dumps({"note": VALUE})}),
    "address": "GET /?key=" + quote(VALUE, safe=""),
    "form": "key=" + quote_plus(VALUE),
    "html": f"<b>{html.escape(VALUE)}</b>",
    **{f"base64 of {before}": base64.b64encode(f"{before}{VALUE}:x".encode()).decode() for before in ("", "a", "ab", "abc:")},
    "base64 of an address": base64.urlsafe_b64encode(f"??{VALUE}".encode()).decode(),
}


@pytest.mark.fault
@pytest.mark.parametrize("name", WRITTEN)
def test_a_known_value_is_found_as_programs_write_it(lab: Lab, folder: Path, name: str) -> None:
    put(folder, "a.log", f"begin\n2026-01-10 {WRITTEN[name]} end\n")
    [finding] = asked(lab, folder).findings
    assert finding.title == "a.log has what looks like a current value of shop login, in 1 place: line 2"


@pytest.mark.near_miss
def test_another_value_written_so_is_none(lab: Lab, folder: Path) -> None:
    other = VALUE.replace("alone", "alike")
    written = [json.dumps(other), quote(other), quote_plus(other), html.escape(other), base64.b64encode(other.encode()).decode()]
    put(folder, "a.log", "\n".join(written))
    assert asked(lab, folder).status is Status.OK


@pytest.mark.fault
def test_one_line_without_end_is_looked_through_in_pieces(lab: Lab, folder: Path) -> None:
    put(folder, "a.log.zst", zstandard.compress(b"x " * 40_000_000 + TOKEN.encode()))
    tracemalloc.start()
    [finding] = asked(lab, folder).findings
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert finding.details["places"] == ["line 1"]
    assert most < 40_000_000


@pytest.mark.fault
def test_reports_of_containers(lab: Lab, folder: Path) -> None:
    value = "Zk3vQ9xT1mW7rB2n"
    docker = [{"Config": {"Env": ["PATH=/bin", f"DB_PASSWORD={value}"]}}]
    spec = {"containers": [{"name": "web", "env": [{"name": "API_KEY", "value": value}, {"name": "NOTE", "value": VALUE}]}]}
    pod = {"metadata": {"annotations": {"last-applied": json.dumps({"spec": spec})}}}
    put(folder, "docker.json", json.dumps(docker))
    put(folder, "pod.json.gz", gzip.compress(json.dumps(pod).encode()))
    found = {f.object: f.details["places"] for f in asked(lab, folder).findings}
    assert sorted(found) == [
        "docker.json: secret behind a telling name", "pod.json.gz: current value of shop login",
        "pod.json.gz: secret behind a telling name",
    ]  # fmt: skip
    assert found["pod.json.gz: current value of shop login"] == ["line 1"]
    assert found["pod.json.gz: secret behind a telling name"] == [
        "metadata.annotations.last-applied.spec.containers[0].env[0].value"
    ]


@pytest.mark.parametrize("files", ["*.log", "*"])
def test_a_place_without_any_such_file_is_unknown(lab: Lab, tmp_path: Path, files: str) -> None:
    (tmp_path / "left").mkdir()
    for place in (tmp_path / "left", tmp_path / "absent"):
        answer = asked_of(f"file://{place}", OneDatabase(lab.endpoint), tmp_path / "shop.secret", files=files)
        assert (answer.status, f"there is no file {files} at file://{place}" in answer.summary) == (Status.UNKNOWN, True)


@pytest.mark.near_miss
def test_a_list_of_what_is_allowed_alone_is_no_log(lab: Lab, tmp_path: Path) -> None:
    put(tmp_path / "left", ALLOWED, "")
    assert asked(lab, tmp_path / "left").status is Status.UNKNOWN


@pytest.mark.fault
def test_one_that_repeats_itself_is_told_in_bounds(lab: Lab, folder: Path) -> None:
    put(folder, "a.log", f"{TOKEN}\n" * 3000)
    [found] = asked(lab, folder).findings
    assert "in 1,000 places or more: line 1, " in found.title


def tar(name: str, data: bytes) -> bytes:
    """An archive of one file."""
    packed, about = io.BytesIO(), tarfile.TarInfo(name)
    about.size = len(data)
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(about, io.BytesIO(data))
    return packed.getvalue()


def zipped(name: str, data: bytes) -> bytes:
    """The same as others pack it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("logs.zip", zipped("a.log", TOKEN.encode()), "logs.zip is packed by zip"),
        ("logs.tgz", gzip.compress(tar("a.log", TOKEN.encode())), "logs.tgz is packed by tar"),
        ("a.log.xz", lzma.compress(TOKEN.encode()), "a.log.xz is packed by xz"),
        ("a.log.bz2", bz2.compress(TOKEN.encode()), "a.log.bz2 is packed by bzip2"),
        ("a.gz", gzip.compress(os.urandom(5000).hex().encode())[:-900], "ends in the middle"),
        ("a.gz", b"\x1f\x8b\x08\0 no gzip at all", "cannot be unpacked"),
        ("a.log", b"x" * 2_000_000, "more than 1 MB of text"),
        ("bomb.gz", gzip.compress(b"x" * 50_000_000), "more than 1 MB of text"),
    ],
)
def test_what_cannot_be_read_is_unknown(lab: Lab, folder: Path, name: str, data: bytes, said: str) -> None:
    put(folder, name, data)
    answer = asked(lab, folder, most_mb=1)
    assert answer.status is Status.UNKNOWN
    assert said in answer.summary
