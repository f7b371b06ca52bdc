"""Trying an access key: who it is to AWS, again and again while AWS has not heard of a change everywhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from upkeep.errors import BrokenError
from upkeep.rotation.aws_errors import code_of, is_about_the_clock

_TRIES, _PAUSE_S = 30, 2.0
_REFUSED = {"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidAccessKeyId"}

WhoAmI = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class KeyTrial:
    """`whoami` takes a key's id and the key, and gives the ARN of whose it is, None for one that is refused."""

    whoami: WhoAmI
    sleep: Callable[[float], None] = time.sleep

    def until(self, holds: Callable[[], bool], *, in_a_row: int = 1) -> bool:
        """Whether it came to hold within a minute, and went on holding: parts of AWS learn of a change one after the other."""
        held = 0
        for _ in range(_TRIES):
            held = held + 1 if holds() else 0
            if held == in_a_row:
                return True
            self.sleep(_PAUSE_S)
        return False


def sts_trial(region: str, iam_url: str) -> KeyTrial:
    """By STS, which lets every valid key ask who it is; an IAM that is none of AWS's own has its STS in the same place."""
    own = "amazonaws.com" in iam_url
    return KeyTrial(lambda key_id, key: _whoami(region, None if own else iam_url, key_id, key))


def _whoami(region: str, url: str | None, key_id: str, key: str) -> str | None:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    client = boto3.session.Session().client(
        "sts", region_name=region, endpoint_url=url, aws_access_key_id=key_id, aws_secret_access_key=key, config=config
    )
    try:
        return str(client.get_caller_identity()["Arn"])
    except ClientError as error:
        if is_about_the_clock(error):
            raise BrokenError("STS refuses the time of this machine", "set its clock right", retry=True) from None
        if code_of(error) in _REFUSED:
            return None
        raise BrokenError(f"STS could not try the key {key_id}", "it is tried again", retry=True) from None
    except BotoCoreError as error:
        raise BrokenError(f"STS had no answer: {type(error).__name__}", "see the way to AWS", retry=True) from None
