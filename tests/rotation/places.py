"""Stores that have a first value, each call of which is one of a watch."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import boto3

from tests.rotation.airflow_connections import Connections
from tests.rotation.vault_server import Entry, VaultServer
from tests.rotation.watch import Watch, Watched
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stages import SecretStore
from upkeep.rotation.stores.airflow_connection import FIELDS, ConnectionStore
from upkeep.rotation.stores.file import SecretFiles
from upkeep.rotation.stores.parameter_store import Parameters
from upkeep.rotation.stores.secrets_manager import SecretsManager

STORES = ("text file", "manifest", "secrets_manager", "parameter_store", "vault", "airflow_connection")


@cache
def aws(service: str) -> Any:
    """A client of moto's. It outlives a test, since reading what botocore knows of a service takes longer than most tests."""
    return boto3.client(service, region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


def put_first(store: str, folder: Path, value: SecretValue) -> Callable[[Watch], SecretStore]:
    """A store that has this value; the function opens it for a watch."""
    if store == "secrets_manager":
        aws("secretsmanager").create_secret(Name="shop", SecretString=value.text)
        return lambda watch: SecretsManager(Watched(aws("secretsmanager"), watch, "store"), "shop")
    if store == "parameter_store":
        aws("ssm").put_parameter(Name="/shop", Value=value.text, Type="SecureString")
        return lambda watch: SlotStore(Watched(Parameters(aws("ssm"), "/shop"), watch, "store"))
    if store == "vault":
        return _vault(value)
    if store == "airflow_connection":
        return _connection(value)
    path = folder / "shop.secret"
    if store == "manifest":
        path.write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: shop}\nstringData: " + json.dumps(dict(value.fields)))
    else:
        path.write_text(value.text)
    return lambda watch: SlotStore(Watched(SecretFiles(path, kubernetes=store == "manifest"), watch, "store"))


def _vault(value: SecretValue) -> Callable[[Watch], SecretStore]:
    """Each request is a call."""
    server = VaultServer()
    server.entries["shop/database"] = Entry([dict(value.fields)], [f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}789Z"])
    made = server.store("shop/database")
    return lambda watch: replace(made, calls=cast("Any", Watched(made.calls, watch, "store")))


def _connection(value: SecretValue) -> Callable[[Watch], SecretStore]:
    """Each request is a call. A secret's own field names are the connection's, as far as they are known there."""
    airflow = Connections()
    fields: dict[str, Any] = {FIELDS[name]: text for name, text in value.fields.items() if name in FIELDS}
    fields["extra"] = json.dumps({name: text for name, text in value.fields.items() if name not in FIELDS})
    since = f"Upkeep put this value here at {datetime.now(UTC).isoformat()}"
    airflow.stored["shop_db"] = {"conn_type": "generic", **fields, "connection_id": "shop_db", "description": since}
    slots = airflow.store("shop_db").slots
    return lambda watch: ConnectionStore(replace(slots, api=cast("Any", Watched(slots.api, watch, "store"))))
