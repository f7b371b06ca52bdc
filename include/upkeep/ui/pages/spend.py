"""A bill followed down: accounts, services, regions and tags, days, and the rows of the ledger with every version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.paging import Number, Slice, Snapshot, total
from upkeep.ui.render import Missing, show

router = APIRouter()
SIZE = 100
TITLES = {"account": "Accounts", "service": "Services", "region": "Regions", "day": "Days"}
Name = Annotated[str, Query(max_length=1000)]
Part = Annotated[str | None, Query(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    Which part of a bill is looked at; its fields are the address.

    `lacks` says that the charges have no region, or not the tag `key`, which is another thing than an empty one.
    """

    account: Name
    currency: Name
    first: date
    last: date
    sub: Part = None
    service: Part = None
    region: Part = None
    key: Part = None
    value: Part = None
    lacks: Literal["region", "tag"] | None = None
    by: Literal["day"] | None = None
    day: date | None = None

    def href(self, **changes: Any) -> str:
        """The address of another part."""
        return links.page("spend", **{name: getattr(self, name) for name in self.__slots__} | changes)

    def trail(self) -> Iterator[tuple[str, str]]:
        """What led here, as (text, address), the widest part first."""
        step = Chosen(self.account, self.currency, self.first, self.last)
        yield self.account, step.href()
        for changes, text in self._steps():
            step = replace(step, **changes)
            yield text, step.href()

    def _steps(self) -> Iterator[tuple[dict[str, Any], str]]:
        if self.sub:
            yield {"sub": self.sub}, self.sub
        if self.service:
            yield {"service": self.service}, self.service
        if self.region or self.lacks == "region":
            yield {"region": self.region, "lacks": "region" if not self.region else None}, self.region or "no region"
        if self.key:
            said = f"{self.key}={self.value}" if self.value is not None else f"no {self.key}"
            yield {"key": self.key, "value": self.value}, said
        if self.by:
            yield {"by": self.by}, "by day"
        if self.day:
            yield {"day": self.day}, str(self.day)

    def params(self) -> Mapping[str, Any]:
        """What the queries ask for."""
        names = ("account", "currency", "sub", "service", "region", "key", "value")
        return {name: getattr(self, name) for name in names} | {"no_region": self.lacks == "region" and not self.region}

    @property
    def sides(self) -> tuple[str, ...]:
        """By what it is taken apart next."""
        if self.sub is None:
            return ("account",)
        if self.service is None:
            return ("service",)
        narrowed = self.region or self.lacks or self.key or self.by
        return ("day",) if narrowed else ("region", "tag")


@router.get("/spend", response_class=HTMLResponse)
def spend(request: Request, rows: Snapshot, chosen: Annotated[Chosen, Depends()], page: Number = 1) -> HTMLResponse:
    """One level; each of its lines leads to the next."""
    if chosen.account not in (names := [one.name for one in rows("costs_accounts")]):
        near = links.near(chosen.account, names, "costs", "account")
        raise Missing("No such bill", f'Neither the inventory nor the ledger has an account called "{chosen.account}".', near)
    if chosen.day:
        return _entries(request, rows, chosen, page)
    tables = [table for side in chosen.sides for table in _tables(rows, chosen, side, page)]
    longest = max((table["slice"] for table in tables), key=lambda each: each.total)
    return show(request, "spend", chosen=chosen, tables=tables, entries=None, slice=longest, links=chosen.href)


def _tables(rows: Snapshot, chosen: Chosen, side: str, page: int) -> Iterator[dict[str, Any]]:
    about = {"first": chosen.first, "last": chosen.last, "limit": SIZE, "offset": (page - 1) * SIZE, **chosen.params()}
    keys: list[str | None] = [None]
    if side == "tag":
        filters = {name: about[name] for name in ("account", "first", "last", "sub", "service")}
        keys = [one.key for one in rows("spend_keys", **filters)]
    for key in keys:
        found = rows("spend_parts", by=side, by_key=key, **about)
        yield {
            "title": f"Tag {key}" if key else TITLES[side],
            "lines": [(one, chosen.href(**_next(side, key, one.part))) for one in found],
            "none": {"region": "no region", "tag": f"no {key}"}.get(side, "none"),
            "slice": Slice(page, SIZE, total(found)),
        }  # fmt: skip


def _next(side: str, key: str | None, part: str | None) -> dict[str, Any]:
    if side == "tag":
        return {"key": key, "value": part, "lacks": None if part is not None else "tag"}
    if side == "region" and part is None:
        return {"lacks": "region"}
    return {{"account": "sub"}.get(side, side): part}


def _entries(request: Request, rows: Snapshot, chosen: Chosen, page: int) -> HTMLResponse:
    found = rows("spend_rows", day=chosen.day, limit=SIZE, offset=(page - 1) * SIZE, **chosen.params())
    return show(
        request, "spend", chosen=chosen, tables=[], entries=found, slice=Slice(page, SIZE, total(found)), links=chosen.href
    )
