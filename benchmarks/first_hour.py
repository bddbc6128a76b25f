# /// script
# requires-python = ">=3.11"
# ///
"""From a baked product without an environment, package cache warm, to a run and green tests.

    uv run benchmarks/first_hour.py [data-pipeline]

Aims, on two cores: run and `tox -e test` together within 60 s; all of `tox`, in a second fresh product,
within 90 s.
"""

import argparse
import tempfile
from pathlib import Path

import baked


def seconds(words: list[str], product: Path) -> float:
    took, _ = baked.measured(words, product)
    print(f"  {' '.join(words):34} {took:6.1f} s", flush=True)
    return took


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("kind", nargs="?", choices=baked.KINDS, default=baked.KINDS[0])
    kind = asked.parse_args().kind
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        source = baked.template(scratch / "template")
        baked.run(["uv", "sync", "-q"], baked.bake(source, scratch / "fills-the-cache", kind))
        first, second = (baked.bake(source, scratch / name, kind) for name in ("first", "second"))
        name = first.name
        some = sum(
            seconds(words, first)
            for words in (["uv", "run", name, "run"], ["uv", "run", "tox", "-e", "test"])
        )
        print(f"run and tests {some:.1f} s, ratio {some / 60:.2f} (aim: at most 60 s)")
        every = seconds(["uv", "run", "tox"], second)
        print(f"all of tox {every:.1f} s, ratio {every / 90:.2f} (aim: at most 90 s)")


if __name__ == "__main__":
    main()
