"""Metrics have the names, labels and buckets that others rely on."""

from importlib import metadata
from itertools import pairwise

import pytest

from datadevops.telemetry import run_metrics, service_metrics
from datadevops.telemetry.metric import series


def test_the_release_can_be_set_by_a_variable(monkeypatch):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=staging,service.version=1.5.0")

    registry = service_metrics.Metrics("shop-orders").registry

    labels = {"service_name": "shop-orders", "service_version": "1.5.0"}
    assert registry.get_sample_value("target_info", labels) == 1


@pytest.mark.parametrize("attributes", ["", "deployment.environment=staging", "service.version="])
@pytest.mark.parametrize(
    ("package", "version"), [("pytest", metadata.version("pytest")), ("shop", "unreleased")]
)
def test_else_the_release_is_that_of_the_installed_package(monkeypatch, attributes, package, version):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", attributes)

    assert service_metrics.release(package) == version


def test_a_failure_is_counted_from_zero_for_each_status_that_the_service_answers():
    registry = service_metrics.Metrics("shop-orders").registry

    for status in service_metrics.STATUSES:
        labels = {
            "http_request_method": "POST",
            "http_route": service_metrics.PREDICT,
            "http_response_status_code": status,
        }
        assert registry.get_sample_value("http_server_request_duration_seconds_count", labels) == 0
    assert registry.get_sample_value("product_ready") == 0


def test_a_histogram_has_three_series_and_only_the_buckets_have_the_label_le():
    declared = service_metrics.METRICS | run_metrics.metrics("shop-orders")

    found = series(declared, le=service_metrics.BUCKETS)

    name = "http_server_request_duration_seconds"
    assert {"le", "http_route"} <= found[f"{name}_bucket"].keys()
    assert "le" not in found[f"{name}_count"]
    assert name not in found
    assert found["product_run_rows"].keys() == {"product", "source", "state"}


def test_a_time_that_is_read_from_the_buckets_is_never_wrong_by_more_than_a_factor_of_two_and_a_half():
    steps = [after / before for before, after in pairwise(service_metrics.SECONDS)]

    assert (min(steps), max(steps)) == (pytest.approx(2), pytest.approx(2.5))
    assert (service_metrics.SECONDS[0], service_metrics.SECONDS[-1]) == (0.001, 10)


def test_the_bucket_limits_are_spelt_as_prometheus_sees_them():
    registry = service_metrics.Metrics("shop-orders").registry

    name = "http_server_request_duration_seconds"
    (family,) = (each for each in registry.collect() if each.name == name)

    found = {sample.labels["le"] for sample in family.samples if sample.name == f"{name}_bucket"}
    assert set(service_metrics.BUCKETS) == found
