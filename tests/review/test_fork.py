"""The standard of an organisation reaches each product with the files of its own template."""

import re
import shutil
from pathlib import Path

import pytest
from datadevops_review import cli

import bake
from declaration import ROOT

GUIDE = (ROOT / "docs" / "how-to" / "fork-for-an-organisation.md").read_text(encoding="utf-8")
(PROFILE,) = re.findall(r"```toml\n(.*?)```", GUIDE.replace("\n   ", "\n"), re.DOTALL)


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main([str(word) for word in words])
    return int(end.value.code or 0)


def test_the_profile_in_a_fork_reaches_its_products_and_an_update_brings_the_next_one(
    small_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fork = shutil.copytree(small_template, tmp_path / "fork", symlinks=True)
    profile = fork / bake.TREE / "datadevops.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    bake.commit(fork, "our standard", "v2026.12.0")
    product = bake.by_copier(fork, tmp_path)
    bake.commit(product, "as baked")
    assert run(product) == 0

    profile.write_text(PROFILE.replace("LicenseRef-Proprietary", "MIT"), encoding="utf-8")
    bake.commit(fork, "another licence", "v2026.12.1")
    done = bake.run(bake.command("copier"), "update", "--defaults", product, cwd=product)

    assert done.returncode == 0, done.stderr
    assert run(product) == 1
    assert "licence 'LicenseRef-Proprietary'; allowed: MIT" in capsys.readouterr().out
