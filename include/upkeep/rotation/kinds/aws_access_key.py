"""
Access keys of an IAM user, of which AWS allows two: one works while the next is made.

AWS makes the values and shows each once (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html). What
it says of keys is late by seconds, so that both a new one and an ended one are tried until the answer is the right one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote
from typing import ClassVar, Literal

from pydantic import Field

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.iam_user import IamUser, Key
from upkeep.rotation.key_trial import KeyTrial, sts_trial
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import Beside, Kind, RefusedError, Service, Use
from upkeep.sources.connections import Connections

_TRIED_BY, _APART = "sts", timedelta(minutes=5)


class AwsAccessKeyKind(Kind):
    """The keys of one IAM user. The secret is a JSON object with the key's id and the key."""

    tells_use: ClassVar[bool] = True

    kind: Literal["aws_access_key"]
    user: str = Field(min_length=1, description="IAM user whose two keys alternate")
    connection: str | None = Field(default=None, description="Airflow connection of a login that may make and end its keys")
    region: str = Field(default="us-east-1", description="Region whose STS tries the keys")
    key_id: str = Field(default="aws_access_key_id", description="Field of the secret that has the key's id")
    secret_key: str = Field(default="aws_secret_access_key", description="Field of the secret that has the key")
    quiet_h: float = Field(default=12, gt=0, description="An old key that was not used for so long is used no more, hours")

    @property
    def described(self) -> str:
        """The user."""
        return f"access keys of the IAM user {self.user}"

    def outlives(self, ended_at: datetime) -> str:
        """Sessions of STS. Keys themselves carry no `aws:TokenIssueTime`, so that the new one goes on."""
        issued = {"DateLessThan": {"aws:TokenIssueTime": f"{ended_at:%Y-%m-%dT%H:%M:%SZ}"}}
        deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": issued}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        return (
            "sessions that STS made with the old key live on, for up to 36 hours; deny them: aws iam put-user-policy"
            f" --user-name {quote(self.user)} --policy-name upkeep-older-sessions --policy-document {quote(policy)};"
            " the same on each role that the user may assume (aws iam put-role-policy)"
        )

    def open(self, connections: Connections) -> Service:
        """The user's keys, by the login that may make them."""
        iam = connections.aws(self.connection, "iam")
        return AccessKeys(self, IamUser(iam, self.user), sts_trial(self.region, iam.meta.endpoint_url))


@dataclass(frozen=True, slots=True)
class AccessKeys(Beside):
    """
    The keys of `user`.

    Before a key is made, a tag of the user says beside which one. A run that is killed before the store has the new one leaves
    it to nobody, as AWS shows it once: by the tag the next run knows it for its own, and deletes it. Once another key is current,
    the tag says nothing any more.
    """

    kind: AwsAccessKeyKind
    user: IamUser
    trial: KeyTrial

    def identity(self, value: SecretValue) -> str:
        """The key's id."""
        return value.get(self.kind.key_id)

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Another key."""
        return self.identity(old) != self.identity(current)

    def check(self, current: SecretValue) -> None:
        """The current key must be one of the user's, else a key of somebody else would be made for the application."""
        keys, own = self.user.keys(), self.identity(current)
        if own not in keys:
            there = f"; it has {', '.join(sorted(keys))}" if keys else "; it has none"
            remedy = "correct the user in the inventory, or put a key of this user into the store"
            raise CannotAskError(f"{own} is no key of the IAM user {self.kind.user}{there}", remedy)

    def propose(self, current: SecretValue) -> SecretValue:
        """A new key, which works at once: nobody has it but the store."""
        own = self.identity(current)
        for key in self.user.keys().values():
            if key.id != own:
                self._make_room(key, own)
        self.user.set_mark(own)
        made_id, made_key = self.user.create()
        return current.replaced(**{self.kind.key_id: made_id, self.kind.secret_key: made_key})

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Any other key."""
        if not self.separate(pending, current):
            raise CannotAskError(
                "what is pending is what is current", "stop the other rotator, and take its pending value out of the store"
            )
        pending.get(self.kind.secret_key)

    def install(self, pending: SecretValue) -> None:
        """See that it is there, and active, also when it was ended before."""
        own = self.identity(pending)
        if not self.trial.until(lambda: self.user.keys().get(own) is not None):
            if (mark := self.user.mark()) and mark.now - mark.at < _APART:
                raise BrokenError(f"AWS does not list the new key {own} yet", "it is tried again", retry=True)
            raise RefusedError(f"the key {own} was deleted", "rotate instead: upkeep secret rotate NAME")
        self.user.activate(own, active=True)

    def prove(self, pending: SecretValue, current: SecretValue) -> None:  # noqa: ARG002 - a user's keys may all do the same
        """Ask STS who it is until it is known everywhere: a key of this user, whose rights are the user's own."""
        own, user = self.identity(pending), self.user.arn()
        if not self.trial.until(lambda: self._whoami(pending) is not None, in_a_row=3):
            raise BrokenError(f"AWS does not know the new key {own} yet", "it is tried again", retry=True)
        who = self._whoami(pending)
        if who != user:
            raise CannotAskError(f"the key {own} is of {who}, not of {user}", "see what else makes keys for this user")

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:
        """Its last use, where that is after `since` and not long ago by AWS's clock."""
        used = self.user.last_use(self.identity(old))
        if used is None or used.at < since or (used.now - used.at).total_seconds() > self.kind.quiet_h * 3600:
            return ()
        return (Use(f"{used.service} in {used.region}, last at {used.at:%Y-%m-%d %H:%M} UTC", used.at, used.at),)

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:  # noqa: ARG002 - what was made with it ends by itself
        """Make it inactive. It can be taken back until it is deleted."""
        self.user.activate(self.identity(old), active=False)

    def is_dead(self, old: SecretValue) -> bool:
        """Whether it is inactive or deleted, and STS refuses it."""
        return self.trial.until(lambda: not self._active(old)) and self.trial.until(lambda: self._whoami(old) is None)

    def remove(self, old: SecretValue) -> None:
        """Delete it, once it is inactive."""
        key = self.user.keys().get(self.identity(old))
        if key and not key.active:
            self._delete(key.id)

    def _active(self, value: SecretValue) -> bool:
        key = self.user.keys().get(self.identity(value))
        return bool(key and key.active)

    def _delete(self, key: str) -> None:
        """Until it is listed no more."""
        self.user.delete(key)
        self.trial.until(lambda: self.user.keys().get(key) is None)

    def _whoami(self, value: SecretValue) -> str | None:
        return self.trial.whoami(self.identity(value), value.get(self.kind.secret_key))

    def _make_room(self, key: Key, current: str) -> None:
        """Delete what a killed run left. Raises CannotAskError for any other key."""
        if self.trial.until(lambda: self._left_over(key, current)):
            self._delete(key.id)
            return
        used = self.user.last_use(key.id)
        when = f"last used by {used.service} at {used.at:%Y-%m-%d %H:%M} UTC" if used else "never used"
        raise CannotAskError(
            f"the IAM user {self.kind.user} has a second key, {key.id}, {when}; AWS allows two, and a rotation needs one of them",
            f"find who uses it, then: aws iam delete-access-key --user-name {self.kind.user} --access-key-id {key.id}",
        )

    def _left_over(self, key: Key, current: str) -> bool:
        """Whether a killed run made it: at the time of the mark, and nobody but the proof ever used it."""
        mark, used = self.user.mark(), self.user.last_use(key.id)
        if mark is None or mark.beside != current or (used and used.service != _TRIED_BY):
            return False
        return abs(key.made_at - mark.at) <= _APART
