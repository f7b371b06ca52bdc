"""Ready-made names of metrics."""

import pytest

from upkeep.errors import CannotAskError
from upkeep.signals.prometheus_preset import presets


@pytest.mark.parametrize(
    ("name", "label", "outcomes"),
    [
        (
            "client",
            "code",
            {"200": "served", "404": "refused", "499": "closed", "500": "errors", "503": "errors"},
        ),
        ("client", "status", {"2xx": "served", "4xx": "refused", "5xx": "errors"}),
        ("envoy", "envoy_response_code_class", {"2": "served", "4": "refused", "5": "errors"}),
        ("haproxy", "code", {"2xx": "served", "other": "served", "5xx": "errors"}),
        ("spring", "status", {"200": "served", "429": "refused", "502": "errors", "UNKNOWN": "served"}),
        ("istio", "response_code", {"0": "served", "504": "errors"}),
    ],
)
def test_a_status_is_one_of_four(name: str, label: str, outcomes: dict[str, str]) -> None:
    preset = presets()[name]
    assert {status: preset.outcome({label: status}) for status in outcomes} == outcomes


def test_a_series_without_a_status_is_said_with_what_it_has() -> None:
    with pytest.raises(CannotAskError, match="no label code or status or status_code: it has handler, job"):
        presets()["client"].outcome({"job": "a", "handler": "b"})


def test_endpoints_are_method_and_route() -> None:
    preset = presets()["opentelemetry"]
    assert preset.endpoint({"http_route": "/a/{id}", "http_request_method": "GET"}) == "GET /a/{id}"
    assert preset.endpoint({"http_route": "/a"}) == "/a"
    assert preset.endpoint({"http_request_method": "GET"}) is None


@pytest.mark.parametrize("name", sorted(presets()))
def test_each_says_what_it_is_about(name: str) -> None:
    assert presets()[name].about
    assert presets()[name].requests
