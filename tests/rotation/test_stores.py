"""Stores of secrets: what each keeps, what a cut-off call leaves, and what is refused with the way out."""

import json
import os
import resource
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto import mock_aws

from tests.rotation.world import STORES, KilledError, Watch, aws, put_first
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stages import SecretStore, Stage
from upkeep.rotation.stores.file import FilePlace, SecretFiles
from upkeep.rotation.stores.parameter_store import Parameters, ParameterStore
from upkeep.rotation.stores.secrets_manager import SecretsManager

FIRST, SECOND = SecretValue({"username": "a", "password": "one"}), SecretValue({"username": "b", "password": "two"})


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    with mock_aws():
        yield


def values(store: SecretStore) -> dict[str, str | None]:
    """The password of each stage."""
    found = {stage.value: store.read(stage) for stage in Stage}
    return {name: version.value.get("password") if version else None for name, version in found.items()}


@pytest.mark.parametrize("kind", STORES)
def test_what_is_pending_becomes_current_and_what_was_current_previous(tmp_path: Path, kind: str) -> None:
    store = put_first(kind, tmp_path, FIRST)(Watch())
    store.check()
    assert values(store) == {"current": "one", "pending": None, "previous": None}
    store.stage(SECOND)
    assert values(store) == {"current": "one", "pending": "two", "previous": None}
    store.promote()
    assert values(store)["current"] == "two"
    assert values(store)["previous"] == "one"
    store.promote()
    assert values(store) == {"current": "two", "pending": None, "previous": "one"}
    store.stage(FIRST.replaced(password="three"))
    store.discard()
    store.discard()
    assert values(store) == {"current": "two", "pending": None, "previous": "one"}


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.parametrize("fault", ["SIGKILL before", "SIGKILL after"])
def test_a_change_that_is_cut_off_anywhere_ends_right_when_it_is_made_again(tmp_path: Path, kind: str, fault: str) -> None:
    opened = put_first(kind, tmp_path, FIRST)
    opened(Watch()).stage(SECOND)
    number = 0
    while True:
        watch = Watch(number=number, fault=fault)
        try:
            opened(watch).promote()
        except KilledError:
            assert values(opened(Watch()))["current"] in {"one", "two"}
        else:
            break
        number += 1
    opened(Watch()).promote()
    assert number > 1
    assert values(opened(Watch())) == {"current": "two", "pending": None, "previous": "one"}


def test_a_new_version_is_labelled_pending_alone() -> None:
    opened = put_first("secrets_manager", Path(), FIRST)
    store = opened(Watch())
    store.stage(SECOND)
    stages = aws("secretsmanager").describe_secret(SecretId="shop")["VersionIdsToStages"]
    assert sorted(map(tuple, stages.values())) == [("AWSCURRENT",), ("AWSPENDING",)]


@pytest.mark.parametrize(
    ("described", "text", "remedy"),
    [
        ({"RotationEnabled": True, "VersionIdsToStages": {"v": ["AWSCURRENT"]}}, "rotated by AWS itself", "cancel-rotate-secret"),
        ({"OwningService": "rds", "VersionIdsToStages": {"v": ["AWSCURRENT"]}}, "is managed by rds", "out of the inventory"),
        ({"DeletedDate": 1, "VersionIdsToStages": {"v": ["AWSCURRENT"]}}, "scheduled for deletion", "restore-secret"),
        ({"VersionIdsToStages": {"v": ["AWSPENDING"], "w": ["mine"]}}, "AWSCURRENT; there are AWSPENDING, mine", "update-secret"),
        ({}, "there are no labels", "update-secret-version-stage"),
        (
            {"ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:shop", "PrimaryRegion": "us-east-1"},
            "a replica, which takes no values",
            "us-east-1",
        ),
    ],
)
def test_a_state_that_must_not_be_touched_is_named_with_the_way_out(described: Any, text: str, remedy: str) -> None:
    class Client:
        """One answer."""

        def describe_secret(self, SecretId: str) -> Any:  # noqa: N803 - the name is AWS's
            assert SecretId == "shop"
            return described

    with pytest.raises(CannotAskError, match=text) as raised:
        SecretsManager(Client(), "shop").check()
    assert remedy in raised.value.remedy


