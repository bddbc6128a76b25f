# /// script
# requires-python = ">=3.11"
# dependencies = ["cookiecutter>=2.7", "pillow>=11"]
# ///
"""Take the screenshots of docs/pictures from real pages: report, status page, drill, fleet.

    uv run tools/make_pictures.py                  # all
    uv run tools/make_pictures.py report drill     # some of them
    uv run tools/make_pictures.py --in FOLDER      # keep the baked products there, or use those it has

In:       this working tree; Chromium, and for the drill Prometheus and Alertmanager. It takes minutes.
Out:      docs/pictures/NAME.webp, at most 150 kB each.
Failure:  exit code 1 if a program fails or a picture is too large; 3 NOT RUN if a program is missing.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
BYTES = 150_000
PUBLIC, MANAGEMENT = 18_123, 18_124  # ports


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TAKEN)}; default: all")
    parser.add_argument("--in", dest="folder", type=Path, help="where baked products are kept")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(TAKEN):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}; there is: {', '.join(TAKEN)}")
    if not shutil.which("chromium"):
        print("NOT RUN: chromium is not installed", file=sys.stderr)
        return 3
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)).resolve()
        for name in asked.names or TAKEN:
            TAKEN[name](folder)
            size = (PICTURES / f"{name}.webp").stat().st_size
            print(f"{name}.webp: {size / 1000:.0f} kB")
            if size > BYTES:
                return 1
    return 0


def report(folder: Path) -> None:
    """The beginning of a run's report: the verdict, the data, what is in quarantine."""
    shoot((ran(folder) / "store" / "report.html").as_uri(), "report", 900, 760)


def gate(folder: Path) -> None:
    """Its part on the gate and the model."""
    text = (ran(folder) / "store" / "report.html").read_text(encoding="utf-8")
    begin, end = re.search("<body[^>]*>", text), re.search('<h2 id="gate"', text)
    if not begin or not end:
        raise SystemExit("the report has no part on the gate")
    page = folder / "gate.html"
    page.write_text(text[: begin.end()] + text[end.start() :], encoding="utf-8")
    shoot(page.as_uri(), "gate", 1000, 860)


def status(folder: Path) -> None:
    """The status page of a service that has answered some probes."""
    product = ran(folder)
    ports = ["--port", str(PUBLIC), "--management-port", str(MANAGEMENT)]
    command = [str(product / ".venv" / "bin" / product.name), "serve", *ports]
    with subprocess.Popen(command, cwd=product, stderr=subprocess.DEVNULL) as service:
        try:
            wait_for(f"http://127.0.0.1:{MANAGEMENT}/readyz")
            for _ in range(5):
                run("uv", "run", product.name, "probe", "--url", f"http://127.0.0.1:{PUBLIC}", cwd=product)
            shoot(f"http://127.0.0.1:{MANAGEMENT}/", "status", 1000, 900)
        finally:
            service.terminate()


def drill(folder: Path) -> None:
    """The page of a drill with all its scenarios."""
    product = ran(folder)
    if not (product / "store" / "drill.html").exists():
        run("uv", "run", product.name, "drill", cwd=product)
    shoot((product / "store" / "drill.html").as_uri(), "drill", 1160, 1000)


def fleet(folder: Path) -> None:
    """The page over four repositories, of which one breaks rules and one was not made from the template."""
    products = folder / "products"
    if not products.exists():
        bake(products)
        bake(products, product_type="data-pipeline", owner_team="climate")
        hail = bake(products, project_name="Hail Warning", outage_impact="critical")
        shutil.rmtree(hail / "ops" / "runbooks")
        (products / "churn").mkdir()
        (products / "churn" / "README.md").write_text("# Churn\n", encoding="utf-8")
        for product in products.iterdir():
            run("git", "init", "--quiet", cwd=product)
            run("git", "add", "--all", cwd=product)
            run("git", *IDENTITY, "commit", "--quiet", "--message", "Begin", cwd=product)
    page = folder / "fleet.html"
    checker = ["uvx", "--from", str(ROOT / "review"), "datadevops-review"]
    subprocess.run([*checker, "fleet", products, "--html", page], check=False)  # 1: a rule is broken
    shoot(page.as_uri(), "fleet", 1100, 700)


IDENTITY = ("-c", "user.name=Pictures", "-c", "user.email=pictures@example.com")
TAKEN: dict[str, Callable[[Path], None]] = {
    each.__name__: each for each in (report, gate, status, drill, fleet)
}


def bake(folder: Path, **answers: str) -> Path:
    """A product of these answers, from this working tree."""
    return Path(cookiecutter(str(ROOT), no_input=True, output_dir=str(folder), extra_context=answers))


def ran(folder: Path) -> Path:
    """The product of the default answers, after a run."""
    product = folder / "rain-forecast"
    if not product.exists():
        bake(folder)
    if not (product / "store" / "report.html").exists():
        run("uv", "run", product.name, "run", cwd=product)
    return product


def run(*words: str, cwd: Path) -> None:
    """Run a program; what it prints is of no interest."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(words, cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL)


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urlopen(address, timeout=2):  # noqa: S310  # our own port
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"{address} does not answer")


def shoot(address: str, name: str, width: int, height: int) -> None:
    """The upper part of a page as a picture."""
    from PIL import Image  # here: doctests import this file where it is not installed

    with TemporaryDirectory() as temporary:
        shot = Path(temporary, "shot.png")
        window = [f"--window-size={width},{height}", "--hide-scrollbars", f"--screenshot={shot}"]
        plain = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={temporary}/profile"]
        subprocess.run(["chromium", *plain, *window, address], check=True, stderr=subprocess.DEVNULL)
        Image.open(shot).convert("RGB").save(PICTURES / f"{name}.webp", quality=85, method=6)


if __name__ == "__main__":
    raise SystemExit(main())
