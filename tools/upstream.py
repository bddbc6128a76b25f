"""Which upstream release broke a product? Run in its folder.

    python tools/upstream.py ../green/uv.lock -- uv run tox

In:       the uv.lock of the last time it was green, if there is one, and the check.
Out:      what the check says; if it fails, what was released since, and which of it, taken back
          alone, makes it green again.
Failure:  the exit code of the check.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

LOCK = Path("uv.lock")


def versions(lock: str) -> dict[str, str]:
    """Each package of a lock file with its version."""
    packages = tomllib.loads(lock)["package"]
    return {each["name"]: each["version"] for each in packages if "version" in each}


def moved(green: str, now: str) -> Iterator[tuple[str, str, str]]:
    """Package, version before, version now; "none" where it was or is not there."""
    old, new = versions(green), versions(now)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name, old.get(name, "none"), new.get(name, "none")


def culprits(releases: list[tuple[str, str, str]], check: list[str]) -> Iterator[str]:
    """The releases without which the check is green; each is tried alone."""
    now = LOCK.read_bytes()
    for name, old, new in releases:
        back = ["uv", "lock", "--quiet", "--upgrade-package", f"{name}=={old}"]
        try:
            if "none" not in (old, new) and run(back) == 0 and run(check) == 0:
                yield f"{name} {new}"
        finally:
            LOCK.write_bytes(now)


def run(command: list[str]) -> int:
    return subprocess.run(command, check=False).returncode


def main(arguments: list[str]) -> int:
    if len(arguments) < 3 or arguments[1] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    green, check = Path(arguments[0]), arguments[2:]
    if (code := run(check)) == 0:
        return 0
    if not green.exists():
        print("it was never green before: nothing to compare with")
        return code
    releases = list(moved(green.read_text(encoding="utf-8"), LOCK.read_text(encoding="utf-8")))
    print("released since it was green:", *("  {}: {}, now {}".format(*r) for r in releases), sep="\n")
    found = list(culprits(releases, check))
    print("\n".join(f"{each} broke it: without it all is green" for each in found) or "none of them alone")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
