"""Each format of access logs: a line of it, as the server writes it, and what is understood."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from tests.access_logs import TIMED, WINDOW, line, write
from upkeep.errors import CannotAskError
from upkeep.formats.access_log_presets import PRESETS, lines_of
from upkeep.sources import access_log
from upkeep.sources.access_log import LogPlace, read_log
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.window import Window

AT = datetime(2026, 5, 14, 12, 0, 5, tzinfo=UTC)
AROUND = Window(AT - timedelta(hours=1), AT + timedelta(hours=1))
FIELDS = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(User-Agent) cs-uri-query time-taken"
CLOUDFRONT = (
    f"#Version: 1.0\n#Fields: {FIELDS}\n"
    + "2026-05-14 12:00:05 FRA 1 ::1 GET d.cf /a 502 curl x=1 0.25".replace(" ", "\t")
    + "\n"
)
ALB = (
    "http 2026-05-14T12:00:05.000000Z app/lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 0.250 0.000 502 502 34 366 "
    '"GET http://www.example.com:80/a?x=1 HTTP/1.1" "curl" - - arn:aws "Root=1-58337262" "-" "-" 0 '
    '2026-05-14T12:00:05.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1'
)
NGINX_DIRECTIVE = """log_format main '$remote_addr - $remote_user [$time_local] "$request" '
    '$status $body_bytes_sent uct="$upstream_connect_time" urt="$upstream_response_time"';"""
NGINX_JSON = """log_format j escape=json '{"at":"$time_iso8601","request":"$request","code":$status,"took":$request_time,'
    '"agent":"$http_user_agent"}';"""
CASES = [
    ("common", '::1 - john doe [14/May/2026:12:00:05 +0000] "GET /a?x=1 HTTP/1.1" 502 -', None),
    ("combined", r'::1 - - [14/May/2026:14:00:05 +0200] "GET /a?x=1 HTTP/1.1" 502 0 "-" "a \"b\" \\"', None),
    ("vhost_combined", 'h.example:443 ::1 - - [14/May/2026:12:00:05 +0000] "GET /a?x=1 HTTP/1.1" 502 0 "-" "curl"', None),
    ("alb", ALB, 0.25),
    ("cloudfront", CLOUDFRONT, 0.25),
    (
        "json",
        '{"time_local":"14/May/2026:12:00:05 +0000","request":"GET /a?x=1 HTTP/2.0","status":"502","request_time":"0.250"}',
        0.25,
    ),
    ("json", '{"msec":"1778760005.000","method":"GET","uri":"/a?x=1","status":502,"duration_ms":250}', 0.25),
    ("caddy", '{"ts":1778760005.0,"request":{"method":"GET","host":"h","uri":"/a?x=1"},"duration":0.25,"status":502}', 0.25),
    *(
        ("caddy", f'{{"ts":1778760005.0,"request":{{"method":"GET","uri":"/a?x=1"}},"duration":"{said}","status":502}}', seconds)
        for said, seconds in (
            ("250ms", 0.25),
            ("850.5µs", 0.0008505),
            ("12ns", 1.2e-8),
            ("1h2m3.5s", 3723.5),
            ("0s", 0.0),
            ("-5s", None),
        )
    ),
    ("json", r'{"msec":"1778760005.000","request":"GET /a?x=1 HTTP/2.0","status":502,"http_user_agent":"\x22\xD0"}', None),
    (
        "traefik",
        (
            '{"StartUTC":"2026-05-14T12:00:05.000000000Z","RequestMethod":"GET","RequestPath":"/a?x=1","DownstreamStatus":502,'
            '"Duration":250000000}'
        ),
        0.25,
    ),
    (
        NGINX_DIRECTIVE,
        '1.1.1.1 - - [14/May/2026:12:00:05 +0000] "GET /a?x=1 HTTP/1.1" 502 12 uct="0.1" urt="0.200, 0.030 : 0.020"',
        0.25,
    ),
    (
        NGINX_JSON,
        r'{"at":"2026-05-14T12:00:05+00:00","request":"GET /a?x=1 HTTP/1.1","code":502,"took":0.250,"agent":"a \"b\""}',
        0.25,
    ),
    (
        'LogFormat "%h %l %u %t \\"%r\\" %>s %b %D" timed',
        '::1 - - [14/May/2026:12:00:05 +0000] "GET /a?x=1 HTTP/1.1" 502 1 250000',
        0.25,
    ),
    ('%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t "%r" %>s %D', '14/May/2026 12:00:05.000 +0000 "GET /a?x=1 HTTP/1.1" 502 250000', 0.25),
    (
        '[%{begin:%d/%b/%Y:%T}t.%{begin:usec_frac}t %{%z}t] "%r" %s %Dus',
        '[14/May/2026:14:00:05.000000 +0200] "GET /a?x=1 HTTP/1.1" 502 250000us',
        0.25,
    ),
    ("$remote_addr $time_local $status $request", "::1 14/May/2026:12:00:05 +0000 502 GET /a?x=1 HTTP/1.1", None),
    ("%h %{%Y-%m-%d %T %z}t %>s %m %U%q", "::1 2026-05-14 12:00:05 +0000 502 GET /a?x=1", None),
    (
        "traefik_common",
        '::1 - - [14/May/2026:12:00:05 +0000] "GET /a?x=1 HTTP/1.1" 502 12 "-" "curl" 17 "shop@docker" "http://10.0.0.2" 250ms',
        0.25,
    ),
    (
        "traefik",
        '{"StartLocal":"2026-05-14T14:00:05+02:00","RequestMethod":"GET","RequestPath":"/a?x=1","DownstreamStatus":502}',
        None,
    ),
    ("json", '{"@timestamp":"2026-05-14T12:00:05+00:00","method":"GET","uri":"/a?x=1","status":502}', None),
    ("%{%Y-%m-%d %T %z}t|%>s|%m %U%q|%{ms}T", "2026-05-14 14:00:05 +0200|502|GET /a?x=1|250", 0.25),
    (
        "$msec|$status|$request_method|$request_uri|$http_user_agent|$request_time",
        '1778760005.000|502|GET|/a?x=1|a "quoted" word|0.250',
        0.25,
    ),
    ("%{msec}t %s %m %U%q", "1778760005000 502 GET /a?x=1", None),
    (
        "$msec|$status|$request_method $uri$is_args$args|$upstream_response_time|x",
        "1778760005.000|502|GET /a?x=1|0.2, 0.05|x",
        0.25,
    ),
]


def read(store: ObjectStore, text: str, columns: str = "moment, status, seconds, method, path") -> list[tuple[object, ...]]:
    with read_log(LogPlace(store, "*", lines_of(text)), AROUND, ("method", "path", "agent")) as log:
        return list(log.session.execute(f"select {columns} from logs.line order by rowid").fetchall())


@pytest.mark.parametrize(("text", "written", "seconds"), CASES, ids=[case[0][:20] for case in CASES])
def test_a_line_is_understood(tmp_path: Path, text: str, written: str, seconds: float | None) -> None:
    write(tmp_path, written + "\n")
    ((moment, status, took, method, path),) = read(open_store(tmp_path.as_uri()), text)
    assert (moment, status, method, str(path).removeprefix("http://www.example.com:80")) == (AT, 502, "GET", "/a?x=1")
    assert took == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("text", PRESETS)
def test_garbage_fits_no_format(tmp_path: Path, text: str) -> None:
    start = "#Fields: date time sc-status\n" if text == "cloudfront" else ""
    for garbage in ("x", '"', "{", '{"ts": 1}', "[]", "\\", "a\tb", '"""""""', "null", "1 2 3 4 5 6 7 8 9"):
        write(tmp_path, start + garbage + "\n")
        with pytest.raises(CannotAskError, match="1 of 1 line"):
            read(open_store(tmp_path.as_uri()), text)


@pytest.mark.parametrize(
    "time", ["14/May/2026:12:00:05", "2026-05-14T12:00:05", "99/May/2026:12:00:05 +0000", "", "1e300", "nan"]
)
def test_a_time_without_offset_or_that_is_none_is_never_guessed(tmp_path: Path, time: str) -> None:
    write(tmp_path, f'{{"time":"{time}","status":200,"path":"/"}}\n')
    with pytest.raises(CannotAskError, match="1 of 1 line"):
        read(open_store(tmp_path.as_uri()), "json")


@pytest.mark.parametrize(("written", "seconds"), [("-1", None), ("-", None), ("1e999", None), ("nan", None), ("0.000", 0.0)])
def test_a_duration_that_is_none_is_null(tmp_path: Path, written: str, seconds: float | None) -> None:
    write(tmp_path, f'{{"ts":1778760005,"status":200,"path":"/","request_time":"{written}"}}\n')
    assert read(open_store(tmp_path.as_uri()), "json", "seconds") == [(seconds,)]


def test_cloudfront_has_columns_in_any_order_and_a_client_that_gave_up(tmp_path: Path) -> None:
    write(tmp_path, "#Fields: time sc-status date\n12:00:05\t000\t2026-05-14\n", "E1.2026-05-14-12.abc.gz")
    assert read(open_store(tmp_path.as_uri()), "cloudfront", "moment, status") == [(AT, 0)]
    assert 0 in PRESETS["cloudfront"].closed


def test_cloudfront_without_its_header_says_so(tmp_path: Path) -> None:
    write(tmp_path, "2026-05-14\t12:00:05\n")
    with pytest.raises(CannotAskError, match="no line #Fields:"):
        read(open_store(tmp_path.as_uri()), "cloudfront")


def test_an_object_store_is_read_like_a_folder() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe({"/logs/access.log": line(5).encode(), "/logs/access.log.1.gz": gzip.compress(line(6).encode())})
    try:
        assert len(read(ObjectStore(memory, "/logs", "memory://logs"), TIMED)) == 2
    finally:
        memory.rm("/logs", recursive=True)


@pytest.mark.slow
def test_memory_is_bounded_whatever_the_lines_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "MEMORY", 96 << 20)
    good = "".join(line(second).rsplit(" ", 1)[0] + "\n" for second in range(60))
    write(
        tmp_path,
        good + "".join(f"2026-05-14 INFO worker {n} did {n * n} things of another format, at length\n" for n in range(3_000_000)),
    )
    place = LogPlace(open_store(tmp_path.as_uri()), "*", lines_of("combined"))
    with pytest.raises(CannotAskError, match="3,000,000 of 3,000,060 lines do not fit"), read_log(place, WINDOW):
        pass
