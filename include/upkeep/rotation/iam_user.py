"""The access keys of one IAM user, and a tag of it that says that a key is being made."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from upkeep.errors import BrokenError
from upkeep.rotation.aws_errors import aws_errors

MARK = "upkeep-makes-key-beside"


@dataclass(frozen=True, slots=True)
class Key:
    """One key, without its secret part."""

    id: str
    active: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class LastUse:
    """When a key was last used and where; `now` is the time by AWS's clock."""

    at: datetime
    service: str
    region: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A key was about to be made beside the current one; `now` is the time by AWS's clock."""

    beside: str
    at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class IamUser:
    """The user `name`, by a boto3 client of IAM. Every method may be called again after it was cut off."""

    client: Any
    name: str

    def keys(self) -> dict[str, Key]:
        """By id; there are two at most."""
        with aws_errors(self.name, "iam:ListAccessKeys"):
            found = self.client.list_access_keys(UserName=self.name)["AccessKeyMetadata"]
        made = [Key(each["AccessKeyId"], each["Status"] == "Active", each["CreateDate"]) for each in found]
        return {key.id: key for key in made}

    def arn(self) -> str:
        """Its name for AWS."""
        with aws_errors(self.name, "iam:GetUser"):
            return str(self.client.get_user(UserName=self.name)["User"]["Arn"])

    def create(self) -> tuple[str, str]:
        """A new key: its id and the key. Raises BrokenError with retry where there are two: one may not be listed yet."""
        from botocore.exceptions import ClientError

        try:
            with aws_errors(self.name, "iam:CreateAccessKey", passing={"LimitExceeded"}):
                made = self.client.create_access_key(UserName=self.name)["AccessKey"]
        except ClientError:
            raise BrokenError(f"{self.name} has two keys already", "it is looked at again", retry=True) from None
        return made["AccessKeyId"], made["SecretAccessKey"]

    def activate(self, key: str, *, active: bool) -> None:
        """Let it work, or not; one that is deleted is left alone."""
        from botocore.exceptions import ClientError

        try:
            with aws_errors(self.name, "iam:UpdateAccessKey", passing={"NoSuchEntity"}):
                self.client.update_access_key(UserName=self.name, AccessKeyId=key, Status="Active" if active else "Inactive")
        except ClientError:
            return

    def delete(self, key: str) -> None:
        """For ever; one that is deleted already is left alone."""
        from botocore.exceptions import ClientError

        try:
            with aws_errors(self.name, "iam:DeleteAccessKey", passing={"NoSuchEntity"}):
                self.client.delete_access_key(UserName=self.name, AccessKeyId=key)
        except ClientError:
            return

    def last_use(self, key: str) -> LastUse | None:
        """None for one that was never used, as far as AWS says so far."""
        with aws_errors(self.name, "iam:GetAccessKeyLastUsed"):
            found = self.client.get_access_key_last_used(AccessKeyId=key)
        used = found.get("AccessKeyLastUsed", {})
        if not isinstance(used.get("LastUsedDate"), datetime):
            return None
        return LastUse(used["LastUsedDate"], used.get("ServiceName", "?"), used.get("Region", "?"), _now(found))

    def mark(self) -> Mark | None:
        """What the tag says."""
        with aws_errors(self.name, "iam:ListUserTags"):
            found = self.client.list_user_tags(UserName=self.name)
        text = next((each["Value"] for each in found["Tags"] if each["Key"] == MARK), "")
        beside, _, at = text.partition(" ")
        return Mark(beside, datetime.fromtimestamp(int(at), UTC), _now(found)) if at.isdecimal() else None

    def set_mark(self, beside: str) -> None:
        """Say that one is being made beside this one, now by AWS's clock."""
        with aws_errors(self.name, "iam:ListUserTags"):
            now = _now(self.client.list_user_tags(UserName=self.name))
        with aws_errors(self.name, "iam:TagUser"):
            self.client.tag_user(UserName=self.name, Tags=[{"Key": MARK, "Value": f"{beside} {int(now.timestamp())}"}])


def _now(answer: Any) -> datetime:
    """When AWS answered, by its own clock."""
    date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)
