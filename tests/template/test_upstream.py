"""The release that broke a product is told: real lock files, of packages made here."""

import sys
import zipfile
from pathlib import Path

import pytest

import bake
from declaration import ROOT

pytestmark = pytest.mark.gates

PROJECT = """
[project]
name = "product"
version = "1"
requires-python = ">=3.11"
dependencies = ["upstream-a", "upstream-b"]

[tool.uv]
package = false
no-index = true
find-links = ["wheels"]
"""


def release(folder: Path, name: str, version: str) -> None:
    """A wheel whose one module says its version."""
    stem = f"{name}-{version}"
    facts = {
        f"{name}.py": f"VERSION = '{version}'\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{stem}.dist-info/RECORD"
    facts[record] = "".join(f"{path},,\n" for path in [*facts, record])
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for path, text in facts.items():
            wheel.writestr(path, text)


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """It was green with the first releases; since then each package has had another."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    for version in ("1.0", "2.0"):
        for name in ("upstream_a", "upstream_b"):
            release(tmp_path / "wheels", name, version)
        lock(tmp_path)
        if version == "1.0":
            (tmp_path / "uv.lock").rename(tmp_path / "green.lock")
    return tmp_path


def lock(folder: Path) -> None:
    done = bake.run("uv", "lock", "--no-cache", cwd=folder)
    assert done.returncode == 0, done.stderr


def tell(product: Path, check: str, green: str = "green.lock") -> tuple[int, str]:
    words = ["--", "uv", "run", "--quiet", "python", "-c", check]
    done = bake.run(sys.executable, ROOT / "tools" / "upstream.py", green, *words, cwd=product)
    return done.returncode, done.stdout


def test_the_release_that_broke_it_is_named_and_the_other_is_not(product: Path) -> None:
    before = (product / "uv.lock").read_bytes()

    # The version that is installed: a module of the same size and second may be compiled already.
    asked = "from importlib.metadata import version; assert version('upstream-b') == '1.0'"
    code, said = tell(product, asked)

    assert code == 1
    assert said.splitlines() == [
        "released since it was green:",
        "  upstream-a: 1.0, now 2.0",
        "  upstream-b: 1.0, now 2.0",
        "upstream-b 2.0 broke it: without it all is green",
    ]
    assert (product / "uv.lock").read_bytes() == before


def test_a_product_that_fails_whatever_is_taken_back_blames_no_release(product: Path) -> None:
    code, said = tell(product, "raise SystemExit(7)")

    assert code == 7
    assert said.splitlines()[-1] == "none of them alone"


def test_a_product_that_works_and_one_that_never_did_blame_nobody(product: Path) -> None:
    assert tell(product, "import upstream_a") == (0, "")
    assert tell(product, "raise SystemExit(1)", green="no.lock") == (
        1,
        "it was never green before: nothing to compare with\n",
    )
