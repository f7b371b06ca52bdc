"""Signals by access logs, from real files."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.access_logs import NOON, WINDOW, line, opened, write
from upkeep.errors import BrokenError, CannotAskError
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minute
from upkeep.signals.place import Told
from upkeep.window import Window

AROUND = line(-30) + line(700)


def told(folder: Path, text: str | bytes = "", **more: object) -> Told:
    if text:
        write(folder, text)
    return opened(folder, **more).tell(WINDOW, 0.5)  # type: ignore[arg-type]


def test_minutes_have_exact_counts_of_each_class(tmp_path: Path) -> None:
    text = line(5) + line(6, 500) + line(7, 404) + line(8, 499) + line(9, 200, "0.501") + line(10, 200, "0.500") + line(60)
    minutes = told(tmp_path, AROUND + text).minutes
    assert minutes.each[0] == Minute(6, errors=1, refused=1, closed=1, slow=1)
    assert minutes.each[1] == Minute(1, slow=0)
    assert minutes.total.requests == 7, "lines outside the window are not counted"


def test_minutes_between_lines_were_quiet_and_those_before_the_first_line_were_not_seen(tmp_path: Path) -> None:
    minutes = told(tmp_path, line(125) + line(305)).minutes
    assert minutes.each[:2] == (None, None)
    assert minutes.each[2:6] == (Minute(1, slow=0), Minute(0, slow=0), Minute(0, slow=0), Minute(1, slow=0))
    assert minutes.each[6:] == (None,) * 4


def test_an_older_file_says_that_the_log_reaches_back(tmp_path: Path) -> None:
    old = write(tmp_path, line(-90_000), "access.log.1.gz")
    os.utime(old, (NOON.timestamp() - 80_000,) * 2)
    assert told(tmp_path, line(125) + line(700)).minutes.seen == 10


def test_a_window_before_the_first_line_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(CannotAskError, match="reaches from 2026-05-14 12:11 to 2026-05-14 12:11"):
        told(tmp_path, line(700))


def test_a_window_in_the_future_is_unknown(tmp_path: Path) -> None:
    path = write(tmp_path, line(0))
    os.utime(path, (NOON.timestamp() + 10**7,) * 2)
    with pytest.raises(CannotAskError, match="reaches from"):
        opened(tmp_path).tell(Window(NOON + timedelta(days=90), NOON + timedelta(days=91)), 1)


def test_an_empty_log_is_unknown(tmp_path: Path) -> None:
    write(tmp_path, b"")
    with pytest.raises(CannotAskError, match="has no lines"):
        told(tmp_path)


def test_no_file_is_said_with_the_fields_to_correct(tmp_path: Path) -> None:
    with pytest.raises(CannotAskError, match=r"no file \*access\*") as caught:
        told(tmp_path)
    assert "signals.files" in caught.value.remedy
    with pytest.raises(CannotAskError):
        opened(tmp_path).check()


def test_percentiles_are_exact_by_rank(tmp_path: Path) -> None:
    latency = told(tmp_path, AROUND + "".join(line(n, seconds=f"{n / 1000:.3f}") for n in range(1, 101))).latency
    assert latency == (Percentile(0.5, 0.05, 0.05, 100), Percentile(0.95, 0.095, 0.095, 100), Percentile(0.99, 0.099, 0.099, 100))


def test_a_format_without_times_tells_neither_latency_nor_slow(tmp_path: Path) -> None:
    text = "".join(each.rsplit(" ", 1)[0] + "\n" for each in (AROUND + line(1)).splitlines())
    found = told(tmp_path, text, format="combined")
    assert found.minutes.total.slow is None
    assert found.latency == ()


def test_a_request_without_a_time_counts_but_has_none(tmp_path: Path) -> None:
    found = told(tmp_path, AROUND + line(1, seconds="-") + line(2))
    assert found.minutes.total.requests == 2
    assert found.latency[0].n == 1


def test_when_no_request_has_a_time_nobody_says_that_none_was_slow(tmp_path: Path) -> None:
    found = told(tmp_path, AROUND + line(1, seconds="250ms") + line(2, seconds="-"))
    assert (found.minutes.total.requests, found.minutes.total.slow, found.latency) == (2, None, ())


def test_offsets_are_one_instant(tmp_path: Path) -> None:
    text = line(5).replace("12:00:05 +0000", "20:00:05 +0800") + line(5).replace("12:00:05 +0000", "06:30:05 -0530")
    assert told(tmp_path, AROUND + text).minutes.each[0] == Minute(2, slow=0)


def test_the_hour_that_comes_twice_is_two_hours(tmp_path: Path) -> None:
    first, second = "[25/Oct/2026:02:30:00 +0200]", "[25/Oct/2026:02:30:00 +0100]"
    text = "".join(f'1.1.1.1 - - {at} "GET / HTTP/1.1" 200 1\n' for at in (first, second))
    write(tmp_path, text)
    day = Window(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 31, tzinfo=UTC))
    minutes = opened(tmp_path, "common").tell(day, 1).minutes
    assert [place for place, minute in enumerate(minutes.each) if minute and minute.requests] == [0, 60]


def test_lines_may_come_in_any_order_and_files_too(tmp_path: Path) -> None:
    write(tmp_path, line(700) + line(65) + line(5), "access.log.2")
    write(tmp_path, line(3) + line(-30) + line(64), "access.log")
    assert [minute.requests for minute in told(tmp_path).minutes.each[:2] if minute] == [2, 2]


@pytest.mark.parametrize("copy", ["access.log.1.gz", "access.log.1"])
def test_a_file_and_its_copy_by_rotation_count_once(tmp_path: Path, copy: str) -> None:
    write(tmp_path, AROUND + line(5))
    write(tmp_path, AROUND + line(5), copy)
    assert told(tmp_path).minutes.total.requests == 1


def test_equal_lines_of_two_servers_count_twice(tmp_path: Path) -> None:
    for host in "ab":
        write(tmp_path, AROUND + line(5), f"{host}/access.log")
    assert told(tmp_path).minutes.total.requests == 2


def test_a_line_cut_by_rotation_is_one(tmp_path: Path) -> None:
    cut = line(5, 500)
    write(tmp_path, line(-30) + cut[:60], "access.log.1.gz")
    write(tmp_path, cut[60:] + line(700))
    found = told(tmp_path)
    assert found.minutes.total == Minute(1, errors=1, slow=0)
    assert found.notes == ()


def test_a_gzip_that_ends_in_the_middle_is_tried_again(tmp_path: Path) -> None:
    path = write(tmp_path, AROUND + "".join(map(line, range(500))), "access.log.1.gz")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BrokenError, match="ends in the middle") as caught:
        told(tmp_path)
    assert caught.value.retry


def test_zstd_is_read_whatever_the_name(tmp_path: Path) -> None:
    import zstandard

    write(tmp_path, zstandard.compress((AROUND + line(1)).encode()), "access.log.1")
    assert told(tmp_path).minutes.total.requests == 1


def test_few_lines_that_cannot_be_read_are_counted_and_shown(tmp_path: Path) -> None:
    text = AROUND + "".join(map(line, range(400))) + "bad one?token=abc\n\x07second\n"
    (note,) = told(tmp_path, text).notes
    assert note == "2 of 404 lines cannot be read and are not counted, first “bad one”, “\ufffdsecond”"


def test_more_than_one_in_a_hundred_is_unknown(tmp_path: Path) -> None:
    text = AROUND + "".join(map(line, range(98))) + "bad 1\nbad 2\n"
    with pytest.raises(CannotAskError, match=r"2 of 102 lines do not fit its format, first “bad 1”, “bad 2”") as caught:
        told(tmp_path, text)
    assert "signals.format" in caught.value.remedy


def test_another_format_is_said_without_reading_all_of_it(tmp_path: Path) -> None:
    with pytest.raises(
        CannotAskError, match=r"none of the first 50 lines of access\.log fits its format, first “2026-05-14 12:00"
    ):
        told(tmp_path, "2026-05-14 12:00:00 INFO started\n" * 300_000)


def test_a_file_of_one_endless_line_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match="more than 1 MiB") as caught:
        told(tmp_path, AROUND + "x" * 3_000_000)
    assert not caught.value.retry


@pytest.mark.parametrize(
    "request_line",
    [
        r"\x16\x03\x01\x02",
        "-",
        "",
        "GET http://[::ffff:a9fe:a9fe]/ HTTP/1.1",
        "G" * 9000,
        "GET /a b c HTTP/1.1",
        "'; drop table line",
    ],
)
def test_any_request_line_is_a_request(tmp_path: Path, request_line: str) -> None:
    text = AROUND + line(5, 400, request=request_line)
    assert told(tmp_path, text).minutes.total == Minute(1, refused=1, slow=0)
    assert sum(each.requests for each in opened(tmp_path).endpoints(WINDOW).each) == 1


def test_bytes_that_are_no_text_lose_no_line(tmp_path: Path) -> None:
    text = (AROUND + line(5)).encode() + line(6, agent="AG").encode().replace(b"AG", b"\xff\xfe\x00")
    assert told(tmp_path, text).minutes.total.requests == 2


def test_windows_line_ends_are_none_of_the_line(tmp_path: Path) -> None:
    assert told(tmp_path, (AROUND + line(1)).replace("\n", "\r\n")).latency[0].n == 1


def test_a_healthcheck_is_ignored_and_still_shows_that_the_log_was_written(tmp_path: Path) -> None:
    health = line(5, request="GET /healthz HTTP/1.1")
    minutes = told(tmp_path, AROUND + health + line(6), ignored=["/healthz"]).minutes
    assert minutes.each[0] == Minute(1, slow=0)
    assert minutes.seen == 10


def test_only_one_host_of_many_counts(tmp_path: Path) -> None:
    rows = [
        f'{host}:443 1.1.1.1 - - [14/May/2026:12:0{n}:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"\n' for n, host in enumerate("aab")
    ]
    assert told(tmp_path, "".join(rows), format="vhost_combined", host="A").minutes.total.requests == 2


def test_endpoints_are_without_ids_and_query_strings(tmp_path: Path) -> None:
    paths = [
        "/orders/1?x=2",
        "/orders/22",
        "/u/0f8fad5b-d9cb-469f-a165-70867728950e",
        "/u/me@x.org",
        "/v2/items",
        "/deadbeef",
        "http://h:80/v2/items",
    ]
    write(tmp_path, AROUND + "".join(line(5, request=f"GET {path} HTTP/1.1") for path in paths))
    found = {each.endpoint: each.requests for each in opened(tmp_path).endpoints(WINDOW).each}
    assert found == {"GET /orders/{id}": 2, "GET /u/{id}": 2, "GET /v2/items": 2, "GET /deadbeef": 1}


def test_an_endpoint_has_its_errors_its_time_and_exact_percentiles(tmp_path: Path) -> None:
    write(tmp_path, AROUND + line(1, 500, "0.5") + line(2, 200, "1.5") + line(3, 200, "-"))
    (found,) = opened(tmp_path).endpoints(WINDOW).each
    assert (found.endpoint, found.requests, found.errors, found.total_s) == ("GET /a", 3, 1, 2.0)
    assert found.latency[0] == Percentile(0.5, 0.5, 0.5, 2)


def test_endpoints_bring_the_share_of_minutes_that_the_log_reaches_over(tmp_path: Path) -> None:
    write(tmp_path, line(-90) + line(125))
    endpoints, told = opened(tmp_path).endpoints(WINDOW), opened(tmp_path).tell(WINDOW, 0.5)
    assert endpoints.coverage == told.minutes.coverage == 0.3


def test_the_most_used_and_the_slowest_endpoints_are_told_apart_the_rest_is_one(tmp_path: Path) -> None:
    text = "".join(line(n, request=f"GET /{name} HTTP/1.1") for n in range(9) for name in ("busy", f"x{n}y"))
    write(tmp_path, AROUND + text + line(9, seconds="99", request="GET /slow HTTP/1.1"))
    found = {each.endpoint: each.requests for each in opened(tmp_path, most_endpoints=2).endpoints(WINDOW).each}
    assert found == {"GET /busy": 9, "GET /slow": 1, "(other endpoints)": 9}


def test_names_that_are_sql_or_html_stay_names(tmp_path: Path) -> None:
    write(tmp_path, AROUND + line(5, request="GET /<script>'--\x01</script> HTTP/1.1"))
    (found,) = opened(tmp_path).endpoints(WINDOW).each
    assert found.endpoint == "GET /<script>'--\ufffd</script>"


def test_a_file_name_with_signs_of_a_pattern_is_one_file(tmp_path: Path) -> None:
    write(tmp_path, AROUND + line(5), "access[1]*.log")
    assert told(tmp_path).minutes.total.requests == 1


def test_rotation_while_it_is_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from upkeep.sources import access_log_files

    path, fetched = write(tmp_path, AROUND + line(5)), access_log_files.fetched

    def rotated(*args: object) -> str:
        packing = fetched(*args)  # type: ignore[arg-type]
        path.rename(tmp_path / "access.log.1")
        write(tmp_path, line(701))
        return packing

    monkeypatch.setattr(access_log_files, "fetched", rotated)
    with pytest.raises(BrokenError, match="was rotated while it was read") as caught:
        told(tmp_path)
    assert caught.value.retry


@pytest.mark.parametrize(
    ("format_", "said"),
    [
        ("combind", "combined"),
        ("$status", "no time"),
        ("$host$request_uri $status", "nothing stands between"),
        ("%{%z}t %>s", "no time"),
    ],
)
def test_a_format_that_cannot_be_is_refused_by_the_inventory(tmp_path: Path, format_: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        opened(tmp_path, format_)


def test_of_delivered_files_only_those_of_the_window_are_read_and_the_others_show_that_it_was_quiet(tmp_path: Path) -> None:
    for name, hours in (("a.log.gz", -3), ("b.log.gz", 0.5), ("c.log.gz", 30)):
        path = write(tmp_path, b"" if name == "b.log.gz" else b"of another day, and never read\n", name)
        os.utime(path, (NOON.timestamp() + hours * 3600,) * 2)
    minutes = told(tmp_path, format="alb").minutes
    assert (minutes.seen, minutes.total.requests) == (10, 0)


def test_doctor_is_told_how_many_files_there_are(tmp_path: Path) -> None:
    write(tmp_path, AROUND)
    assert "1 file" in opened(tmp_path).check()


def test_bounded_memory_leaves_no_folder_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    told(tmp_path / "log", AROUND + line(5))
    assert list(scratch.iterdir()) == []
