"""
Prometheus, and whatever speaks its HTTP API: Thanos, Mimir, VictoriaMetrics.

Raw samples are asked for, so that counters can be counted exactly. An answer in part is refused: it would be a lower number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.http_address import address_of
from upkeep.sources.http_json import HttpJson
from upkeep.sources.prometheus_series import Series, joined, series_of

MOST_POINTS = 10_000
"""Points of a series in one answer: servers refuse more than 11,000."""
_WHOLE = {"partial_response": "false", "deny_partial_response": "1"}
_COPIES = {"dedup": "false"}
_LONGEST = timedelta(hours=6)
_SHORTEST = timedelta(minutes=1)


_TOO_MUCH = ("too many samples", "too many points", "number of chunks", "chunks limit", "samples limit", "maxsamplesperquery")
"""How Prometheus, Mimir, Thanos and VictoriaMetrics say so."""


class _TooMuchError(CannotAskError):
    """The server would have to load more samples than it may."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One server. With `copies` Thanos is asked for what each of its replicas has, and not for a mixture of them."""

    service: HttpJson
    copies: bool = False

    @property
    def described(self) -> str:
        """Its name and address."""
        return self.service.described

    def query(self, text: str, at: datetime) -> tuple[Series, ...]:
        """A query at one moment; each series has one sample. Raises BrokenError and CannotAskError."""
        return self._series("query", {"query": text, "time": _moment(at)})

    def look(self, selector: str) -> str:
        """How many series there are at present, for doctor. Raises CannotAskError when there is none."""
        found = self._series("query", {"query": f"count({selector})"})
        if not found:
            text = f"{self.described} has no {selector} at present"
            raise CannotAskError(text, "correct the preset or the matchers; its page /graph shows what there is")
        return f"{self.described} has {found[0].values[0]:g} series of {selector}"

    def clock(self) -> datetime:
        """What time it is there."""
        now = self._series("query", {"query": "vector(time())"})
        return datetime.fromtimestamp(now[0].values[0], UTC)

    def answers(self) -> str:
        """That it does, and its clock, for doctor."""
        return f"{self.described} answers, at {self.clock():%Y-%m-%d %H:%M} UTC"

    def range(self, text: str, start: datetime, end: datetime, step: timedelta) -> tuple[Series, ...]:
        """A query at each whole step from `start` to `end`, both included where they are whole; in as many calls as it takes."""
        seconds = step.total_seconds()
        first, last = -(-start.timestamp() // seconds), end.timestamp() // seconds
        parts = []
        while first <= last:
            upto = min(last, first + MOST_POINTS - 1)
            fields = {"query": text, "start": repr(first * seconds), "end": repr(upto * seconds), "step": repr(seconds)}
            parts.append(self._series("query_range", fields))
            first = upto + 1
        return joined(parts)

    def raw(self, selector: str, start: datetime, end: datetime) -> tuple[Series, ...]:
        """Every sample after `start` and until `end`, as it was scraped. Asked in spans that the server can bear."""
        return joined(self._spans(selector, start, end, _LONGEST))

    def _spans(self, selector: str, start: datetime, end: datetime, span: timedelta) -> Iterator[tuple[Series, ...]]:
        while start < end:
            upto = min(end, start + span)
            try:
                found = self._span(selector, start, upto)
            except _TooMuchError as error:
                span = (upto - start) / 2
                if span < _SHORTEST:
                    text = f"{self.described} cannot load a minute of {selector}: {error}"
                    raise CannotAskError(text, "narrow match, or raise --query.max-samples") from error
            else:
                yield tuple(series.after(start.timestamp()) for series in found)
                start = upto

    def _span(self, selector: str, start: datetime, end: datetime) -> tuple[Series, ...]:
        milliseconds = round((end - start).total_seconds() * 1000)
        return self._series("query", {"query": f"{selector}[{milliseconds}ms]", "time": _moment(end)})

    def _series(self, path: str, fields: Mapping[str, str]) -> tuple[Series, ...]:
        try:
            return series_of(self._ask(path, fields))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise self._strange() from error

    def _strange(self) -> BrokenError:
        remedy = "give the address before /api/v1 in its connection"
        return BrokenError(f"{self.described} does not answer as Prometheus does", remedy, retry=False)

    def _ask(self, path: str, fields: Mapping[str, str]) -> Sequence[Any]:
        body = self.service.post(f"/api/v1/{path}", {**fields, **_WHOLE, **(_COPIES if self.copies else {})})
        if not isinstance(body, Mapping) or body.get("status") not in {"success", "error"}:
            raise self._strange()
        if body["status"] == "error":
            raise self._refused(fields["query"], str(body.get("errorType", "")), str(body.get("error", "")))
        if body.get("warnings") or body.get("isPartial"):
            said = "; ".join(str(warning) for warning in body.get("warnings") or ["isPartial"])
            raise BrokenError(f"{self.described} answered in part: {said}", "see its stores and their time limits", retry=True)
        return list((body.get("data") or {}).get("result") or ())

    def _refused(self, query: str, kind: str, said: str) -> Exception:
        if any(words in said.lower() for words in _TOO_MUCH):
            return _TooMuchError(f"{self.described} refuses {query}: {said}", "narrow match, or raise its limit of samples")
        if kind in {"bad_data", "execution"}:
            return CannotAskError(f"{self.described} refuses {query}: {said}", "correct the names or matchers in the inventory")
        return BrokenError(f"{self.described} failed at {query}: {kind} {said}", "see its log", retry=True)


def open_prometheus(connections: object, connection_id: str, timeout_s: float) -> Prometheus:
    """The server behind a connection; nothing is asked yet."""
    return Prometheus(HttpJson(address_of(connections, connection_id), "Prometheus", timeout_s))


def _moment(at: datetime) -> str:
    return f"{at.timestamp():.3f}"
