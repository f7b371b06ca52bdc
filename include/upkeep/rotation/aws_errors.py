"""What AWS refuses, said for the reader: which action to allow, or what is missing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from upkeep.errors import BrokenError, CannotAskError, UpkeepError
from upkeep.sources.aws_policy import policy

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
_ABSENT = {"ResourceNotFoundException", "ParameterNotFound", "NoSuchEntity"}
_WRONG = {"ValidationException", "ValidationError", "InvalidParameterException", "InvalidRequestException", "LimitExceeded"}
_UNKNOWN_LOGIN = {
    "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "ExpiredToken",
    "ExpiredTokenException", "InvalidAccessKeyId",
}  # fmt: skip
_KEY_CODES = {"DecryptionFailure", "EncryptionFailure", "InvalidKeyId"}
_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
_CLOCK_CODES = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}
_CLOCK_WORDS = ("signature expired", "signature not yet current")
_FULL = {
    "ParameterMaxVersionLimitExceeded": "its oldest version has a label: move it to a newer one, aws ssm label-parameter-version",
    "LimitExceededException": "take labels off versions that nobody reads: aws secretsmanager update-secret-version-stage",
    "PreconditionNotMetException": "wait until its encryption or its replicas are in order, then go on",
}


def code_of(error: Any) -> str:
    """AWS's name of what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_about_the_clock(error: Any) -> bool:
    """Whether AWS refuses the time at which a request was signed; STS and others have the code of a wrong key for it."""
    words = str(error.response.get("Error", {}).get("Message", "")).lower()
    return code_of(error) in _CLOCK_CODES or any(each in words for each in _CLOCK_WORDS)


def _is_about_the_key(error: Any) -> bool:
    """Whether it is KMS that refuses: its refusals come with the code of a missing right."""
    words = str(error.response.get("Error", {}).get("Message", ""))
    return code_of(error) in _KEY_CODES or code_of(error).startswith("KMS") or "KMS" in words


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
        raise _translated(place, action, error) from None
    except BotoCoreError as error:
        raise BrokenError(f"{place}: {action} had no answer: {type(error).__name__}", retry=True) from None


def _translated(place: str, action: str, error: Any) -> UpkeepError:
    code = code_of(error)
    if is_about_the_clock(error):
        return BrokenError(f"{place}: AWS refuses the time of {action} ({code})", "set this machine's clock right", retry=True)
    if _is_about_the_key(error):
        message = f"{place}: {action} was stopped by the KMS key ({code})"
        return CannotAskError(message, f"see that the key is enabled, and allow on it: {policy((_KEY_ACTIONS, '*'))}")
    return _by_code(place, action, code)


def _by_code(place: str, action: str, code: str) -> UpkeepError:
    if code in _DENIED:
        return CannotAskError(f"{place}: {action} is not allowed", f"allow it: {policy(((action,), '*'))}")
    if code in _ABSENT:
        return CannotAskError(f"{place} is not there ({action})", "correct its name or region in the inventory or the connection")
    if code in _UNKNOWN_LOGIN:
        return BrokenError(f"{place}: AWS does not know the login ({code})", "correct the Airflow connection", retry=False)
    if code in _FULL:
        return CannotAskError(f"{place}: {action} was refused ({code})", _FULL[code])
    return BrokenError(f"{place}: {action} failed: {code}", retry=code not in _WRONG)
