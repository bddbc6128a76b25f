# The template's file: edits here meet template updates (copier update merges them).
"""The commands of operation as a user sees them: results, messages, exit codes."""

import re

from << cookiecutter.__package >> import drill_cli


def test_the_help_of_the_drill_names_scenarios_that_there_are(command):
    _, out, _ = command("drill", "--help")

    (names,) = re.findall(r"^ +\S+ drill (\w.*)$", out, re.MULTILINE)
    assert [name for name in names.split() if name not in drill_cli.product.SCENARIOS] == []


def test_alerts_that_no_tool_could_test_are_not_green(ops, command):
    code, _, err = command("slo", "check")

    assert code == 3
    assert "error[OP004] promtool is not on the PATH: the alerts were NOT RUN" in err
    assert "apt install prometheus" in err


def test_files_that_are_stale_are_told_with_the_difference_until_they_are_rendered(ops, command):
    rules = ops / "generated" / "rules" / "data-quality.yml"
    text = rules.read_text()
    rules.write_text(text.replace("ratio_rate5m", "ratio_rate9m", 1))
    (ops / "generated" / "stray.yml").write_bytes(b"x\n\xff\n")

    stale = command("slo", "check")
    rendered = command("slo", "render")
    fresh = command("slo", "check")

    assert stale[0] == 1
    assert "error[OP003]" in stale[2]
    assert "--- rules/data-quality.yml" in stale[2]
    assert "-      - record: slo:sli_error:ratio_rate9m" in stale[2]
    assert (rendered[0], fresh[0]) == (0, 3)
    assert rules.read_text() == text
    assert not (ops / "generated" / "stray.yml").exists()


def test_objectives_that_cannot_be_read_leave_what_was_rendered(ops, command):
    (ops / "slo.yaml").write_text("kind: [")

    code, _, err = command("slo", "render")

    assert code == 2
    assert f"error[OP001] {ops}/slo.yaml cannot be read" in err
    assert (ops / "generated" / "alertmanager.yml").exists()


def test_a_contract_that_cannot_be_read_is_named_where_its_promises_are_asked_for(ops, contracts, command):
    for file in contracts.iterdir():
        file.write_text("name: [")

    code, _, err = command("slo", "render")

    assert code == 2
    assert "error[CT001]" in err
    assert (ops / "generated" / "alertmanager.yml").exists()


def test_where_no_prometheus_answers_nothing_is_known_of_the_objectives(command):
    code, out, err = command("status", "--slo", "--prometheus", "http://127.0.0.1:1")

    assert (code, out) == (3, "")
    assert "error[OP010] http://127.0.0.1:1 does not answer as Prometheus does" in err
    assert "--prometheus" in err
