"""What runbooks say to type and to ask is read from them, with its place."""

import json

import pytest
import yaml

from datadevops.errors import RefusedError
from datadevops.ops import promtool, runbooks

BOOK = """\
# Breach

```console
$ shop status
$ shop run
```

```promql
up{job="shop"}
```

Then

```promql
ALERTS{}
sum(x_total)
```
"""
RULES = {
    "groups": [
        {
            "name": "one",
            "rules": [{"record": "slo:a", "expr": "a{}"}, {"alert": "Breach", "expr": "b{} > 1"}],
        },
        {"name": "two", "rules": [{"record": "slo:c", "expr": "c{}"}]},
    ]
}
PANELS = {"panels": [{"title": "Age", "targets": [{"expr": "d{}"}, {"expr": "e{}"}]}]}


@pytest.fixture
def ops(tmp_path):
    for name in ("runbooks", "generated"):
        (tmp_path / name).mkdir()
    for name in ("b", "a"):
        (tmp_path / "runbooks" / f"{name}.md").write_text(BOOK, encoding="utf-8")
    (tmp_path / "runbooks" / "notes.txt").write_text(BOOK, encoding="utf-8")
    (tmp_path / "generated" / "rules.yml").write_text(yaml.safe_dump(RULES), encoding="utf-8")
    (tmp_path / "generated" / "dashboard.json").write_text(json.dumps(PANELS), encoding="utf-8")
    return tmp_path


def test_the_lines_of_each_block_of_a_language_are_read_in_their_order():
    assert runbooks.blocks(BOOK, "console") == ["$ shop status", "$ shop run"]
    assert runbooks.blocks(BOOK, "promql") == ['up{job="shop"}', "ALERTS{}", "sum(x_total)"]
    assert runbooks.blocks(BOOK, "sql") == []


def test_every_query_of_rules_panels_and_runbooks_has_its_place(ops):
    asked = ['up{job="shop"}', "ALERTS{}", "sum(x_total)"]

    assert [*runbooks.queries(ops)] == [
        ("slo:a", "a{}"),
        ("Breach", "b{} > 1"),
        ("slo:c", "c{}"),
        ("Age", "d{}"),
        ("Age", "e{}"),
        *(("a.md", query) for query in asked),
        *(("b.md", query) for query in asked),
    ]


def test_a_query_that_is_no_promql_is_refused(ops, monkeypatch, tmp_path):
    """What promtool itself says is tested with the products' own runbooks."""
    (tool := tmp_path / "promtool").write_text("#!/bin/sh\ngrep -q 'sum(x_total)' queries.yml && exit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(RefusedError, match="OP005"):
        runbooks.check_queries(ops)


def test_the_first_program_that_is_there_is_taken(tmp_path, monkeypatch):
    (tool := tmp_path / "alertmanager").write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert promtool.find("the drill was", "prometheus-alertmanager", "alertmanager") == str(tool)
