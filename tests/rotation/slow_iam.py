"""IAM and STS as they are: what is changed is seen seconds later, by a clock that tests move. Moto keeps the keys."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

USER, DELAY_S = "shop", 10.0
ARN = f"arn:aws:iam::123456789012:user/{USER}"


@dataclass
class SlowIam:
    """A client of IAM whose reads are late, and the STS beside it; `clock` is AWS's, in seconds since 1970."""

    moto: Any
    clock: float = field(default_factory=lambda: float(int(datetime.now(UTC).timestamp())))
    changes: dict[str, list[tuple[float, str | None]]] = field(default_factory=lambda: defaultdict(list))
    secrets: dict[str, str] = field(default_factory=dict)
    used: dict[str, tuple[float, str]] = field(default_factory=dict)
    delay_s: float = DELAY_S

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.clock += seconds

    def whoami(self, key_id: str, key: str, service: str = "sts") -> str | None:
        """As STS sees it, which may be late; a use is remembered."""
        if self._seen(key_id) != "Active" or self.secrets.get(key_id) != key:
            return None
        self.used[key_id] = (self.clock, service)
        return ARN

    def create_access_key(self, UserName: str) -> Any:  # noqa: N803 - the name is AWS's
        """Seen later."""
        made = self.moto.create_access_key(UserName=UserName)
        key = made["AccessKey"]
        self.secrets[key["AccessKeyId"]] = key["SecretAccessKey"]
        self.changes[key["AccessKeyId"]].append((self.clock, "Active"))
        return made

    def update_access_key(self, UserName: str, AccessKeyId: str, Status: str) -> Any:  # noqa: N803 - the names are AWS's
        """Seen later."""
        done = self.moto.update_access_key(UserName=UserName, AccessKeyId=AccessKeyId, Status=Status)
        self.changes[AccessKeyId].append((self.clock, Status))
        return done

    def delete_access_key(self, UserName: str, AccessKeyId: str) -> Any:  # noqa: N803 - the names are AWS's
        """Seen later."""
        done = self.moto.delete_access_key(UserName=UserName, AccessKeyId=AccessKeyId)
        self.changes[AccessKeyId].append((self.clock, None))
        return done

    def list_access_keys(self, UserName: str) -> Any:  # noqa: N803 - the name is AWS's
        """Those that are seen by now."""
        assert UserName == USER
        seen = {key: self._seen(key) for key in self.changes}
        listed = [
            {"AccessKeyId": key, "Status": status, "CreateDate": datetime.fromtimestamp(self.changes[key][0][0], UTC)}
            for key, status in seen.items()
            if status
        ]
        return self._dated({"AccessKeyMetadata": listed})

    def get_access_key_last_used(self, AccessKeyId: str) -> Any:  # noqa: N803 - the name is AWS's
        """By the moved clock."""
        used = self.used.get(AccessKeyId)
        told = (
            {"LastUsedDate": datetime.fromtimestamp(used[0], UTC), "ServiceName": used[1], "Region": "eu-central-1"}
            if used
            else {}
        )
        return self._dated({"AccessKeyLastUsed": told})

    def get_user(self, UserName: str) -> Any:  # noqa: N803 - the name is AWS's
        """Moto's."""
        return self.moto.get_user(UserName=UserName)

    def list_user_tags(self, UserName: str) -> Any:  # noqa: N803 - the name is AWS's
        """Moto's, dated by the moved clock."""
        return self._dated(self.moto.list_user_tags(UserName=UserName))

    def tag_user(self, UserName: str, Tags: Any) -> Any:  # noqa: N803 - the names are AWS's
        """Moto's."""
        return self.moto.tag_user(UserName=UserName, Tags=Tags)

    def _seen(self, key: str) -> str | None:
        """The status of a key as of some seconds ago."""
        return next((status for at, status in reversed(self.changes[key]) if at <= self.clock - self.delay_s), None)

    def _dated(self, answer: Any) -> Any:
        now = datetime.fromtimestamp(self.clock, UTC)
        return {**answer, "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(now, usegmt=True)}}}
