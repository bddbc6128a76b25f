"""The gates of a product that ask more than its own code: each is seen to fail, alone.

Services of others are stood in for: advisories by a server here, docker by a script that writes down how
it was called.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import bake
from breaking import write
from breaks import KEY
from faults import delivery
from faults.fault import Fault
from gates import gate, released, stand_in, without

pytestmark = pytest.mark.gates


@pytest.fixture
def product(baked: Path, environment: Path, tmp_path: Path) -> Path:
    return released(baked, environment, tmp_path)


QUICK = ["lint", "secrets", "hooks"]


def failing(product: Path, environment: Path) -> dict[str, int]:
    codes = {name: gate(product, environment, name).returncode for name in QUICK}
    return {name: code for name, code in codes.items() if code}


def test_a_fresh_product_passes_and_the_list_of_parts_names_what_runs(
    product: Path, environment: Path
) -> None:
    assert failing(product, environment) == {}

    assert gate(product, environment, "sbom").returncode == 0
    parts = json.loads((product / "dist" / "sbom.json").read_text(encoding="utf-8"))
    names = {part["name"] for part in parts["components"]}
    assert parts["bomFormat"] == "CycloneDX"
    assert {"duckdb", "scikit-learn"} <= names  # of the service, and of the job that trains
    assert names.isdisjoint({"pytest", "ruff"})


INVALID = write("src/rain_forecast/contracts/more.yaml", "kind: Data\n")
FAULTS = [each for each in delivery.FAULTS if each.gate in QUICK]
FAULTS += [Fault("an invalid contract", "hooks", r"CT002", INVALID)]


@pytest.mark.parametrize("fault", FAULTS, ids=[each.title for each in FAULTS])
def test_what_is_broken_is_seen_by_its_gates_and_by_no_other(
    fault: Fault, product: Path, environment: Path
) -> None:
    fault.make(product)
    bake.git("add", "--all", cwd=product)

    assert failing(product, environment) == {fault.gate: 1}


def test_a_secret_that_the_team_knows_to_be_none_is_let_through(product: Path, environment: Path) -> None:
    text = f"KEY={KEY}  # pragma: allowlist secret\n"
    (product / "example.sh").write_text(text, encoding="utf-8")

    assert gate(product, environment, "secrets").returncode == 0


@contextmanager
def advisories(weak: str) -> Iterator[str]:
    """The address of a service that knows of one weakness, in the package `weak`."""
    known = {"id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z", "summary": "made up"}

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            found = [{"vulns": [known]} if each["package"]["name"] == weak else {} for each in asked]
            self.answer({"results": found})

        def do_GET(self) -> None:
            self.answer(known)

        def answer(self, body: object) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Nothing: the tests' own output is read."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("weak", "code"), [("duckdb", 1), ("no-package-of-ours", 0)])
def test_a_published_weakness_of_a_dependency_fails_the_audit(
    weak: str, code: int, product: Path, environment: Path
) -> None:
    with advisories(weak) as url:
        done = gate(product, environment, "audit", "--service-url", url)

    assert done.returncode == code, done.stderr
    assert ("PYSEC-2026-1" in done.stdout) == bool(code)


def test_an_audit_without_the_network_is_not_run(product: Path, environment: Path) -> None:
    nowhere = ["--service-url", "http://127.0.0.1:1"]

    done = gate(product, environment, "audit", *nowhere, UV_HTTP_RETRIES="0")

    assert done.returncode == 3
    assert "NOT RUN: " in done.stderr


@pytest.mark.parametrize("name", ["secrets", "hooks"])
def test_a_gate_that_needs_git_is_not_run_without(name: str, product: Path, environment: Path) -> None:
    shutil.rmtree(product / ".git")

    done = gate(product, environment, name)

    assert done.returncode == 3
    assert "NOT RUN: " in done.stderr


def test_in_a_folder_of_a_larger_repository_gates_work_and_the_hooks_of_commits_say_why_not(
    baked: Path, environment: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(baked, tmp_path / "all" / "products" / "rain")
    shutil.copy(environment.parent / "uv.lock", product)
    bake.commit(tmp_path / "all", "several products", "v1.0.0")
    (product / "notes.md").write_text("More.\n", encoding="utf-8")
    bake.commit(tmp_path / "all", "notes")

    done = {name: gate(product, environment, name) for name in ("breaking", "upstream", "secrets", "hooks")}
    config = ["--config", "products/rain/.pre-commit-config.yaml"]
    commit = bake.run(environment / "bin" / "pre-commit", "run", *config, "--all-files", cwd=tmp_path / "all")

    assert [each.returncode for each in done.values()] == [0, 0, 0, 3]
    assert "no contract of a source names an upstream contract" in done["upstream"].stdout
    assert "no breaking changes since v1.0.0" in done["breaking"].stdout
    assert "this product is in its folder products/rain/" in done["hooks"].stderr
    assert commit.returncode == 1
    assert "The product is not the top folder of this repository" in commit.stdout
    assert commit.stdout.count("Failed") == 1


@pytest.fixture
def whole_product(whole_baked: Path, environment: Path, tmp_path: Path) -> Path:
    return released(whole_baked, environment, tmp_path / "whole")


def test_the_standard_is_checked_by_the_checker_of_the_recorded_version(
    whole_product: Path, environment: Path, tmp_path: Path
) -> None:
    summary = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    good = gate(whole_product, environment, "review", **summary)
    (whole_product / "docs" / "rollback.md").unlink()
    bad = gate(whole_product, environment, "review")

    assert good.returncode == 0, good.stdout + good.stderr
    assert "rules pass" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert bad.returncode == 1
    assert re.findall(r"(DD\d+) must", bad.stdout) == ["DD404"]


def test_a_review_without_the_template_is_not_run(product: Path, environment: Path) -> None:
    answers = product / ".copier-answers.yml"
    text = re.sub("_src_path: .*", '_src_path: "/no/such/template"', answers.read_text(encoding="utf-8"))
    answers.write_text(text, encoding="utf-8")
    unreachable = gate(product, environment, "review")
    answers.write_text(text.replace("_src_path", "_source"), encoding="utf-8")
    unknown = gate(product, environment, "review")

    assert (unreachable.returncode, unknown.returncode) == (3, 3)
    assert "NOT RUN: the checker cannot be installed" in unreachable.stderr
    assert "NOT RUN: .copier-answers.yml does not name the template's address" in unknown.stderr


ADDRESSES = {
    "gh:acme/template": "git+https://github.com/acme/template@v1.0.0#subdirectory=review",
    "https://git.acme.net/a/t.git": "git+https://git.acme.net/a/t.git@v1.0.0#subdirectory=review",
    "git+https://git.acme.net/a/t": "git+https://git.acme.net/a/t@v1.0.0#subdirectory=review",
    "git@git.acme.net:a/t.git": "git+ssh://git@git.acme.net/a/t.git@v1.0.0#subdirectory=review",
    "/srv/the template": "git+file:///srv/the%20template@v1.0.0#subdirectory=review",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_checker_is_found_in_a_template_of_any_address(address: str, product: Path) -> None:
    answers = f'_commit: "v1.0.0"\n_src_path: "{address}"\n'
    (product / ".copier-answers.yml").write_text(answers, encoding="utf-8")
    asked = "import sys; sys.path.insert(0, 'ci'); import gate; print(gate.checker())"

    assert bake.run(sys.executable, "-c", asked, cwd=product).stdout.strip() == ADDRESSES[address]


def test_no_parts_are_listed_when_nobody_can_tell_them(product: Path, environment: Path) -> None:
    (product / "uv.lock").unlink()

    done = gate(product, environment, "sbom", UV_OFFLINE="1", UV_NO_CACHE="1")

    assert done.returncode == 3
    assert "NOT RUN: " in done.stderr


def test_a_scan_without_docker_is_not_run(product: Path, environment: Path, tmp_path: Path) -> None:
    done = gate(product, environment, "scan", PATH=without("docker", tmp_path / "bin"))

    assert done.returncode == 3
    assert "NOT RUN: docker is not installed" in done.stderr


@pytest.mark.parametrize(("grype", "code"), [(0, 0), (2, 1), (1, 3)])
def test_a_scan_tells_a_weakness_from_a_scanner_that_failed(
    grype: int, code: int, product: Path, environment: Path, tmp_path: Path
) -> None:
    """Grype exits with 2 for a finding, with 1 for its own failure: anchore/grype#2575."""
    fake = stand_in("docker", f'[ "$1" = save ] || exit {grype}', tmp_path / "bin")

    done = gate(product, environment, "scan", PATH=fake)

    assert done.returncode == code
    assert ("NOT RUN" in done.stderr) == (code == 3)
    assert "--fail-on high" in (tmp_path / "bin" / "docker.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("deploy", ["kubernetes", "compose"])
def test_a_fresh_pipeline_holds_nothing_that_looks_like_a_secret(
    deploy: str, template: Path, environment: Path, tmp_path: Path
) -> None:
    asked = {"product_type": "data-pipeline", "deploy": deploy}
    product = bake.by_cookiecutter(template, tmp_path, **asked)
    bake.commit(product, "as baked")

    assert gate(product, environment, "secrets").stdout == ""
