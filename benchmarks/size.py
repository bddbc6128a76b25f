# /// script
# requires-python = ">=3.11"
# ///
"""How large a fresh product is, of both kinds, default answers.

    uv run benchmarks/size.py

Files and lines as baked, outside vendor/; the tests are those that `tox -e test` runs.
"""

import subprocess
import tempfile
from pathlib import Path

import baked

AIMS = {  # at most
    "files": dict(zip(baked.KINDS, (93, 75), strict=True)),
    "lines of Python in src/": dict.fromkeys(baked.KINDS, 400),
    "lines of Python in tests/": dict.fromkeys(baked.KINDS, 700),
    "tests": dict.fromkeys(baked.KINDS, 110),
}


def lines(folder: Path) -> int:
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in folder.rglob("*.py"))


def tests(product: Path) -> int:
    baked.run(["uv", "sync", "-q"], product)
    words = [baked.program(product, "pytest"), "--collect-only"]  # -q is in its settings
    told = subprocess.run(words, cwd=product, check=True, capture_output=True, text=True).stdout
    return sum("::" in line for line in told.splitlines())


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        source = baked.template(Path(temporary) / "template")
        for kind in baked.KINDS:
            product = baked.bake(source, Path(temporary) / kind, kind)
            files = [path.relative_to(product) for path in product.rglob("*") if path.is_file()]
            outside = sum(path.parts[0] != "vendor" for path in files)
            found = (outside, lines(product / "src"), lines(product / "tests"), tests(product))
            print(f"{kind}: {len(files) - outside} files in vendor/")
            for (name, aim), number in zip(AIMS.items(), found, strict=True):
                ratio = number / aim[kind]
                print(f"  {name:26} {number:5,}  ratio {ratio:.2f} (aim: at most {aim[kind]})")


if __name__ == "__main__":
    main()