@pytest.mark.parametrize(
    ("code", "words", "error", "text"),
    [
        ("AccessDeniedException", "", CannotAskError, "secretsmanager:DescribeSecret is not allowed"),
        ("AccessDeniedException", "Access to KMS is not allowed", CannotAskError, "was stopped by the KMS key"),
        ("DecryptionFailure", "", CannotAskError, "was stopped by the KMS key"),
        ("KMSInvalidStateException", "", CannotAskError, "was stopped by the KMS key"),
        ("ResourceNotFoundException", "", CannotAskError, "is not there"),
        ("LimitExceededException", "", CannotAskError, "was refused"),
        ("ParameterMaxVersionLimitExceeded", "", CannotAskError, "was refused"),
        ("UnrecognizedClientException", "", BrokenError, "does not know the login"),
        ("ExpiredToken", "", BrokenError, "does not know the login"),
        ("ThrottlingException", "", BrokenError, "failed: ThrottlingException"),
        ("InvalidSignatureException", "Signature expired: 1 is now earlier than 2", BrokenError, "AWS refuses the time"),
        ("InvalidSignatureException", "The request signature we calculated", BrokenError, "does not know the login"),
    ],
)
def test_what_aws_refuses_is_told_by_its_action(code: str, words: str, error: type[Exception], text: str) -> None:
    from botocore.exceptions import ClientError

    class Client:
        """A refusal."""

        def describe_secret(self, SecretId: str) -> Any:  # noqa: ARG002, N803 - the name is AWS's
            raise ClientError({"Error": {"Code": code, "Message": f"user arn:aws:iam::1:user/x {words}"}}, "DescribeSecret")

    with pytest.raises(error, match=text) as raised:
        SecretsManager(Client(), "shop").check()
    assert "arn:aws:iam" not in str(raised.value)
    assert getattr(raised.value, "retry", False) is (code == "ThrottlingException" or "expired" in words)
    assert getattr(raised.value, "remedy", "") or code == "ThrottlingException"


@pytest.mark.parametrize(
    ("more", "key", "text"),
    [
        ({"Type": "String"}, None, "is a String, which is not encrypted"),
        ({"Type": "SecureString", "KeyId": "alias/shop"}, None, "is encrypted by alias/shop"),
        ({"Type": "SecureString", "KeyId": "alias/shop"}, "alias/shop", ""),
        ({"Type": "SecureString"}, None, ""),
    ],
)
def test_a_parameter_keeps_its_key(more: dict[str, str], key: str | None, text: str) -> None:
    aws("ssm").put_parameter(Name="/shop", Value=FIRST.text, **more)
    store = ParameterStore(Parameters(aws("ssm"), "/shop", key))
    if not text:
        store.check()
        return
    with pytest.raises(CannotAskError, match=text):
        store.check()


@pytest.mark.parametrize(("size", "tier"), [(100, "Standard"), (100, "Advanced"), (6000, "Advanced")])
def test_a_parameter_of_any_tier_and_size_is_replaced(size: int, tier: str) -> None:
    """A standard one holds 4 KB; an advanced one does not become a standard one again."""
    aws("ssm").put_parameter(Name="/shop", Value="x" * size, Type="SecureString", Tier=tier)
    store = ParameterStore(Parameters(aws("ssm"), "/shop"))
    store.check()
    store.stage(SecretValue.parse("y" * size))
    store.promote()
    current, previous = store.read(Stage.CURRENT), store.read(Stage.PREVIOUS)
    assert current
    assert previous
    assert (current.value.text, previous.value.text) == ("y" * size, "x" * size)
    assert aws("ssm").describe_parameters()["Parameters"][0]["Tier"] == "Intelligent-Tiering"


def test_a_value_that_no_parameter_holds_is_told_and_not_shown() -> None:
    aws("ssm").put_parameter(Name="/shop", Value="x", Type="SecureString")
    store = ParameterStore(Parameters(aws("ssm"), "/shop"))
    with pytest.raises(CannotAskError, match="too long: a parameter holds 8 KB") as raised:
        store.stage(SecretValue.parse("é" * 4097))
    assert "é" not in str(raised.value)
    store.stage(SecretValue.parse("é" * 4096))


