"""What a tool of Prometheus says is what a user reads."""

import re

import pytest

from datadevops.errors import RefusedError
from datadevops.ops import promtool


def test_errors_of_a_tool_are_told_as_it_wrote_them(tmp_path, monkeypatch):
    tool = tmp_path / "promtool"
    tool.write_text("#!/bin/sh\necho 'rules.yml: line 3'; echo 'no such function' >&2; exit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = "promtool check rules reports errors\nrules.yml: line 3\nno such function"

    with pytest.raises(RefusedError, match=f"OP005.*{re.escape(said)}"):
        promtool.run("promtool", "check", "rules", "rules.yml", folder=tmp_path)
