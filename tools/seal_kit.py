"""Write the hash of the kit's files, by which a product tells a release from an edit of it.

    python tools/seal_kit.py            write kit/src/datadevops/release.sha256
    python tools/seal_kit.py --check    exit code 1 where it is stale

In:       the files of kit/src/datadevops.
Out:      their hash.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit" / "src"))

from datadevops import release  # the folder is on the path now

HINT = "kit/src/datadevops/release.sha256 is stale: run `python tools/seal_kit.py`"


def main() -> None:
    if "--check" not in sys.argv:
        release.SEAL.write_text(f"{release.fingerprint()}\n", encoding="utf-8")
    elif not release.SEAL.exists() or release.SEAL.read_text("utf-8").strip() != release.fingerprint():
        sys.exit(HINT)


if __name__ == "__main__":
    main()
