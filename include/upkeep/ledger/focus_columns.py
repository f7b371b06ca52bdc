"""
Which columns of a FOCUS export are what, in each of its versions, as SQL of DuckDB over one file.

Amounts stay decimal: a floating point number is read as the shortest text that means it. The column `bad` says what
cannot be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.errors import BrokenError
from upkeep.ledger.expressions import select_list, tag_object
from upkeep.ledger.focus_cells import amount_of, moment_of, number_of, tags_of, text_of
from upkeep.ledger.focus_faults import bad_group, bad_rows
from upkeep.ledger.focus_header import ALIASES, REQUIRED, Header
from upkeep.ledger.measures import AMOUNTS, NAMES, sums
from upkeep.sources.duck import quoted

_TAG = "tag {}"
# A month that begins at the midnight of another zone begins up to so much before that of UTC.
_FURTHEST = "interval 14 hours"


@dataclass(frozen=True, slots=True)
class FocusForm:
    """The form of FOCUS exports, of which these tags are kept."""

    tag_keys: tuple[str, ...]
    delimiter: str = ","

    def check(self, header: Header, file: str) -> None:
        """Raises BrokenError that names the columns which the file lacks and cannot do without."""
        if lacking := [ALIASES[what][0] for what in REQUIRED if header.find(what) is None]:
            shown = ", ".join(name for name, _ in header.columns[:8])
            remedy = "is this a FOCUS export? other files need source: csv with columns. Nothing was read"
            raise BrokenError(f"{file} has no column {', '.join(lacking)} (it has {shown}, …)", remedy, retry=False)

    def day(self, header: Header) -> str:
        """The day of a row."""
        return f"cast({moment_of(header, 'begins')} as date)"

    def rows(self, header: Header, table: str) -> str:
        """Rows of the ledger, summed by the file's own columns, of which several may mean the same."""
        raw = f"select\n    {_raw(header, self.tag_keys)}\nfrom {table}\ngroup by all"
        return f"select\n    {_projection(header, self.tag_keys)}\nfrom (\n{raw}\n)"


def _raw(header: Header, tag_keys: Sequence[str]) -> str:
    """The file's own columns as they stand, moments cut to their day, and the first sums."""
    found = [column for what in ALIASES if what not in (*AMOUNTS, "begins", "tags") and (column := header.find(what))]
    kept = {name: quoted(name) for name, _ in found}
    if begins := header.find("begins"):
        kept[begins[0]] = quoted(begins[0]) if header.is_text("begins") else f"cast({moment_of(header, 'begins')} as date)"
    tags = {_TAG.format(key): sql for key, sql in tags_of(header, tag_keys).items()}
    amounts, numbers = {what: amount_of(header, what) for what in AMOUNTS}, {what: number_of(header, what) for what in AMOUNTS}
    return select_list({**kept, **tags, **sums(amounts, numbers), "bad": bad_rows(header, amounts)})


def _projection(header: Header, tag_keys: Sequence[str]) -> str:
    """Of those, the columns of the ledger."""
    text = {what: text_of(header, what) for what in ALIASES}
    begins, period = moment_of(header, "begins"), moment_of(header, "period")
    tags = tag_object({key: quoted(_TAG.format(key)) for key in tags_of(header, tag_keys)})
    expressions = {
        "day": f"cast({begins} as date)",
        "billing_period": f"cast(date_trunc('month', {period} + {_FURTHEST}) as date)",
        "provider": f"coalesce({text['provider']}, 'unknown')",
        "billing_account": f"coalesce({text['billing_account']}, 'unknown')",
        "sub_account": f"coalesce({text['sub_account']}, {text['billing_account']}, 'unknown')",
        "service": f"coalesce({text['service']}, 'unassigned')",
        "region": text["region"],
        "category": f"coalesce({text['category']}, 'unknown')",
        "class": text["class"],
        "commitment": text["commitment"],
        "commitment_status": text["commitment_status"],
        "pricing": text["pricing"],
        "tags": tags,
        "unit": text["unit"],
        "currency": text["currency"],
        "sub_account_name": text["sub_account_name"],
        "provisional": f"coalesce(lower({text['estimated']}) = 'true', false)",
        "bad": f"coalesce(bad, {bad_group(header, {'begins': begins, 'period': period})})",
        **{name: name for name in NAMES},
    }
    return select_list(expressions)
