"""How old a source may be is an objective like any other: promised, rendered, tested, and its alert fires."""

import re
import shutil
from dataclasses import replace

import pytest
import yaml

from datadevops.errors import SloError
from datadevops.ops import own_objectives
from datadevops.telemetry import run_metrics

OBJECTIVE = """
---
apiVersion: openslo/v1
kind: SLO
metadata: {{name: source-freshness, displayName: The shops report, annotations: {{alert: ticket}}}}
spec:
  service: "{service}"
  budgetingMethod: Timeslices
  timeWindow: [{{duration: 28d, isRolling: true}}]
  objectives:
    - {{displayName: new, value: {seconds}, target: 0.99, op: lte, timeSliceTarget: 1, timeSliceWindow: 1m}}
  indicator:
    spec:
      thresholdMetric:
        metricSource:
          type: Prometheus
          spec:
            query: 'time() - max({metric}{{product="{service}",source="{source}"}})'
"""


@pytest.fixture(params=["forecast", "statistics"])
def product(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def declared(home, product):
    """declared(seconds, source): its home with that objective for a source."""

    def add(seconds=7200, source="source"):
        file = home / "ops" / "slo.yaml"
        more = OBJECTIVE.format(
            service=product.command, metric=run_metrics.SOURCE_NEWEST, seconds=seconds, source=source
        )
        file.write_text(file.read_text() + more)
        return home

    return add


def test_an_objective_for_a_source_is_rendered_with_an_alert_that_fires_and_ends(declared, command, ask):
    home = declared()
    rendered = command("slo", "render")
    folder = home / "ops" / "generated"
    rules, tested = (folder / "rules.yml").read_text(), ["promtool", "test", "rules", "rules_test.yml"]
    cases = yaml.safe_load((folder / "rules_test.yml").read_text())
    cases["tests"] = [case for case in cases["tests"] if "SourceFreshnessBreach" in str(case)]  # of minutes
    (folder / "rules_test.yml").write_text(yaml.safe_dump(cases))

    as_rendered = ask(folder, *tested)
    spoilt = re.sub(r'(source="source"[^\n]*> bool) 7200', r"\1 72000", rules)
    (folder / "rules.yml").write_text(spoilt)
    with_a_wrong_limit = ask(folder, *tested)

    assert rendered.code == 0, rendered.err
    assert "alert: SourceFreshnessBreach" in rules
    assert spoilt != rules
    assert (as_rendered, with_a_wrong_limit) == (0, 1)


def test_the_age_of_each_source_is_on_the_dashboard(home):
    text = (home / "ops" / "generated" / "dashboard.json").read_text()

    assert "Age of each source" in text
    assert "time() - max by (source) (product_run_source_newest_timestamp_seconds" in text


def test_its_target_is_what_the_contract_of_the_source_promises(declared, product):
    with pytest.raises(SloError, match="OP002") as error:
        own_objectives.load(product, declared(seconds=10_800))

    assert "source-freshness: 10800, but the contract of source promises 7200" in error.value.message


def test_without_a_promise_any_target_will_do(declared, product, tmp_path):
    own = replace(product, at=shutil.copytree(product.folder, tmp_path / "own" / product.package))
    contract = own.contracts / "sources" / "source.yaml"
    contract.write_text(re.sub(r"  - .property: freshness.*\n", "", contract.read_text()))

    found = own_objectives.load(own, declared(seconds=10_800))

    assert [each.source for each in found.slos if each.source] == ["source"]


def test_a_source_that_there_is_not_is_refused_with_the_nearest(declared, product):
    with pytest.raises(SloError, match=r"OP002(?s:.*)no source of \w+ is 'sorce', did you mean 'source'"):
        own_objectives.load(product, declared(source="sorce"))
