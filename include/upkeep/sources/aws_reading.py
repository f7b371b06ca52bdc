"""Reading calls of AWS: every page, patience with throttling that ends, and refusals that name the action to allow."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from upkeep.errors import BrokenError, CannotAskError

_BUSY = frozenset([
    "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
    "LimitExceededException", "LimitExceededFault", "SlowDown", "RequestThrottled", "RequestThrottledException",
    "BandwidthLimitExceeded", "ServiceUnavailable", "ServiceUnavailableException", "InternalError", "InternalFailure",
    "InternalServiceError", "InternalServiceFault", "InternalServerError", "InternalServerException", "Unavailable",
])  # fmt: skip
_DENIED = frozenset(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError"])
_WITHDRAWN = frozenset([
    "AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId",
    "ExpiredToken", "ExpiredTokenException", "InvalidToken", "OptInRequired", "MissingAuthenticationToken",
])  # fmt: skip
_TRIES = 5
_BUSY_STATUS = frozenset([429, 500, 502, 503, 504])
# What a call takes and gives as its page token; services that are not here have NextToken for both.
_TOKENS = {
    "elbv2": ("Marker", "NextMarker"), "elb": ("Marker", "NextMarker"), "rds": ("Marker", "Marker"),
    "logs": ("nextToken", "nextToken"), "s3": ("ContinuationToken", "ContinuationToken"),
}  # fmt: skip
_PREFIXES = {"elbv2": "elasticloadbalancing", "elb": "elasticloadbalancing"}
# Calls whose action has another name.
ACTIONS = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListParts": "s3:ListMultipartUploadParts",
}


class DeniedError(CannotAskError):
    """AWS refuses a call; `action` is what a policy must allow."""

    def __init__(self, action: str, where: str, text: str) -> None:
        super().__init__(f"AWS refuses {action} in {where}: {text}", f"allow {action}")
        self.action = action


@dataclass
class Patience:
    """How long all calls of a run together may wait for AWS to be less busy, seconds; `pause` waits."""

    left_s: float = 120
    pause: Callable[[float], None] = time.sleep

    def wait(self, seconds: float) -> bool:
        """Wait, if there is so much patience left."""
        if seconds > self.left_s:
            return False
        self.left_s -= seconds
        self.pause(seconds)
        return True


@dataclass
class AwsReader:
    """
    A client of boto3 for one service and region. Each method raises BrokenError, and DeniedError for a missing right.

    `answered_at` is what AWS itself said of the time in its newest answer; None before one.
    """

    client: Any
    service: str
    region: str
    patience: Patience
    actions: set[str] = field(default_factory=set)
    answered_at: datetime | None = None

    def pages(self, operation: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
        """Every page of a listing."""
        takes, gives = _TOKENS.get(self.service, ("NextToken", "NextToken"))
        tokens: set[str] = set()
        while True:
            page = self.call(operation, **asked)
            yield page
            token = page.get(gives)
            if not token:
                return
            if token in tokens:
                raise BrokenError(f"{operation} gave the same page token twice in {self.region}", "try again later", retry=True)
            tokens.add(token)
            asked[takes] = token

    def call(self, operation: str, **asked: Any) -> Mapping[str, Any]:
        """One call, asked again while AWS is busy and patience lasts."""
        from botocore.exceptions import BotoCoreError, ClientError

        action = self._action(operation)
        self.actions.add(action)
        for attempt in range(_TRIES):
            try:
                found: Mapping[str, Any] = getattr(self.client, operation)(**asked)
            except ClientError as error:
                if not _is_busy(error):
                    self._refuse(action, error)
                if attempt + 1 == _TRIES or not self.patience.wait(2.0**attempt):
                    break
            except BotoCoreError as error:
                raise BrokenError(
                    f"{action} could not be asked in {self.region}: {error}", "see the AWS connection", retry=True
                ) from error
            else:
                self.answered_at = _time_of(found)
                return found
        raise BrokenError(f"AWS is too busy for {action} in {self.region}: it put off every try", "ask again later", retry=True)

    def _action(self, operation: str) -> str:
        called = self.client.meta.method_to_api_mapping[operation]
        name = f"{_PREFIXES.get(self.service, self.service)}:{called}"
        return ACTIONS.get(name, name)

    def _refuse(self, action: str, error: Any) -> NoReturn:
        details = error.response.get("Error", {})
        code, text = str(details.get("Code", "")), str(details.get("Message", error))
        if code in _DENIED:
            raise DeniedError(action, self.region, text) from error
        if code in _WITHDRAWN:
            remedy = "renew the AWS connection; a region that the account has not enabled is taken out of regions"
            raise CannotAskError(
                f"AWS no longer knows this login for {action} in {self.region} ({code}): {text}", remedy
            ) from error
        raise ApiError(code, f"{action} in {self.region} said {code}: {text}") from error


class ApiError(BrokenError):
    """AWS gave an error that is neither a missing right nor a busy service; `code` is its word for it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason, "see the AWS connection of this account", retry=False)
        self.code = code


def _time_of(answer: Mapping[str, Any]) -> datetime | None:
    """The time that an answer carries."""
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(text) if text else None


def _is_busy(error: Any) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return str(error.response.get("Error", {}).get("Code", "")) in _BUSY or status in _BUSY_STATUS
