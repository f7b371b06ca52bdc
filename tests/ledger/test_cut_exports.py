"""Files that are cut off, damaged or written by another hand: each is refused with its place, and takes nothing with it."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
import zstandard
from pyarrow import parquet

from tests.ledger.test_bad_exports import refused
from tests.ledger.world import Books, charge, csv_text
from upkeep.answer import Status

ROWS = [charge(n % 30, f"{n * 7919 % 100003}.{n % 89:02}") for n in range(4000)]


def zstd(data: bytes) -> bytes:
    """Packed in a frame of its own."""
    return zstandard.compress(data)


def broken(data: bytes) -> bytes:
    """One byte in the middle is another."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


@pytest.mark.parametrize("packed", [gzip.compress, zstd])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.999])
def test_a_packed_file_that_is_cut_anywhere_is_refused(ledger: Books, packed: Callable[[bytes], bytes], kept: float) -> None:
    ledger.put("good.csv", [charge(0)])
    data = packed(csv_text(ROWS).encode())
    (ledger.folder / "cut.csv.zst").write_bytes(data[: int(len(data) * kept)])
    refused(ledger, "cut.csv.zst cannot be read")


def test_a_packed_file_with_one_wrong_byte_is_refused(ledger: Books) -> None:
    (ledger.folder / "a.csv.gz").write_bytes(broken(gzip.compress(csv_text(ROWS).encode())))
    refused(ledger, "a.csv.gz cannot be read")


@pytest.mark.parametrize("packed", [gzip.compress, zstd])
def test_a_packed_file_in_several_pieces_is_read_whole(ledger: Books, packed: Callable[[bytes], bytes]) -> None:
    header, _, rest = csv_text([charge(0), charge(1)]).partition("\n")
    (ledger.folder / "a.csv.gz").write_bytes(packed(f"{header}\n".encode()) + packed(rest.encode()))
    ledger.bring()
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == 3


@pytest.mark.parametrize("packed", [gzip.compress, zstd])
def test_a_last_piece_that_is_cut_is_not_taken_for_none(ledger: Books, packed: Callable[[bytes], bytes]) -> None:
    header, _, rest = csv_text([charge(0), charge(1)]).partition("\n")
    first, second = rest.splitlines(keepends=True)
    (ledger.folder / "a.csv.zst").write_bytes(packed(f"{header}\n{first}".encode()) + packed(second.encode())[:-5])
    refused(ledger, "a.csv.zst cannot be read")


@pytest.mark.parametrize("left", [0.1, 0.5, 0.9])
def test_a_truncated_parquet_file_at_any_place(ledger: Books, left: float) -> None:
    path = ledger.put("a.parquet", ROWS)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)])
    refused(ledger, "a.parquet cannot be read")


def line_cut(text: str) -> str:
    return text[: text.rindex("production")]


def line_long(text: str) -> str:
    return f"{text.rstrip()},more\n"


def sum_below(text: str) -> str:
    return f"{text}Total,3.00\n"


def quote_open(text: str) -> str:
    return f'{text[: text.rindex("Hours")]}"Hou'


@pytest.mark.parametrize("change", [line_cut, line_long, sum_below, quote_open])
def test_a_line_that_is_no_row_is_named(ledger: Books, change: Callable[[str], str]) -> None:
    path = ledger.put("a.csv", [charge(0), charge(1)])
    path.write_text(change(path.read_text()))
    line = len(path.read_text().splitlines())
    error = refused(ledger, "a.csv cannot be read", f"Line: {line}")
    assert not {"strict_mode", "Original Line", "sniffing"} & set(error.reason.split())


def test_text_above_the_header_is_no_header(ledger: Books) -> None:
    path = ledger.put("a.csv", [charge(0)])
    path.write_text(f"Costs of ACME\n\n{path.read_text()}")
    refused(ledger, "a.csv has no column BilledCost", "Costs of ACME")


@pytest.mark.parametrize("name", ["BilledCost", "billedcost"])
def test_a_column_that_stands_there_twice_is_not_chosen_from(ledger: Books, name: str) -> None:
    header, row = csv_text([charge(0)]).splitlines()
    (ledger.folder / "a.csv").write_text(f"{header},{name}\n{row},9\n")
    refused(ledger, "a.csv has the column billedcost twice")


@pytest.mark.parametrize(("encoding", "word"), [("utf-16", "UTF-16"), ("latin-1", "Line: 3")])
def test_text_in_another_encoding_is_named(ledger: Books, encoding: str, word: str) -> None:
    (ledger.folder / "a.csv").write_bytes(csv_text([charge(0), charge(1, ServiceName="Müll")]).encode(encoding))
    refused(ledger, "a.csv cannot be read", word, "utf-8" if encoding == "latin-1" else "UTF-8")


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(ledger: Books, mark: bytes, newline: str) -> None:
    text = newline.join([*csv_text([charge(0), charge(1)]).splitlines(), "", ""])
    (ledger.folder / "a.csv").write_bytes(mark + text.encode())
    ledger.bring()
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == 3


