"""AWS Secrets Manager: versions with the stages AWSCURRENT, AWSPENDING and AWSPREVIOUS."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from upkeep.errors import CannotAskError
from upkeep.rotation.aws_errors import aws_errors
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.stages import Place, SecretStore, Stage, Version
from upkeep.sources.connections import Connections

_REGION = 3  # of an ARN's parts
LABELS = {Stage.CURRENT: "AWSCURRENT", Stage.PENDING: "AWSPENDING", Stage.PREVIOUS: "AWSPREVIOUS"}


class SecretsManagerPlace(Place):
    """A secret of AWS Secrets Manager."""

    kind: Literal["secrets_manager"]
    id: str = Field(min_length=1, description="Name or ARN of the secret")
    connection: str | None = Field(default=None, description="Airflow connection of AWS")

    @property
    def described(self) -> str:
        """Its name."""
        return f"Secrets Manager, {self.id}"

    def open(self, connections: Connections) -> SecretStore:
        """The secret, by a client of this connection."""
        return SecretsManager(connections.aws(self.connection, "secretsmanager"), self.id)


@dataclass(frozen=True, slots=True)
class SecretsManager:
    """
    The secret `id`, by a boto3 client.

    A version is made with a token of its own, so that boto3's own retry of a request makes no second one; moving AWSCURRENT moves
    AWSPREVIOUS with it. Cut off between the two calls of `promote`, pending and current are one version, which is legal.
    """

    client: Any
    id: str

    def check(self) -> None:
        """Refuse a secret that AWS rotates or manages itself, that waits for deletion, or that has no current version."""
        with aws_errors(self.id, "secretsmanager:DescribeSecret"):
            found = self.client.describe_secret(SecretId=self.id)
        if found.get("DeletedDate"):
            raise CannotAskError(
                f"{self.id} is scheduled for deletion", f"aws secretsmanager restore-secret --secret-id {self.id}"
            )
        if owner := found.get("OwningService"):
            raise CannotAskError(f"{self.id} is managed by {owner}, which alone changes it", "take it out of the inventory")
        if found.get("RotationEnabled"):
            remedy = f"aws secretsmanager cancel-rotate-secret --secret-id {self.id}, or take it out of the inventory"
            raise CannotAskError(f"{self.id} is rotated by AWS itself; two rotators would undo each other", remedy)
        here, primary = self._region(found), found.get("PrimaryRegion")
        if primary and primary != here:
            raise CannotAskError(
                f"{self.id} is a replica, which takes no values", f"give the connection its own region, {primary}"
            )
        labels = [label for labels in found.get("VersionIdsToStages", {}).values() for label in labels]
        if LABELS[Stage.CURRENT] not in labels:
            remedy = "give the version that works the label: aws secretsmanager update-secret-version-stage"
            raise CannotAskError(
                f"no version of {self.id} is AWSCURRENT; there are {', '.join(sorted(labels)) or 'no labels'}", remedy
            )

    @staticmethod
    def _region(found: Mapping[str, Any]) -> str | None:
        """Of the secret that was described, by its ARN."""
        parts = str(found.get("ARN", "")).split(":")
        return parts[_REGION] if len(parts) > _REGION else None

    def read(self, stage: Stage) -> Version | None:
        """The version that has the stage's label; the label is always named, since some servers answer without it from memory."""
        from botocore.exceptions import ClientError

        try:
            with aws_errors(self.id, "secretsmanager:GetSecretValue", passing={"ResourceNotFoundException"}):
                found = self.client.get_secret_value(SecretId=self.id, VersionStage=LABELS[stage])
        except ClientError:
            return None
        if "SecretString" not in found:
            if stage is Stage.PREVIOUS:  # it is of others, and left alone
                return None
            raise self._binary(stage, found["VersionId"])
        value = SecretValue.parse(found["SecretString"], any_text=stage is Stage.PREVIOUS)
        return Version(found["VersionId"], value, found["CreatedDate"])

    def _binary(self, stage: Stage, version: str) -> CannotAskError:
        remedy = "keep it as text: JSON with its fields, or plain"
        if stage is Stage.PENDING:
            command = "aws secretsmanager update-secret-version-stage"
            remedy = f"{command} --secret-id {self.id} --version-stage {LABELS[stage]} --remove-from-version-id {version}"
        return CannotAskError(f"{self.id} is binary at {LABELS[stage]}", remedy)

    def stage(self, value: SecretValue) -> None:
        """A new version, labelled AWSPENDING alone."""
        labels = [LABELS[Stage.PENDING]]
        with aws_errors(self.id, "secretsmanager:PutSecretValue"):
            self.client.put_secret_value(
                SecretId=self.id, ClientRequestToken=str(uuid.uuid4()), SecretString=value.text, VersionStages=labels
            )

    def promote(self) -> None:
        """Move AWSCURRENT to the pending version, then take AWSPENDING off it."""
        pending, current = self.read(Stage.PENDING), self.read(Stage.CURRENT)
        if pending and current and pending.id != current.id:
            with aws_errors(self.id, "secretsmanager:UpdateSecretVersionStage"):
                self.client.update_secret_version_stage(
                    SecretId=self.id,
                    VersionStage=LABELS[Stage.CURRENT],
                    MoveToVersionId=pending.id,
                    RemoveFromVersionId=current.id,
                )
        self.discard()

    def discard(self) -> None:
        """Take AWSPENDING off its version."""
        if pending := self.read(Stage.PENDING):
            with aws_errors(self.id, "secretsmanager:UpdateSecretVersionStage"):
                self.client.update_secret_version_stage(
                    SecretId=self.id, VersionStage=LABELS[Stage.PENDING], RemoveFromVersionId=pending.id
                )
