"""Files of access logs: links, copies, packed and damaged ones, as rotation and copying leave them."""

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.access_logs import WINDOW, line, opened, write
from upkeep.errors import BrokenError, CannotAskError
from upkeep.signals.place import Told

AROUND = line(-30) + line(700)


def told(folder: Path) -> Told:
    return opened(folder).tell(WINDOW, 0.5)


@pytest.mark.parametrize(
    "copy", ["access.log-2026-05-14", "access-20260514.log", "access-2026-05-14_120000.log", "access.log.bak"]
)
def test_a_copy_under_a_name_with_a_date_counts_once(tmp_path: Path, copy: str) -> None:
    write(tmp_path, AROUND + line(5) + line(6))
    write(tmp_path, AROUND + line(5), copy)
    assert told(tmp_path).minutes.total.requests == 2


@pytest.mark.near_miss
def test_files_with_dates_that_begin_otherwise_all_count(tmp_path: Path) -> None:
    write(tmp_path, line(-30) + line(5), "access-2026-05-13.log")
    write(tmp_path, line(6) + line(700), "access-2026-05-14.log")
    assert told(tmp_path).minutes.total.requests == 2


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_two_names_of_one_file_count_once(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    link(write(tmp_path, AROUND + line(5), "access-shop"), tmp_path / "current_access")
    assert told(tmp_path).minutes.total.requests == 1


def test_a_link_is_as_young_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "access.log").symlink_to(write(tmp_path, AROUND + line(5), "shop.log"))
    os.utime(tmp_path / "access.log", (0, 0), follow_symlinks=False)
    assert told(tmp_path).minutes.total.requests == 1


def test_a_link_to_a_terminal_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "access.log").symlink_to("/dev/stdout")
    os.mkfifo(tmp_path / "access.pipe")
    with pytest.raises(CannotAskError, match="there is no file"):
        told(tmp_path)
    write(tmp_path, AROUND + line(5), "access.log.1")
    assert told(tmp_path).minutes.total.requests == 1


def test_a_link_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    write(tmp_path, AROUND + line(5))
    (tmp_path / "access.log.1").symlink_to("away")
    with pytest.raises(BrokenError, match=r"access\.log\.1 .*not there"):
        told(tmp_path)


def test_what_copying_leaves_hidden_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, AROUND + line(5))
    write(tmp_path, AROUND, ".access.log.Xa1Bc2")
    assert told(tmp_path).minutes.total.requests == 1


@pytest.mark.parametrize("size", [9, 70_000, 3_000_000])
def test_a_writer_that_does_not_append_leaves_zeros_when_its_log_is_cut(tmp_path: Path, size: int) -> None:
    write(tmp_path, b"\0" * size + (line(6) + line(700)).encode())
    write(tmp_path, b"\0" * size + (line(-30) + line(5)).encode(), "access.log.1")
    assert told(tmp_path).minutes.total.requests == 2


def test_a_gzip_of_several_is_read_whole(tmp_path: Path) -> None:
    packed = b"".join(gzip.compress(text.encode()) for text in ("", AROUND, "", line(5)))
    write(tmp_path, b"").with_name("access.log.1.gz").write_bytes(packed)
    assert told(tmp_path).minutes.total.requests == 1


@pytest.mark.parametrize("start", [b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\x28\xb5\x2f\xfd"], ids=["gzip", "zstd"])
def test_a_file_that_is_damaged_from_its_first_line_is_not_passed_over(tmp_path: Path, start: bytes) -> None:
    write(tmp_path, AROUND + line(5))
    (tmp_path / "access.log.1.gz").write_bytes(start + b"\xff" * 200)
    with pytest.raises(BrokenError, match="is damaged"):
        told(tmp_path)


def test_while_a_file_is_being_packed_the_plain_one_counts(tmp_path: Path) -> None:
    begun = gzip.compress(b"x")[:10]
    write(tmp_path, AROUND + line(5), "access.log.1")
    (tmp_path / "access.log.1.gz").write_bytes(begun)
    assert told(tmp_path).minutes.total.requests == 1
    (tmp_path / "access.log.1").rename(tmp_path / "access.log")
    with pytest.raises(BrokenError, match="ends in the middle") as caught:
        told(tmp_path)
    assert caught.value.retry


@pytest.mark.parametrize("pack", [lzma.compress, bz2.compress])
def test_another_packing_is_said(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    write(tmp_path, AROUND + line(5))
    write(tmp_path, pack(line(6).encode()), "access.log.1.packed")
    with pytest.raises(BrokenError, match=r"access\.log\.1\.packed is packed by .*: use gzip or zstd"):
        told(tmp_path)


def test_a_file_that_is_cut_while_it_is_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from upkeep.sources import access_log_files

    path, refuse = write(tmp_path, AROUND + line(5)), access_log_files.refuse_rotated

    def cut(*args: object) -> None:
        path.write_text(line(701))
        refuse(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(access_log_files, "refuse_rotated", cut)
    with pytest.raises(BrokenError, match="was rotated while it was read"):
        told(tmp_path)


def test_a_folder_without_right_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, AROUND + line(5), "a/access.log")
    (tmp_path / "b").mkdir()
    assert told(tmp_path).notes == ()
    scandir = os.scandir

    def closed(path: str) -> object:  # whoever runs these tests may be root
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert told(tmp_path).notes == (f"not looked into, for want of a right: {tmp_path}/b",)


@pytest.mark.parametrize("name", ["access.log", "access.log.gz"])
def test_whatever_bytes_a_client_sends_no_line_is_lost(tmp_path: Path, name: str) -> None:
    every = bytes(sign for sign in reversed(range(1, 256)) if chr(sign) not in '\n\r"\\')
    agent = line(5, agent="AGENT").encode().replace(b"AGENT", every)
    write(tmp_path, (AROUND + line(6)).encode() + agent, name)
    assert told(tmp_path).minutes.total.requests == 2
