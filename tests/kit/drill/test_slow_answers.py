"""A service that gets too little CPU time answers nearly all requests too late, however fast its model is.

No Prometheus runs here: whether the alert follows is what a drill shows.
"""

import subprocess
import time
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from datadevops.contract import odcs
from datadevops.drill import faults
from datadevops.drill.processes import end
from datadevops.ops.objectives import BURNS
from datadevops.telemetry import direct
from runs import environment, program

# The objectives of latency in a rendered ops/slo.yaml: seconds, and the share of requests within them. The
# lowest impact has none, so its drill plays no slow answers.
OBJECTIVES = {"critical": (0.25, 0.99), "high": (0.5, 0.99), "moderate": (1.0, 0.95)}


class Bench:
    """What the fault needs of a stack, without Prometheus."""

    def __init__(self, product, ran, folder, limit):
        self.store, self._product, self._started = ran.store, product, []
        self._log = (folder / "log").open("ab")
        latency = SimpleNamespace(good=f'http_server_request_duration_seconds_bucket{{le="{limit}"}}')
        self.plan = SimpleNamespace(
            objective=lambda _: latency,
            objectives=SimpleNamespace(service={"name": product.command}),
            lateness=SimpleNamespace(factor=lambda: 1.0),
        )
        self.product = faults.starter(odcs.load_all(product.contracts), ran.store.parent, {})(self)

    def command(self, *words):
        env = environment(self._product, STORE=self.store)
        started = subprocess.Popen(
            [*program(self._product), *words], env=env, stdout=self._log, stderr=self._log
        )
        self._started.append(started)
        return started

    def wait(self, true, what):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if true():
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(what)

    def close(self):
        self.product.close()
        for process in self._started:
            end(process)
        self._log.close()

    def answered(self, limit):
        """The number of predictions so far, and of those within the limit."""
        with direct.urlopen(f"http://{self.product.targets[-1]}/metrics", None, timeout=10) as page:
            families = [*text_string_to_metric_families(page.read().decode())]
        name = "http_server_request_duration_seconds"
        samples = [s for each in families if each.name == name for s in each.samples]
        predictions = [s for s in samples if s.labels["http_route"] == "/v1/predict"]
        every = sum(s.value for s in predictions if s.name == f"{name}_count")
        within = [s.value for s in predictions if "le" in s.labels and float(s.labels["le"]) == limit]
        return every, sum(within)


@pytest.mark.drill
@pytest.mark.parametrize("impact", OBJECTIVES)
def test_slow_answers_break_the_objective_of_each_impact_however_fast_the_model_is(
    forecast, ran, tmp_path, impact
):
    limit, target = OBJECTIVES[impact]
    bench = Bench(forecast, ran, tmp_path, limit)
    try:
        bench.product.traffic.requests = bench.product.requests["brief"]  # as to a fast model
        before = bench.answered(limit)
        with faults.slow_answers(bench):
            time.sleep(8)
        after = bench.answered(limit)
    finally:
        bench.close()

    every, within = (now - then for now, then in zip(after, before, strict=True))
    assert every >= faults.CAUGHT
    assert 1 - within / every > max(burn.factor(28) for burn in BURNS["fast"]) * (1 - target)
