"""What Prometheus knows, as a user sees it: how the objectives stand, whether a canary may stay."""

import json

import pytest

import fake_prometheus


@pytest.fixture
def prometheus():
    """A server in the place of Prometheus, which answers with `samples` of the first name in the query."""

    def samples_for(query):
        return next((found for name, found in server.samples.items() if name in query), [])

    with fake_prometheus.serving(samples_for) as server:
        server.samples = {}
        yield server


@pytest.fixture
def ask(command, prometheus):
    """ask("status", "--slo"): what a command says that gets the address of this server."""
    address = f"http://127.0.0.1:{prometheus.server_port}"
    return lambda *words, **options: command(*words, "--prometheus", address, **options)


def firing(objective, alert, severity):
    return {"slo": objective, "alertname": alert, "severity": severity}, 1


WATCHDOG = firing("telemetry", "Watchdog", "heartbeat")


@pytest.fixture(params=["forecast", "statistics"])
def either(request):
    return request.getfixturevalue(request.param)


def test_each_objective_has_its_budget_its_burn_rate_and_its_own_alerts(prometheus, ask, either):
    prometheus.samples = {
        "period_error_budget_remaining": [({"slo": "freshness"}, 0.25)],
        "current_burn_rate": [({"slo": "freshness"}, 2.5)],
        "ALERTS": [WATCHDOG, firing("freshness", "FreshnessBreach", "ticket")],
    }

    shown = ask("status", "--slo", product=either)
    found = {
        each["objective"]: each for each in json.loads(ask("status", "--slo", "--json", product=either).out)
    }

    head, *lines = (" ".join(line.split()) for line in shown.out.splitlines())
    assert (shown.code, head) == (0, "objective target budget left burn rate firing alerts")
    assert "freshness 0.99 25.0% 2.50 FreshnessBreach (ticket)" in lines
    assert "data-quality 0.99 ? ?" in lines or "data-quality 0.95 ? ?" in lines
    assert lines[-1] == "telemetry ? ? Watchdog (heartbeat)"
    assert found["freshness"]["burn_rate"] == 2.5
    assert (found["data-quality"]["budget_left"], found["data-quality"]["alerts"]) == (None, [])
    assert all(f'slo_service="{either.command}"' in query for query in prometheus.asked)


@pytest.mark.parametrize("fires", [[], [firing("freshness", "FreshnessBreach", "ticket")]])
def test_without_the_alert_that_always_fires_nothing_is_known(prometheus, ask, fires):
    prometheus.samples = {"ALERTS": fires}

    answer = ask("status", "--slo")

    assert (answer.code, answer.out) == (3, "")
    assert "does not evaluate the rules of shop-forecast" in answer.err


VERDICTS = {  # bad events of 10,000 -> exit code, what is said
    "as good": (20, 0, "promote 1.1\n"),
    "worse": (900, 1, "error[OP012] 1.1 is worse than 1.0: roll back"),
    "undecided": (70, 3, "error[OP013] not enough traffic yet to judge 1.1"),
}


@pytest.mark.parametrize(("bad", "code", "told"), VERDICTS.values(), ids=VERDICTS)
@pytest.mark.parametrize("of", ["release", "model"])
def test_a_canary_is_promoted_rolled_back_or_waited_for(prometheus, ask, of, bad, code, told):
    label = "version" if of == "model" else "service_version"
    series = "product_model_info" if of == "model" else "target_info"
    counted = [({label: version, "of": "total"}, 10_000) for version in ("1.0", "1.1")]
    given = {"1.0": 20, "1.1": bad}
    prometheus.samples = {
        "time()": [({label: "1.1"}, 600)],
        'le="0.5"': [*counted, *(({label: name, "of": "given"}, 10_000 - n) for name, n in given.items())],
        "increase": [*counted, *(({label: name, "of": "given"}, n) for name, n in given.items())],
    }

    words = ["--stable", "1.0", "--canary", "1.1", "--minutes", "20", *["--model"] * (of == "model")]
    answer = ask("canary", "judge", *words)

    head, first, *_ = (" ".join(line.split()) for line in answer.out.splitlines())
    assert (answer.code, told in answer.out + answer.err) == (code, True), answer
    assert head == "objective bad with 1.0 bad with 1.1 more bad allowed"
    assert first.startswith(f"availability 20 of 10,000 (0.20%) {bad} of 10,000 ({bad / 10_000:.2%}) ")
    assert ("promote" in answer.out) is (code == 0)
    assert "[1200s:5s]" in prometheus.asked[0]
    assert all(f"{series}{{" in query for query in prometheus.asked)
