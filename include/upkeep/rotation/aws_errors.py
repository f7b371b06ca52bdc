"""What AWS refuses, said for the reader: which action to allow, or what is missing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from upkeep.errors import BrokenError, CannotAskError, UpkeepError
from upkeep.sources.aws_policy import policy

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
_ABSENT = {"ResourceNotFoundException", "ParameterNotFound", "NoSuchEntity"}
_WRONG = {"ValidationException", "ValidationError", "InvalidParameterException", "InvalidRequestException", "LimitExceeded"}
_UNKNOWN_LOGIN = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "ExpiredTokenException"}


def code_of(error: Any) -> str:
    """AWS's name of what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def aws_errors(place: str, action: str, passing: Collection[str] = ()) -> Iterator[None]:
    """
    Translate what a call raises. `action` is its IAM action; nothing of the request or the answer is repeated.

    What has a code in `passing` is raised as it is.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if code_of(error) in passing:
            raise
        raise _translated(place, action, code_of(error)) from None
    except BotoCoreError as error:
        raise BrokenError(f"{place}: {action} had no answer: {type(error).__name__}", retry=True) from None


def _translated(place: str, action: str, code: str) -> UpkeepError:
    if code in _DENIED:
        return CannotAskError(f"{place}: {action} is not allowed", f"allow it: {policy(((action,), '*'))}")
    if code in _ABSENT:
        return CannotAskError(f"{place} is not there ({action})", "correct its name or region in the inventory or the connection")
    if code in _UNKNOWN_LOGIN:
        return BrokenError(f"{place}: AWS does not know the login ({code})", "correct the Airflow connection", retry=False)
    return BrokenError(f"{place}: {action} failed: {code}", retry=code not in _WRONG)
