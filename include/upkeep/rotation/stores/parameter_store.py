"""AWS Systems Manager Parameter Store: three SecureString parameters, of which applications read the one that has the name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from upkeep.errors import CannotAskError
from upkeep.rotation.aws_errors import aws_errors
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stages import Place, SecretStore, Stage
from upkeep.sources.connections import Connections

_OWN_KEY, _MOST_BYTES = "alias/aws/ssm", 8192


class ParameterPlace(Place):
    """A parameter of AWS Systems Manager."""

    kind: Literal["parameter_store"]
    id: str = Field(min_length=1, description="Name of the parameter, such as /shop/database")
    key: str | None = Field(default=None, description="KMS key that encrypts it; by default the account's own")
    connection: str | None = Field(default=None, description="Airflow connection of AWS")

    @property
    def described(self) -> str:
        """Its name."""
        return f"Parameter Store, {self.id}"

    def open(self, connections: Connections) -> SecretStore:
        """The parameter and its two neighbours."""
        return ParameterStore(Parameters(connections.aws(self.connection, "ssm"), self.id, self.key))


@dataclass(frozen=True, slots=True)
class ParameterStore(SlotStore):
    """Three parameters."""

    slots: "Parameters"

    def check(self) -> None:
        """Raise CannotAskError for a parameter that is not encrypted, or by another key than the next one would be."""
        self.slots.assert_encrypted_alike()


@dataclass(frozen=True, slots=True)
class Parameters:
    """`name`, `name.pending` and `name.previous`; each call replaces or reads one whole."""

    client: Any
    name: str
    key: str | None = None

    def assert_encrypted_alike(self) -> None:
        """Overwritten without its key, a parameter changes to the account's own, which others may use."""
        named = [{"Key": "Name", "Option": "Equals", "Values": [self.name]}]
        with aws_errors(self.name, "ssm:DescribeParameters"):  # it may answer with an empty page before the one that has it
            pages = self.client.get_paginator("describe_parameters").paginate(ParameterFilters=named)
            found = [each for page in pages for each in page["Parameters"]]
        if not found:
            return
        kind, key = found[0].get("Type"), found[0].get("KeyId") or _OWN_KEY
        if kind != "SecureString":
            raise CannotAskError(f"{self.name} is a {kind}, which is not encrypted", "delete it and put it again as SecureString")
        if key != _OWN_KEY and not self.key:
            raise CannotAskError(f"{self.name} is encrypted by {key}", f"say so in the inventory, under store: key: {key}")

    def get(self, stage: Stage) -> tuple[str, datetime] | None:
        """The text of a parameter, and when it was put there."""
        from botocore.exceptions import ClientError

        try:
            with aws_errors(self.name, "ssm:GetParameter", passing={"ParameterNotFound"}):
                found = self.client.get_parameter(Name=self._of(stage), WithDecryption=True)["Parameter"]
        except ClientError:
            return None
        return found["Value"], found["LastModifiedDate"]

    def put(self, stage: Stage, text: str) -> None:
        """Overwrite it, in the tier that it has, or in the larger one where it no longer fits."""
        if len(text.encode()) > _MOST_BYTES:
            raise CannotAskError(f"the value for {self.name} is too long: a parameter holds 8 KB", "keep it in another store")
        how = {"Type": "SecureString", "Overwrite": True, "Tier": "Intelligent-Tiering"}
        key = {"KeyId": self.key} if self.key else {}
        with aws_errors(self.name, "ssm:PutParameter"):
            self.client.put_parameter(Name=self._of(stage), Value=text, **how, **key)

    def delete(self, stage: Stage) -> None:
        """Delete it."""
        from botocore.exceptions import ClientError

        try:
            with aws_errors(self.name, "ssm:DeleteParameter", passing={"ParameterNotFound"}):
                self.client.delete_parameter(Name=self._of(stage))
        except ClientError:
            return

    def _of(self, stage: Stage) -> str:
        return self.name if stage is Stage.CURRENT else f"{self.name}.{stage.value}"
