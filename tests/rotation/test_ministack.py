"""Secrets of AWS against a second stand-in, over HTTP, with signatures checked: what moto and it agree about is likely AWS's."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from tests.rotation.ministack import REGION, client, ministack, program
from tests.rotation.scenes import FIRST
from tests.rotation.watch import KilledError, MemoryLog, Watch, Watched
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.iam_user import IamUser
from upkeep.rotation.key_trial import sts_trial
from upkeep.rotation.kinds.aws_access_key import AccessKeys, AwsAccessKeyKind
from upkeep.rotation.kinds.generated import Generated
from upkeep.rotation.outcome import Policy
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import Service
from upkeep.rotation.stages import SecretStore, Stage
from upkeep.rotation.stores.parameter_store import Parameters, ParameterStore
from upkeep.rotation.stores.secrets_manager import SecretsManager

pytestmark = pytest.mark.slow
GRACE = timedelta(hours=24)
Opened = Callable[[Watch], SecretStore]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all."""
    found = program()
    if found is None:
        pytest.skip("no MiniStack here: uv tool install ministack")
    with ministack(tmp_path_factory.mktemp("ministack"), found) as made:
        yield made


@pytest.fixture
def name() -> str:
    """Of this test alone."""
    return f"shop-{uuid.uuid4()}"


def secrets_manager(url: str, name: str, value: SecretValue) -> Opened:
    """With a first version."""
    made = client(url, "secretsmanager")
    made.create_secret(Name=name, SecretString=value.text)
    return lambda watch: SecretsManager(Watched(made, watch, "store"), name)


def parameter_store(url: str, name: str, value: SecretValue) -> Opened:
    """With a first parameter."""
    made = client(url, "ssm")
    made.put_parameter(Name=f"/{name}", Value=value.text, Type="SecureString")
    return lambda watch: ParameterStore(cast("Any", Watched(Parameters(made, f"/{name}"), watch, "store")))


STORES = {"secrets_manager": secrets_manager, "parameter_store": parameter_store}


class Turning:
    """A rotation whose time is moved."""

    def __init__(self, opened: Opened, service: Service) -> None:
        self.opened, self.service, self.time = opened, service, datetime.now(UTC)
        self.log = MemoryLog(lambda: self.time)

    def rotator(self, number: int | None = None, fault: str = "") -> Rotator:
        """Struck at a call of the store, or not."""
        self.watch = Watch(number=number, fault=fault)
        store = self.opened(self.watch)
        return Rotator("shop", store, self.service, self.log, Policy(timedelta(days=90), GRACE), lambda: self.time)

    def read(self, stage: Stage) -> SecretValue | None:
        """What the store has."""
        found = self.opened(Watch()).read(stage)
        return found.value if found else None


def labels(url: str, name: str) -> list[str]:
    """Those that the versions have."""
    stages = client(url, "secretsmanager").describe_secret(SecretId=name)["VersionIdsToStages"]
    return sorted(label for each in stages.values() for label in each)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("fault", ["SIGKILL before", "SIGKILL after", "answer lost"])
def test_a_rotation_struck_at_each_call_of_the_store_ends_right(url: str, name: str, store: str, fault: str) -> None:
    first, number = SecretValue({"value": FIRST, "note": "stays"}), 0
    while True:
        made = Turning(STORES[store](url, f"{name}-{number}", first), Generated("value"))
        rotator = made.rotator(number, fault)
        with suppress(KilledError, BrokenError):
            rotator.advance("by hand")
        over = number >= len(made.watch.calls)
        if made.read(Stage.CURRENT) == first:
            made.rotator().advance("by hand")
        made.rotator().advance()
        assert made.read(Stage.CURRENT) != first, (number, made.watch.calls)
        assert (made.read(Stage.PREVIOUS), made.read(Stage.PENDING)) == (first, None), number
        if store == "secrets_manager":
            assert labels(url, f"{name}-{number}") == ["AWSCURRENT", "AWSPREVIOUS"], number
        if over:
            break
        number += 1
    assert number > 5


@pytest.mark.parametrize("store", STORES)
def test_taken_back(url: str, name: str, store: str) -> None:
    first = SecretValue({"value": FIRST})
    made = Turning(STORES[store](url, name, first), Generated("value"))
    made.rotator().advance("by hand")
    second = made.read(Stage.CURRENT)
    made.rotator().roll_back()
    assert (made.read(Stage.CURRENT), made.read(Stage.PREVIOUS), made.read(Stage.PENDING)) == (first, second, None)


def test_one_token_makes_one_version(url: str, name: str) -> None:
    made, token = client(url, "secretsmanager"), "a" * 36
    made.create_secret(Name=name, SecretString="{}")
    for _ in range(2):
        made.put_secret_value(SecretId=name, ClientRequestToken=token, SecretString='{"a": "1"}', VersionStages=["AWSPENDING"])
    assert labels(url, name) == ["AWSCURRENT", "AWSPENDING"]


def test_a_secret_that_is_deleted_or_not_there_is_told(url: str, name: str) -> None:
    opened = secrets_manager(url, name, SecretValue({"value": FIRST}))
    client(url, "secretsmanager").delete_secret(SecretId=name, RecoveryWindowInDays=7)
    with pytest.raises(CannotAskError, match="deletion"):
        opened(Watch()).check()
    with pytest.raises(CannotAskError, match="is not there"):
        SecretsManager(client(url, "secretsmanager"), "never-made").check()


def test_the_keys_of_a_user_from_one_to_the_next_and_the_old_one_gone(url: str, name: str) -> None:
    """Each key is tried by STS, which checks its signature."""
    iam = client(url, "iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    first = SecretValue({"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]})
    kind = AwsAccessKeyKind(kind="aws_access_key", user=name, region=REGION)
    service = AccessKeys(kind, IamUser(iam, name), sts_trial(REGION, url))
    made = Turning(secrets_manager(url, name, first), service)
    made.rotator().advance("by hand")
    assert statuses(iam, name) == ["Active", "Active"]
    made.time += GRACE + timedelta(minutes=1)
    assert made.rotator().advance().ended == key["AccessKeyId"]
    assert statuses(iam, name) == ["Active", "Inactive"]
    assert service.is_dead(first)
    made.time += GRACE + timedelta(minutes=1)
    made.rotator().advance()
    assert statuses(iam, name) == ["Active"]
    current = made.read(Stage.CURRENT)
    assert current
    assert not service.is_dead(current)


def statuses(iam: Any, user: str) -> list[str]:
    """Of its keys."""
    return sorted(each["Status"] for each in iam.list_access_keys(UserName=user)["AccessKeyMetadata"])
