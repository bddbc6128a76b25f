"""The commands about objectives as a user sees them: results, messages, exit codes."""

import shutil

import pytest
import yaml


@pytest.fixture
def no_tools(monkeypatch):
    """No tool of Prometheus is installed."""
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("home", "no_tools")
def test_alerts_that_no_tool_could_test_are_not_green(command):
    answer = command("slo", "check")

    assert answer.code == 3
    assert "error[OP004] promtool is not on the PATH: the alerts were NOT RUN" in answer.err
    assert "apt install prometheus" in answer.err


def test_alerts_that_are_up_to_date_and_pass_their_tests_are_green(command, statistics, home_of):
    if not (shutil.which("promtool") and shutil.which("amtool")):
        pytest.skip("NOT RUN: promtool or amtool is not installed")
    home = home_of(statistics)

    answer = command("slo", "check", product=statistics)

    assert (answer.code, answer.out) == (0, "4 objectives, 6 alerts: up to date, valid, tested\n")
    assert "still names example.com" in answer.err

    file = home / "ops" / "slo.yaml"
    file.write_text(file.read_text().replace("alerts.example.com", "alerts.shops.test"))
    answers = [command("slo", word, product=statistics) for word in ("render", "check")]

    assert [(answer.code, answer.err) for answer in answers] == [(0, ""), (0, "")]


@pytest.mark.usefixtures("no_tools")
def test_files_that_are_stale_are_told_with_the_difference_until_they_are_rendered(home, command):
    generated = home / "ops" / "generated"
    text = (generated / "rules.yml").read_text()
    (generated / "rules.yml").write_text(text.replace("slo:objective:ratio", "slo:objektive:ratio", 1))
    (generated / "stray.yml").write_bytes(b"x\n\xff\n")

    stale = command("slo", "check")
    rendered = command("slo", "render")
    fresh = command("slo", "check")

    assert stale.code == 1
    assert "error[OP003]" in stale.err
    assert "--- rules.yml" in stale.err
    assert "-      - record: slo:objektive:ratio" in stale.err
    assert (rendered.code, fresh.code) == (0, 3)
    assert (generated / "rules.yml").read_text() == text
    assert not (generated / "stray.yml").exists()


def test_the_rules_for_kubernetes_are_written_to_the_folder_that_is_named(home, command, tmp_path):
    before = {path.name: path.read_bytes() for path in (home / "ops" / "generated").iterdir()}

    answer = command("slo", "render", "--kubernetes", tmp_path / "monitoring")

    assert answer.code == 0
    resource = yaml.safe_load((tmp_path / "monitoring" / "prometheus-rule.yaml").read_text())
    assert resource["metadata"]["name"] == "shop-forecast"
    assert before == {path.name: path.read_bytes() for path in (home / "ops" / "generated").iterdir()}


def test_folders_that_are_not_there_yet_are_made_and_others_are_written_into(home, command, tmp_path):
    generated, theirs = home / "ops" / "generated", tmp_path / "deploy" / "monitoring"
    before = {path.name: path.read_bytes() for path in generated.iterdir()}
    shutil.rmtree(generated)

    words = [["slo", "render"], *[["slo", "render", "--kubernetes", theirs]] * 2]
    answers = [command(*each) for each in words]

    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 3
    assert {path.name: path.read_bytes() for path in generated.iterdir()} == before
    assert [path.name for path in theirs.iterdir()] == ["prometheus-rule.yaml"]


def test_objectives_that_cannot_be_read_leave_what_was_rendered(home, command):
    (home / "ops" / "slo.yaml").write_text("kind: [")

    answer = command("slo", "render")

    assert answer.code == 2
    assert f"error[OP001] {home}/ops/slo.yaml cannot be read" in answer.err
    assert (home / "ops" / "generated" / "alertmanager.yml").exists()


def test_a_contract_that_cannot_be_read_is_named_where_its_promises_are_asked_for(home, own, command):
    for file in own.contracts.glob("*.yaml"):
        file.write_text("name: [")

    answer = command("slo", "render", product=own)

    assert answer.code == 2
    assert "error[CT001]" in answer.err
    assert (home / "ops" / "generated" / "alertmanager.yml").exists()


def test_another_target_than_the_contract_promises_is_refused(home, command):
    file = home / "ops" / "slo.yaml"
    file.write_text(file.read_text().replace("target: 0.995", "target: 0.999"))

    answer = command("slo", "render")

    assert answer.code == 2
    assert "availability: 0.999, but the contract of predictions promises 0.995" in answer.err


def test_where_no_prometheus_answers_nothing_is_known_of_the_objectives(command):
    answer = command("status", "--slo", "--prometheus", "http://127.0.0.1:1")

    assert (answer.code, answer.out) == (3, "")
    assert "error[OP010] http://127.0.0.1:1 does not answer as Prometheus does" in answer.err
    assert "--prometheus" in answer.err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('http_route="/v1/predict"', 'http_route="/v1/predct"', "no http_route of http_server_request"),
        ('code=~"5.."', 'code=~"6.."', "no http_response_status_code of http_server_request_duration"),
        ('job="shop-forecast"', 'job="elsewhere"', "is 'elsewhere', there is: shop-forecast"),
        (
            'outcome="bad"',
            'outcome="worse"',
            "no outcome of product_rows_total is 'worse', there is: good, bad",
        ),
    ],
    ids=["a path", "a status", "a job", "an outcome"],
)
def test_a_series_that_cannot_be_is_refused_before_an_alert_waits_for_it(home, command, old, new, message):
    file = home / "ops" / "slo.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))

    answer = command("slo", "check")

    assert answer.code == 2
    assert "error[OP002]" in answer.err
    assert message in answer.err


def test_a_limit_between_two_buckets_is_refused(home, command):
    file = home / "ops" / "slo.yaml"
    file.write_text(file.read_text().replace('le="0.5"', 'le="0.3"'))

    answer = command("slo", "check")

    assert answer.code == 2
    assert "latency: no le of http_server_request_duration_seconds_bucket is '0.3'" in answer.err


def test_an_endpoint_of_the_team_may_be_promised_something(home, command):
    file = home / "ops" / "slo.yaml"
    file.write_text(file.read_text().replace('"/v1/predict"', '"/v1/threshold"'))

    answer = command("slo", "render")

    assert answer.code == 0, answer.err
    assert "/v1/threshold" in (home / "ops" / "generated" / "rules.yml").read_text()
