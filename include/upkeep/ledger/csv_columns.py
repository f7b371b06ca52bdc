"""Which columns of a CSV file that is no FOCUS export are what, as the inventory declares it, as SQL of DuckDB."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from upkeep.errors import BrokenError
from upkeep.ledger.expressions import dated, seen, select_list, tag_object
from upkeep.ledger.focus_header import Header
from upkeep.ledger.measures import sums
from upkeep.sources.duck import literal, quoted
from upkeep.suggestions import nearest
from upkeep.targets.account import Account
from upkeep.targets.cost_rules import CsvColumns

_NULL = "cast(null as varchar)"
_NONE = "cast(null as decimal(38, 18))"


@dataclass(frozen=True, slots=True)
class CsvForm:
    """The form of an account's CSV files. A number that is not written as declared is refused, never guessed at."""

    account: Account
    columns: CsvColumns

    @property
    def delimiter(self) -> str:
        """Between columns."""
        return self.columns.delimiter

    def check(self, header: Header, file: str) -> None:
        """Raises BrokenError that names the declared columns which the file lacks, with the nearest that it has."""
        here = [name for name, _ in header.columns]
        for name in self._declared():
            if name not in here:
                remedy = "correct columns of this account in the inventory: names, delimiter"
                raise BrokenError(f'{file} has no column "{name}"{nearest(name, here)}', remedy, retry=False)

    def day(self, header: Header) -> str:  # noqa: ARG002 - the inventory names it
        """The day of a row."""
        return dated(f"cast(try_strptime(trim({quoted(self.columns.day)}), {literal(self.columns.date_format)}) as date)")

    def rows(self, header: Header, table: str) -> str:
        """Rows of the ledger, summed by what tells them apart."""
        cost, day = self._cost(), self.day(header)
        account = literal(self.account.name)
        currency = self._text(self.columns.currency, literal(self.account.currency))
        expressions = {
            "day": day,
            "billing_period": f"cast(date_trunc('month', {day}) as date)",
            "provider": literal(self.account.provider),
            "billing_account": account,
            "sub_account": self._text(self.columns.sub_account, account),
            "service": self._text(self.columns.service, "'unassigned'"),
            "region": self._text(self.columns.region, _NULL),
            "category": self._text(self.columns.category, "'Usage'"),
            **dict.fromkeys(("class", "commitment", "commitment_status", "pricing", "unit", "sub_account_name"), _NULL),
            "tags": tag_object({key: self._text(name, _NULL) for key, name in self.columns.tags.items()}),
            "currency": currency,
            "provisional": "false",
            "bad": f"min({self._bad(cost, day, currency)})",
            **sums({"billed": cost, "effective": cost, **dict.fromkeys(("contracted", "list", "quantity"), _NONE)}),
        }
        return f"select\n    {select_list(expressions)}\nfrom {table}\ngroup by all"

    def _declared(self) -> list[str]:
        fields = ("day", "cost", "service", "sub_account", "region", "category", "currency")
        named: Mapping[str, str | None] = {field: getattr(self.columns, field) for field in fields}
        return [name for name in (*named.values(), *self.columns.tags.values()) if name]

    def _text(self, column: str | None, otherwise: str) -> str:
        if column is None:
            return otherwise
        return f"coalesce(nullif(replace(trim({quoted(column)}), chr(0), ''), ''), {otherwise})"

    def _cost(self) -> str:
        """The number, where it is written as declared; null where it is not."""
        column, sign, between = quoted(self.columns.cost), self.columns.decimal, self.columns.thousands
        # Spaces that do not break stand between thousands as often as plain ones.
        plain = f"trim(replace(replace({column}, chr(160), ' '), chr(8239), ' '))"
        whole = rf"(\d+|\d{{1,3}}({re.escape(between)}\d{{3}})+)" if between else r"\d+"
        pattern = rf"[-+]?{whole}({re.escape(sign)}\d+)?([eE][-+]?\d+)?"
        bare = f"replace({plain}, {literal(between)}, '')" if between else plain
        return (
            f"case when regexp_full_match({plain}, {literal(pattern)}) "
            f"then try_cast(replace({bare}, {literal(sign)}, '.') as decimal(38, 18)) end"
        )

    def _bad(self, cost: str, day: str, currency: str) -> str:
        wrong = [(self.columns.cost, f"{cost} is null"), (self.columns.day, f"{day} is null")]
        if self.columns.currency:
            wrong.append((self.columns.currency, f"not regexp_full_match({currency}, '[A-Z]{{3}}')"))
        faults = (f"case when {is_wrong} then {seen(column, quoted(column))} end" for column, is_wrong in wrong)
        return f"coalesce({', '.join(faults)})"
