"""Access keys of an IAM user, whose changes AWS sees ten seconds later."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rotation.scenes import AccessKeyScene
from tests.rotation.slow_iam import ARN, USER, SlowIam
from tests.rotation.watch import KilledError, Watch
from tests.rotation.world import GRACE, World, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.iam_user import IamUser
from upkeep.rotation.key_trial import KeyTrial, sts_trial
from upkeep.rotation.kinds.aws_access_key import AccessKeys, AwsAccessKeyKind
from upkeep.rotation.rotation import State
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import RefusedError
from upkeep.rotation.stages import Stage


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """A user with one key, in a file."""
    with world(None, tmp_path, "aws_access_key", "text file") as found:
        yield found


def iam_of(made: World) -> SlowIam:
    """AWS."""
    assert isinstance(made.scene, AccessKeyScene)
    return made.scene.iam


def keys(made: World) -> dict[str, str]:
    """As they are, seen or not."""
    found = iam_of(made).moto.list_access_keys(UserName=USER)["AccessKeyMetadata"]
    return {each["AccessKeyId"]: each["Status"] for each in found}


def key_id(value: SecretValue) -> str:
    """Its id."""
    return value.get("aws_access_key_id")


def test_old_key_is_inactive_after_its_grace_and_deleted_after_another(made: World) -> None:
    made.rotator().advance("by hand")
    first, second = key_id(made.first), key_id(made.current)
    assert keys(made) == {first: "Active", second: "Active"}
    assert made.current.get("region") == "eu-central-1", "what else it holds stays"
    row = made.log.newest("shop")
    assert row
    assert (row.old, row.new) == (first, second)
    made.pass_time(GRACE + timedelta(minutes=1))
    made.look()
    assert made.rotator().advance().ended == first
    assert keys(made) == {first: "Inactive", second: "Active"}
    made.rotator().advance()
    assert keys(made) == {first: "Inactive", second: "Active"}, "it can be taken back"
    made.pass_time(GRACE + timedelta(minutes=1))
    made.look()
    made.rotator().advance()
    assert keys(made) == {second: "Active"}
    assert not made.failed


def test_the_new_key_is_current_only_when_aws_knows_it(made: World) -> None:
    before = iam_of(made).clock
    made.rotator().advance("by hand")
    assert iam_of(made).clock - before >= 10
    assert not made.failed


@pytest.mark.parametrize("delay_s", [60, 100])
def test_an_aws_that_is_minutes_late_ends_right_when_it_is_run_again(made: World, delay_s: float) -> None:
    iam_of(made).delay_s = delay_s
    for _ in range(5):
        with suppress(BrokenError):
            made.rotator().advance("by hand" if made.current == made.first else None)
    row = made.log.newest("shop")
    assert row
    assert (row.new, row.state) == (key_id(made.current), State.GRACE)
    assert len(made.log.rows) == 1
    assert len(keys(made)) == 2
    assert not made.failed


def test_a_key_that_was_deleted_before_it_was_current_is_replaced(made: World) -> None:
    with pytest.raises(KilledError):
        made.rotator("iam.get_user", "SIGKILL before").advance("by hand")
    pending = made.store.read(Stage.PENDING)
    assert pending
    iam_of(made).delete_access_key(UserName=USER, AccessKeyId=key_id(pending.value))
    iam_of(made).sleep(600)
    with pytest.raises(RefusedError, match="was deleted"):
        made.rotator().advance("by hand")
    assert made.rotator().advance("by hand").rotated
    assert key_id(made.current) not in {key_id(pending.value), key_id(made.first)}
    assert not made.failed


def test_an_inactive_current_key_is_followed_by_one_that_works(made: World) -> None:
    iam_of(made).update_access_key(UserName=USER, AccessKeyId=key_id(made.first), Status="Inactive")
    made.rotator(applied=False).advance("by hand")
    assert iam_of(made).whoami(key_id(made.current), made.current.get("aws_secret_access_key"))


@pytest.mark.parametrize(
    ("code", "words", "message"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261127T100000Z is now earlier than 20261127T101500Z", "refuses the time"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261127T100000Z", "refuses the time"),
        ("RequestExpired", "Request has expired.", "refuses the time"),
        ("Throttling", "Rate exceeded", "could not try the key"),
        ("ServiceUnavailable", "", "could not try the key"),
    ],
)
def test_a_key_is_not_taken_for_dead_when_aws_could_not_tell(
    made: World, monkeypatch: pytest.MonkeyPatch, code: str, words: str, message: str
) -> None:
    """STS has one code for a wrong key and for a wrong clock."""
    error = ClientError({"Error": {"Code": code, "Message": words}}, "GetCallerIdentity")
    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", _raising(error))
    trial = sts_trial("us-east-1", "https://iam.amazonaws.com")
    with pytest.raises(BrokenError, match=message) as raised:
        trial.whoami(key_id(made.first), "x")
    assert raised.value.retry


@pytest.mark.near_miss
def test_a_key_that_aws_does_not_know_is_refused(made: World) -> None:
    answer = {"Error": {"Code": "SignatureDoesNotMatch", "Message": "The request signature we calculated does not match"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.client.BaseClient._make_api_call", _raising(ClientError(answer, "GetCallerIdentity")))
        assert sts_trial("us-east-1", "https://iam.amazonaws.com").whoami(key_id(made.first), "x") is None


def _raising(error: Exception) -> Callable[..., None]:
    def answered(*_: object) -> None:
        raise error

    return answered


def test_a_key_that_aws_never_comes_to_know_stays_pending(made: World) -> None:
    service = made.service
    assert isinstance(service, AccessKeys)
    blind = AccessKeys(service.kind, service.user, KeyTrial(lambda *_: None, iam_of(made).sleep))
    pending = service.propose(made.first)
    with pytest.raises(BrokenError, match="does not know the new key") as raised:
        blind.prove(pending, made.first)
    assert raised.value.retry


@pytest.mark.parametrize("used", [False, True])
def test_a_second_key_of_somebody_is_refused_by_name_with_the_way_out(made: World, *, used: bool) -> None:
    other = iam_of(made).create_access_key(UserName=USER)["AccessKey"]
    iam_of(made).sleep(3600)
    if used:
        assert iam_of(made).whoami(other["AccessKeyId"], other["SecretAccessKey"], "ec2")
    with pytest.raises(CannotAskError, match="has a second key") as raised:
        made.rotator().advance("by hand")
    assert other["AccessKeyId"] in str(raised.value)
    assert ("last used by ec2" if used else "never used") in str(raised.value)
    assert "aws iam delete-access-key" in raised.value.remedy
    assert len(keys(made)) == 2
    assert made.store.read(Stage.PENDING) is None
    assert not made.failed


@pytest.mark.parametrize("fault", ["SIGKILL after", "answer lost"])
def test_a_key_that_a_killed_run_made_for_nobody_is_deleted_by_the_next(made: World, fault: str) -> None:
    with pytest.raises((KilledError, BrokenError)):
        made.rotator("iam.create_access_key", fault).advance("by hand")
    lost = set(keys(made)) - {key_id(made.first)}
    assert len(lost) == 1
    iam_of(made).sleep(60)
    assert made.rotator().advance("by hand").rotated
    assert not lost & set(keys(made))
    assert not made.failed


def test_run_again_before_aws_lists_the_lost_key_it_is_tried_later(made: World) -> None:
    with pytest.raises(KilledError):
        made.rotator("iam.create_access_key", "SIGKILL after").advance("by hand")
    with pytest.raises(BrokenError, match="two keys already") as raised:
        made.rotator().advance("by hand")
    assert raised.value.retry


@pytest.mark.near_miss
def test_a_key_made_by_a_person_long_after_a_killed_run_is_not_taken_for_its_own(made: World) -> None:
    with pytest.raises(KilledError):
        made.rotator("iam.create_access_key", "SIGKILL before").advance("by hand")
    iam_of(made).sleep(3600)
    iam_of(made).create_access_key(UserName=USER)
    iam_of(made).sleep(60)
    with pytest.raises(CannotAskError, match="has a second key"):
        made.rotator().advance("by hand")
    assert len(keys(made)) == 2


def test_an_old_key_that_is_still_used_is_not_ended(made: World) -> None:
    made.rotator().advance("by hand")
    made.pass_time(GRACE + timedelta(minutes=1))
    made.scene.refused(made.first)
    outcome = made.rotator().advance()
    assert [use.who.partition(",")[0] for use in outcome.uses] == ["s3 in eu-central-1"]
    made.pass_time(timedelta(hours=13))
    made.look()
    assert made.rotator().advance().ended == key_id(made.first), "nobody used it for twelve hours"
    assert not made.failed


@pytest.mark.parametrize("ended", [False, True])
def test_rolled_back_the_key_before_works_again(made: World, *, ended: bool) -> None:
    made.rotator().advance("by hand")
    second = made.current
    if ended:
        made.pass_time(GRACE + timedelta(minutes=1))
        made.rotator().advance()
    made.cached.clear()
    assert made.rotator().roll_back().rotated
    assert made.current == made.first
    made.pass_time(GRACE + timedelta(minutes=1))
    made.look()
    assert made.rotator().advance().ended == key_id(second)
    assert not made.failed


def test_rolled_back_after_it_was_deleted_it_says_so_and_leaves_nothing_pending(made: World) -> None:
    for _ in range(3):
        made.rotator().advance("by hand" if made.current == made.first else None)
        made.pass_time(GRACE + timedelta(minutes=1))
        made.look()
    second = made.current
    with pytest.raises(RefusedError, match="was deleted"):
        made.rotator().roll_back()
    assert made.store.read(Stage.PENDING) is None
    assert made.current == second
    assert not made.failed


def test_rolled_back_before_it_is_current_no_key_is_left_over(made: World) -> None:
    with pytest.raises(KilledError):
        made.rotator("iam.get_user", "SIGKILL after").advance("by hand")
    made.scene.pass_time(60)
    made.rotator().roll_back()
    assert keys(made) == {key_id(made.first): "Active"}
    assert made.rotator().advance("by hand").rotated
    assert not made.failed


def test_compromised_in_the_grace_time_makes_room_for_a_third(made: World) -> None:
    made.rotator().advance("by hand")
    second = made.current
    made.rotator(applied=False).advance("compromised")
    made.scene.pass_time(60)
    assert keys(made) == {key_id(second): "Inactive", key_id(made.current): "Active"}
    assert made.service.is_dead(made.first)


def test_a_key_of_another_user_is_named_before_anything_is_made(made: World) -> None:
    other = SecretValue({"aws_access_key_id": "AKIAOTHER", "aws_secret_access_key": "x"})
    with pytest.raises(CannotAskError, match="AKIAOTHER is no key of the IAM user shop; it has AKIA") as raised:
        made.service.check(other)
    assert "correct the user" in raised.value.remedy


def test_another_users_key_is_not_made_current(made: World) -> None:
    service = made.service
    assert isinstance(service, AccessKeys)
    stranger = AccessKeys(service.kind, service.user, KeyTrial(lambda *_: f"{ARN}-of-somebody", iam_of(made).sleep))
    with pytest.raises(CannotAskError, match="of-somebody, not of"):
        stranger.prove(made.first, made.first)


def test_what_is_not_allowed_is_told_by_its_action(made: World) -> None:
    class Denied:
        """Nothing is allowed."""

        def list_access_keys(self, UserName: str) -> Any:  # noqa: N803 - the name is AWS's
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": f"user {UserName}"}}, "ListAccessKeys")

    kind = AwsAccessKeyKind(kind="aws_access_key", user=USER)
    with pytest.raises(CannotAskError, match="iam:ListAccessKeys is not allowed"):
        AccessKeys(kind, IamUser(Denied(), USER), KeyTrial(lambda *_: None)).check(made.first)


def test_sts_itself_tells_whose_a_key_is(made: World) -> None:
    """Moto's, as AWS answers."""
    assert made.current
    trial = sts_trial("us-east-1", "https://iam.amazonaws.com")
    who = trial.whoami(key_id(made.first), made.first.get("aws_secret_access_key"))
    assert who
    assert who.endswith(f"user/{USER}")


def test_no_key_is_in_a_row_or_an_error(made: World) -> None:
    made.rotator().advance("by hand")
    told = repr(made.log.rows) + repr(made.store) + repr(made.current)
    assert made.current.get("aws_secret_access_key") not in told
    assert made.service.identity(made.current) in told


def test_calls_go_through_the_watch(made: World) -> None:
    watch = Watch()
    made.scene.service(watch).check(made.first)
    assert watch.calls == ["iam.list_access_keys"]


def test_sessions_that_outlive_a_compromised_key_are_told_with_the_policy_that_ends_them() -> None:
    said = AwsAccessKeyKind(kind="aws_access_key", user=USER).outlives(datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC))
    policy = json.loads(said.partition("--policy-document '")[2].partition("'")[0])
    [deny] = policy["Statement"]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T04:05:06Z"}})
    assert f"--user-name {USER}" in said
