"""AWS's protocols: which call a request is, and an answer as it goes over the wire, both by the models of botocore."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from functools import cache
from html import escape
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

# As what requests are signed, where it is another name than the client's.
_SIGNED = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2"}
_OF_BUCKETS = {
    "lifecycle": "GetBucketLifecycleConfiguration", "tagging": "GetBucketTagging", "versioning": "GetBucketVersioning",
    "versions": "ListObjectVersions", "uploads": "ListMultipartUploads", "metrics": "ListBucketMetricsConfigurations",
    "uploadId": "ListParts",
}  # fmt: skip
XML, JSON = "text/xml", "application/x-amz-json-1.1"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: AWS's name of the operation, and its arguments as the protocol has them."""

    service: str
    operation: str
    asked: Mapping[str, Any]


def call_of(headers: Message, path: str, body: bytes) -> Call:
    """The call that a request is. Raises ValueError for one that is not signed, or not as AWS's are."""
    service = _service(str(headers.get("Authorization", "")))
    if service == "s3":
        return _of_storage(path)
    if target := headers.get("X-Amz-Target"):
        return Call(service, str(target).rpartition(".")[2], json.loads(body or b"{}"))
    form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
    return Call(service, form.get("Action", ""), form)


def written(call: Call, answer: Mapping[str, Any]) -> tuple[str, bytes]:
    """An answer in the protocol of its service: type and content."""
    model = _model(call.service).operation_model(call.operation)
    if _is_json(call):
        return JSON, json.dumps(answer, default=_seconds).encode()
    shape = model.output_shape
    inside = "".join(_members(shape, answer)) if shape is not None else ""
    if shape is not None and (wrapper := shape.serialization.get("resultWrapper")):
        inside = f"<{wrapper}>{inside}</{wrapper}>"
    return XML, f"<{call.operation}Response>{inside}</{call.operation}Response>".encode()


def refused(call: Call | None, code: str) -> tuple[str, bytes]:
    """An error in the protocol of its service."""
    if call and _is_json(call):
        return JSON, json.dumps({"__type": code, "message": code}).encode()
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(code)}</Message></Error>"
    if call and call.service == "ec2":
        error = f"<Response><Errors>{error}</Errors></Response>"
    elif call and call.service != "s3":
        error = f"<ErrorResponse>{error}</ErrorResponse>"
    return XML, error.encode()


def _service(authorization: str) -> str:
    """For what a request is signed: `… Credential=key/day/region/service/aws4_request, …`."""
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) != 5:  # noqa: PLR2004 - key, day, region, service, and the word that ends it
        raise ValueError("the request is not signed")
    return _SIGNED.get(scope[3], scope[3])


def _of_storage(path: str) -> Call:
    parts = urlsplit(path)
    bucket, _, key = unquote(parts.path).strip("/").partition("/")
    given = parse_qs(parts.query, keep_blank_values=True)
    operation = next((_OF_BUCKETS[each] for each in given if each in _OF_BUCKETS), "ListObjectsV2") if bucket else "ListBuckets"
    return Call("s3", operation, {"Bucket": bucket, "Key": key})


def _is_json(call: Call) -> bool:
    return call.service in {"cloudwatch", "logs"}


@cache
def _model(service: str) -> Any:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def _members(shape: Any, value: Mapping[str, Any]) -> Iterator[str]:
    for name, content in value.items():
        member = shape.members[name]
        yield from _element(member, member.serialization.get("name", name), content)


def _element(shape: Any, name: str, value: Any) -> Iterator[str]:
    """A value as elements of this name: one, or of a flattened list one for each entry."""
    if shape.type_name == "structure":
        yield f"<{name}>{''.join(_members(shape, value))}</{name}>"
    elif shape.type_name != "list":
        yield f"<{name}>{escape(_text(value))}</{name}>"
    elif shape.serialization.get("flattened"):
        for each in value:
            yield from _element(shape.member, shape.member.serialization.get("name", name), each)
    else:
        item = shape.member.serialization.get("name", "member")
        yield f"<{name}>{''.join(part for each in value for part in _element(shape.member, item, each))}</{name}>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _seconds(value: datetime) -> float:
    return value.timestamp()