def test_a_parameter_behind_an_empty_page_is_looked_at() -> None:
    class Paged:
        """As AWS may answer to a filter."""

        def get_paginator(self, name: str) -> "Paged":
            assert name == "describe_parameters"
            return self

        def paginate(self, ParameterFilters: Any) -> list[Any]:  # noqa: N803 - the name is AWS's
            assert ParameterFilters[0]["Values"] == ["/shop"]
            return [{"Parameters": []}, {"Parameters": [{"Type": "StringList"}]}]

    with pytest.raises(CannotAskError, match="is a StringList, which is not encrypted"):
        Parameters(Paged(), "/shop").assert_encrypted_alike()


MANIFEST = """\
# of the shop's team
apiVersion: v1
kind: Secret
metadata: {name: shop, labels: {app: shop}}  # see the wiki
type: Opaque
data:
  # as base64
  password: b25l   # rotated by Upkeep
  note: >-
    c3Rh
    eXM=
stringData:
  user: 'a'
  chain: |
    first
    second

  last: "x"
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_manifest_keeps_all_but_its_values_letter_by_letter(tmp_path: Path, ends: str) -> None:
    path = tmp_path / "secret.yaml"
    path.write_bytes(MANIFEST.replace("\n", ends).encode())
    store = FilePlace(kind="file", path=str(path), format="kubernetes").open(None)  # type: ignore[arg-type]
    store.check()
    current = store.read(Stage.CURRENT)
    assert current
    assert current.value.fields == {"password": "one", "note": "stays", "user": "a", "chain": "first\nsecond\n", "last": "x"}
    store.stage(current.value.replaced(password="two", user="é: 'b' \U0001f511 # {", chain="third\n\tfourth\u2028\n"))
    store.promote()
    left = '  user: "\\xE9: \'b\' \\U0001F511 # {"\n  chain: "third\\n\\tfourth\\L\\n"\n\n  last: "x"\n'
    wanted = MANIFEST.replace("b25l", '"dHdv"').replace(">-\n    c3Rh\n    eXM=", '"c3RheXM="')
    wanted = wanted[: wanted.index("  user:")] + left
    assert path.read_bytes() == wanted.replace("\n", ends).encode()
    assert store.read(Stage.CURRENT).value.get("chain") == "third\n\tfourth\u2028\n"  # type: ignore[union-attr]
    assert store.read(Stage.PREVIOUS).value == current.value  # type: ignore[union-attr]


def test_an_empty_part_is_none(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("kind: Secret\ndata: null\nstringData: {password: one}\n")
    SecretFiles(path, kubernetes=True).put(Stage.CURRENT, '{"password": "two"}')
    assert path.read_text() == 'kind: Secret\ndata: null\nstringData: {password: "two"}\n'


def test_what_stands_in_both_parts_is_the_text_and_both_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("kind: Secret\ndata: {password: b2xk}\nstringData: {password: one}\n")
    files = SecretFiles(path, kubernetes=True)
    assert json.loads(files.get(Stage.CURRENT)[0]) == {"password": "one"}  # type: ignore[index]
    files.put(Stage.CURRENT, '{"password": "two"}')
    assert yaml.safe_load(path.read_text()) == {
        "kind": "Secret", "data": {"password": "dHdv"}, "stringData": {"password": "two"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        ("kind: Secret\ndata: {a: &x b25l}\nmetadata: {name: *x}", '{"a": "two"}', "cannot be replaced alone"),
        ("kind: Secret\ndata: {a: &x b25l, b: *x}", '{"a": "two", "b": "two"}', "cannot be replaced alone"),
        ("kind: Secret\nx: &x {a: b25l}\ndata: {<<: *x}", '{"a": "two"}', "a value in data that is no text"),
        ("kind: Secret\ndata: {a: b25l}", '{"b": "two"}', "has the fields a, and the next value b"),
        ("kind: Secret\ndata: {a: b25l}", "plain", "holds fields, and the value is plain text"),
    ],
)
def test_a_manifest_that_cannot_be_changed_stays_as_it_is(tmp_path: Path, text: str, value: str, message: str) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(text)
    with pytest.raises(CannotAskError, match=message) as raised:
        SecretFiles(path, kubernetes=True).put(Stage.CURRENT, value)
    assert path.read_text() == text
    assert "two" not in str(raised.value)
    assert [each.name for each in tmp_path.iterdir()] == ["secret.yaml"]


def test_line_ends_of_a_plain_secret_are_its_own(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"one\r\nmore\r\n")
    store = SlotStore(SecretFiles(path))
    store.stage(SecretValue.parse("two\r\n"))
    store.promote()
    assert (path.read_bytes(), (tmp_path / "secret.previous").read_bytes()) == (b"two\r\n", b"one\r\nmore\r\n")


def test_a_disk_that_is_full_leaves_nothing_of_the_next_value(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("one")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(BrokenError, match="File too large") as raised:
            SecretFiles(path).put(Stage.CURRENT, "two" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"secret": "one"}
    assert raised.value.retry
    assert "two" not in str(raised.value)


def test_a_secret_that_a_cluster_mounts_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "password").write_text("one")
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "password").symlink_to("..data/password")
    store = FilePlace(kind="file", path=str(tmp_path / "password")).open(None)  # type: ignore[arg-type]
    with pytest.raises(CannotAskError, match="is mounted by Kubernetes") as raised:
        store.check()
    assert "format: kubernetes" in raised.value.remedy


def test_a_folder_that_takes_no_file_is_told_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_text("one")
    store = FilePlace(kind="file", path=str(path)).open(None)  # type: ignore[arg-type]
    store.check()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CannotAskError, match="no file can be put into"):
        store.check()


@pytest.mark.parametrize(
    ("text", "kubernetes", "message"),
    [
        (b"", False, "is empty"),
        (b"\xff\xfe", False, "no UTF-8"),
        (b"kind: ConfigMap", True, "no Secret manifest"),
        (b"{[", True, "no Secret manifest"),
        (b"kind: Secret\nimmutable: true\ndata: {a: b25l}", True, "is immutable"),
        (b"kind: Secret\ndata: {a: 'not base64!'}", True, "no text in base64"),
        (b"kind: Secret\ndata: {a: /w==}", True, "no text in base64"),
        (b"kind: Secret\ndata: {a: 1234}", True, "data that is no map of texts"),
        (b"kind: Secret\nstringData: {port: 5432}", True, "stringData that is no map of texts"),
        (b"kind: Secret\ndata: [a]", True, "data that is no map of texts"),
        (b"kind: Secret\n---\nkind: Secret\n", True, "one document of kind Secret is expected"),
    ],
)
def test_a_file_that_is_no_secret_is_named(tmp_path: Path, text: bytes, message: str, *, kubernetes: bool) -> None:
    path = tmp_path / "secret"
    path.write_bytes(text)
    with pytest.raises(CannotAskError, match=message) as raised:
        SecretFiles(path, kubernetes=kubernetes).get(Stage.CURRENT)
    assert str(path) in str(raised.value)


def test_files_are_as_private_as_the_first_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("one")
    path.chmod(0o640)
    (tmp_path / ".secret.pending.killed.new").write_text("half")
    files = SecretFiles(path)
    files.put(Stage.PENDING, "two")
    assert {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {"secret": 0o640, "secret.pending": 0o640}


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    """Applications may read the file by its own name."""
    path, own = tmp_path / "secret", tmp_path / "data" / "own"
    own.parent.mkdir()
    own.write_text("one")
    path.symlink_to(own)
    store = SlotStore(SecretFiles(path))
    store.stage(SecretValue.parse("two"))
    store.promote()
    assert (path.is_symlink(), own.read_text(), sorted(each.name for each in own.parent.iterdir())) == (True, "two", ["own"])
    assert (tmp_path / "secret.previous").read_text() == "one"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_whose_file_it_is_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("one")
    os.chown(path, 12_345, 23_456)
    path.chmod(0o440)
    store = SlotStore(SecretFiles(path))
    store.stage(SecretValue.parse("two"))
    store.promote()
    found = path.stat()
    assert (path.read_text(), found.st_uid, found.st_gid, found.st_mode & 0o777) == ("two", 12_345, 23_456, 0o440)


def test_a_file_that_would_become_anothers_is_refused_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    path.write_text("one")
    found = path.stat()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refuse)
    files = SecretFiles(path)
    files.put(Stage.PENDING, "two")  # it is ours: nothing is given away
    monkeypatch.setattr("upkeep.rotation.stores.file.owner_of", lambda each: (found.st_uid + (each == path), found.st_gid))
    with pytest.raises(CannotAskError, match="belongs to another user or group"):
        files.put(Stage.PENDING, "three")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"secret": "one", "secret.pending": "two"}


def test_who_may_read_it_by_an_access_list_still_may(tmp_path: Path) -> None:
    path, name = tmp_path / "secret", "system.posix_acl_access"
    path.write_text("one")
    entries = [(1, 6, -1), (2, 4, 4321), (4, 0, -1), (16, 4, -1), (32, 0, -1)]  # owner, a user, group, mask, others
    packed = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(path, name, packed)
    except OSError:
        pytest.skip("no access lists on this file system")
    SecretFiles(path).put(Stage.PENDING, "two")
    assert os.getxattr(tmp_path / "secret.pending", name) == packed


@pytest.mark.skipif(os.geteuid() != 0, reason="a folder that root may not write is hard to make")
def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    with pytest.raises(BrokenError, match="No such file") as raised:
        SecretFiles(folder / "secret").put(Stage.PENDING, "two")
    assert "two" not in str(raised.value)


def test_a_path_that_depends_on_the_folder_of_a_worker_is_refused() -> None:
    with pytest.raises(ValueError, match="whole path"):
        FilePlace(kind="file", path="secrets/shop")


@pytest.mark.parametrize(
    "text", ['{"value": "hunter2",}', '\ufeff{"value": "hunter2"}', '["hunter2"]', '"hunter2"', " [hunter2", "{hunter2\n"]
)
def test_what_is_meant_as_json_is_not_taken_for_a_plain_text(tmp_path: Path, text: str) -> None:
    """Its application reads fields; a bare word in their place would lock it out."""
    path = tmp_path / "secret"
    path.write_text(text)
    with pytest.raises(CannotAskError, match="looks like JSON and is no JSON object") as raised:
        SlotStore(SecretFiles(path)).read(Stage.CURRENT)
    assert "hunter2" not in str(raised.value)
    (tmp_path / "secret.previous").write_text(text)
    assert SlotStore(SecretFiles(path)).read(Stage.PREVIOUS), "what was corrected by hand is in nobody's way"


@pytest.mark.near_miss
@pytest.mark.parametrize("text", ["12345678", "null", "a{b}", 'x"y"', "-----BEGIN", "true", "\ufeffplain"])
def test_a_plain_text_is_one(text: str) -> None:
    assert SecretValue.parse(text) == SecretValue({"value": text}, plain=True)


def test_an_empty_file_beside_the_secret_is_none(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("one")
    (tmp_path / "secret.pending").write_text(" \n")
    (tmp_path / "secret.previous").write_text("")
    store = SlotStore(SecretFiles(tmp_path / "secret"))
    assert (store.read(Stage.PENDING), store.read(Stage.PREVIOUS)) == (None, None)


def test_a_link_that_leads_to_itself_is_told(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.symlink_to(path)
    store = FilePlace(kind="file", path=str(path)).open(None)  # type: ignore[arg-type]
    store.check()
    with pytest.raises(BrokenError, match="Too many levels of symbolic links"):
        store.read(Stage.CURRENT)


def test_binary_versions_are_told_by_their_label_and_one_from_before_is_left_alone() -> None:
    aws("secretsmanager").create_secret(Name="shop", SecretBinary=b"\0")
    store = SecretsManager(aws("secretsmanager"), "shop")
    with pytest.raises(CannotAskError, match="shop is binary at AWSCURRENT"):
        store.read(Stage.CURRENT)
    aws("secretsmanager").put_secret_value(SecretId="shop", SecretString=FIRST.text)
    assert store.read(Stage.PREVIOUS) is None
    store.stage(SECOND)
    store.promote()
    assert store.read(Stage.PREVIOUS).value == FIRST  # type: ignore[union-attr]
    made = aws("secretsmanager").put_secret_value(SecretId="shop", SecretBinary=b"\0", VersionStages=["AWSPENDING"])
    with pytest.raises(CannotAskError, match="shop is binary at AWSPENDING") as raised:
        store.read(Stage.PENDING)
    assert f"--remove-from-version-id {made['VersionId']}" in raised.value.remedy


def test_a_value_is_never_shown() -> None:
    value = SecretValue.parse('{"password": "hunter2", "port": 5432}')
    assert "hunter2" not in f"{value} {value!r}"
    assert value.replaced(password="x").fields == {"password": "x", "port": 5432}
    with pytest.raises(BrokenError, match='no text "user"; it has password, port'):
        value.get("user")
    assert SecretValue.parse("plain") == SecretValue({"value": "plain"}, plain=True)
    assert SecretValue.parse("plain").replaced(value="new").text == "new"
    assert SecretValue.parse("[1]", any_text=True).plain
