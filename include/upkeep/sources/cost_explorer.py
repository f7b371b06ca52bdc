"""AWS Cost Explorer: pages, throttling and refusals, with every call counted, since each is paid for."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.aws_policy import costs_policy

_BUSY = frozenset(
    ["ThrottlingException", "Throttling", "TooManyRequestsException", "LimitExceededException", "RequestLimitExceeded"]
)
_DENIED = frozenset(["AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "UnrecognizedClientException"])
_NOTHING = frozenset(["DataUnavailableException"])
_TRIES = 5
_TOKENS = ("NextPageToken", "NextToken")


@dataclass(frozen=True, slots=True)
class Group:
    """One day of one group: its keys, amounts by metric as AWS writes them, their currency, and whether it is an estimate."""

    day: date
    keys: tuple[str, ...]
    amounts: Mapping[str, tuple[str, str]]
    estimated: bool


@dataclass
class CostExplorer:
    """
    A client of boto3 that is asked at most `most_calls` times; `pause` waits so many seconds.

    Each method raises BrokenError when AWS stays busy, gives the same page again or the calls are used up, and CannotAskError
    with the policy that is missing when it refuses.
    """

    client: Any
    most_calls: int
    pause: Callable[[float], None] = time.sleep
    calls: int = field(default=0, init=False)

    def daily(
        self, first: date, last: date, by: Sequence[Mapping[str, str]], only: Mapping[str, Any] | None = None
    ) -> Iterator[Group]:
        """Unblended and amortised cost of each day, `first` to `last` included, in at most two groups."""
        asked: dict[str, Any] = {
            "TimePeriod": {"Start": str(first), "End": str(last + timedelta(days=1))},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost", "AmortizedCost"],
            "GroupBy": list(by),
            **({"Filter": only} if only else {}),
        }
        for page in self.pages("get_cost_and_usage", asked):
            yield from (group for result in page.get("ResultsByTime", ()) for group in _groups(result))

    def pages(self, method: str, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Every page of an answer to a method, as boto3 calls it; none where AWS says that there is nothing of the kind."""
        tokens: set[str] = set()
        while True:
            page = self._call(method, asked)
            yield page
            name, token = next(((name, page[name]) for name in _TOKENS if page.get(name)), ("", ""))
            if not token:
                return
            if token in tokens:
                raise BrokenError("Cost Explorer gave the same page token twice; nothing was kept", "try again later", retry=True)
            tokens.add(token)
            asked = {**asked, name: token}

    def _call(self, method: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        for attempt in range(_TRIES):
            self._count()
            try:
                page: Mapping[str, Any] = getattr(self.client, method)(**asked)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in _NOTHING:
                    return {}
                self._judge(error, _action(method))
                self.pause(2.0**attempt)
            except BotoCoreError as error:
                raise BrokenError(f"Cost Explorer could not be asked: {error}", "see the AWS connection", retry=True) from error
            else:
                return page
        raise BrokenError(f"Cost Explorer is too busy: {_TRIES} calls in a row were put off; nothing was kept", retry=True)

    def _count(self) -> None:
        if self.calls >= self.most_calls:
            reason = f"{self.calls} calls of Cost Explorer were made, and no more are allowed (0.01 USD each); nothing was kept"
            raise BrokenError(reason, "raise most_calls for this account, or declare fewer tags", retry=False)
        self.calls += 1

    def _judge(self, error: Any, action: str) -> None:
        """Return when it is only busy."""
        details = error.response.get("Error", {})
        code, text = details.get("Code", ""), details.get("Message", str(error))
        if code in _DENIED:
            raise CannotAskError(f"Cost Explorer refuses {action}: {text}", f"allow it: {costs_policy()}") from error
        if code not in _BUSY and error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 429:  # noqa: PLR2004 - HTTP
            raise BrokenError(
                f"Cost Explorer said {code}: {text}", "see the AWS connection of this account", retry=False
            ) from error


def _action(method: str) -> str:
    """The right that a method needs, as IAM names it."""
    return "ce:" + "".join(word.title() for word in method.split("_"))


def _groups(result: Mapping[str, Any]) -> Iterator[Group]:
    day = date.fromisoformat(result["TimePeriod"]["Start"])
    for group in result.get("Groups", ()):
        amounts = {name: (value["Amount"], value["Unit"]) for name, value in group["Metrics"].items()}
        yield Group(day, tuple(group["Keys"]), amounts, bool(result.get("Estimated")))