@pytest.mark.parametrize("content", ["", csv_text([charge(0)]).splitlines()[0] + "\n"])
@pytest.mark.parametrize("deliveries", ["parts", "snapshots"])
def test_a_part_that_is_emptied_takes_no_money_with_it(ledger: Books, content: str, deliveries: str) -> None:
    ledger.put("a.csv", [charge(0)])
    ledger.put("b.csv", [charge(0, "2"), charge(1, "2")])
    ledger.bring(account={"deliveries": deliveries})
    before = ledger.value("select sum(billed_cost) from upkeep.spend_now")
    (ledger.folder / "b.csv").write_text(content)
    refused(ledger, "b.csv", "empty" if not content else "0 rows, where it had 2 for 2026-09-01 to 2026-09-02", after=41,
            account={"deliveries": deliveries})  # fmt: skip
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == before
    assert ledger.value("select count(*) from upkeep.restatement") == 0


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_row_is_numbered_that_cannot_be_read(ledger: Books, kind: str) -> None:
    rows = [charge(n % 30) for n in range(2000)]
    rows[1776] |= {"Tags": "[1]"}
    rows[1900] |= {"BillingCurrency": "euro"}
    ledger.put(f"good.{kind}", rows[:1000])
    ledger.put(f"wrong.{kind}", rows)
    refused(ledger, f"wrong.{kind}", "Tags is no JSON object", "row 1,777 after the header")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("BilledCost", None, "BilledCost is empty"),
        ("BilledCost", "nan", "BilledCost is no amount"),
        ("EffectiveCost", "inf", "EffectiveCost is no amount"),
        ("ListCost", "1e25", "ListCost is no amount"),
    ],
)
def test_a_floating_point_number_that_is_no_amount_is_refused_with_its_row(
    ledger: Books, column: str, value: str | None, reason: str
) -> None:
    ledger.put("a.parquet", [charge(0), charge(0, "2.25"), {**charge(0), column: value}, charge(1)])
    refused(ledger, "a.parquet", reason, "row 3 after the header")


@pytest.mark.parametrize("kind", ["double", "float"])
@pytest.mark.parametrize("column", ["BilledCost", "EffectiveCost", "ContractedCost", "ListCost"])
@pytest.mark.parametrize("cost", ["1.5", "0", "-0.0"])
def test_nan_among_equal_amounts_is_refused_though_the_statistics_of_the_file_do_not_tell_it(
    ledger: Books, kind: str, column: str, cost: str
) -> None:
    path = ledger.put("a.parquet", [charge(0, cost), charge(0, cost, **{column: "nan"}), charge(0, cost)])
    table = parquet.read_table(path)
    place = table.column_names.index(column)
    parquet.write_table(table.set_column(place, column, table[column].cast(kind)), path)
    found = parquet.read_metadata(path).row_group(0).column(place).statistics
    assert found.min == found.max == float(cost)
    refused(ledger, "a.parquet", f"{column} is no amount", "row 2 after the header")


@pytest.mark.near_miss
@pytest.mark.parametrize("kind", ["double", "float"])
def test_equal_amounts_are_summed_as_they_are_written(ledger: Books, kind: str) -> None:
    path = ledger.put("a.parquet", [charge(0, "0.1"), charge(0, "0.1"), charge(0, "0.1")])
    table = parquet.read_table(path)
    place = table.column_names.index("BilledCost")
    parquet.write_table(table.set_column(place, "BilledCost", table["BilledCost"].cast(kind)), path)
    ledger.bring()
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == Decimal("0.3")


@pytest.mark.near_miss
def test_other_amounts_may_be_empty_in_parquet(ledger: Books) -> None:
    ledger.put("a.parquet", [charge(0, "2.50"), charge(0, "0.25", ContractedCost=None, ListCost=None)])
    assert ledger.bring().status is Status.OK
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == Decimal("2.75")
    assert ledger.value("select sum(list_missing) from upkeep.spend_now") == Decimal("0.25")


@pytest.mark.parametrize("text", ["0001-01-01", "1970-01-01 00:00:00", "9999-12-31", "20260-09-01"])
def test_a_day_of_another_century_is_a_slip(ledger: Books, text: str) -> None:
    ledger.put("a.csv", [charge(0), charge(0, ChargePeriodStart=text)])
    refused(ledger, "a.csv", "ChargePeriodStart", "row 2")


def test_a_sum_beyond_all_digits_is_refused(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "99999999999999999999")] * 20)
    refused(ledger, "a.csv cannot be read", "Overflow")


def withdrawn(after: int) -> type:
    """A place whose access is withdrawn once so many files have been opened."""
    from fsspec.implementations.memory import MemoryFileSystem

    class Withdrawn(MemoryFileSystem):  # type: ignore[misc]
        opened = 0
        store: ClassVar[dict[str, object]] = {}

        def _open(self, path: str, mode: str = "rb", **more: object) -> object:
            type(self).opened += mode == "rb"
            if mode == "rb" and type(self).opened > after:
                raise PermissionError("AccessDenied")
            return super()._open(path, mode, **more)

    return Withdrawn


@pytest.mark.parametrize("after", [0, 1])
def test_access_to_a_bucket_withdrawn_in_the_middle_keeps_nothing(ledger: Books, after: int, tmp_path: Path) -> None:
    from upkeep.errors import BrokenError
    from upkeep.ledger.exports import import_export
    from upkeep.sources.objects import ObjectStore
    from upkeep.store.answers import Provenance, connected
    from upkeep.store.spend import StoredLedger

    files = withdrawn(after)()
    for name in ("a.csv", "b.csv"):
        files.pipe_file(f"/bills{tmp_path.name}/{name}", csv_text([charge(0)]).encode())
    store = ObjectStore(files, f"/bills{tmp_path.name}", "s3://bills")
    with connected(ledger.lab.endpoint) as connection:
        stored = StoredLedger(connection, "aws", Provenance("", "", "", 0, 1, datetime(2026, 10, 1, tzinfo=UTC), 0.0))
        with pytest.raises(BrokenError, match="s3://bills: access is denied"):
            import_export(ledger.account(), store, stored, lambda *_: None, 256)
    assert ledger.value("select count(*) from upkeep.spend") == 0


def test_amounts_stay_whole_in_packed_files(ledger: Books) -> None:
    (ledger.folder / "a.csv.zst").write_bytes(zstd(csv_text(ROWS).encode()))
    ledger.bring()
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == sum(Decimal(row["BilledCost"]) for row in ROWS)
