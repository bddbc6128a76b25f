"""What the environment says changes neither what is rendered nor what is recorded: git's variables, locale,
colours, proxies, caches, the names of folders."""

import fnmatch
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

import apart
import bake
import tree
import workshop
from declaration import ROOT, choices

NOWHERE = "/nowhere/at all"
RELEASED = f"{bake.TREE}/vendor/datadevops-kit/src/datadevops/contract/released.py"
SURROUNDINGS = {
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    "colour": {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "COLUMNS": "20"},
    "no colour": {"NO_COLOR": "1", "TERM": "dumb"},
    "zone": {"TZ": "Asia/Kathmandu"},
    "no network": dict.fromkeys(["ALL_PROXY", "http_proxy", "https_proxy"], "http://127.0.0.1:9"),
    "no certificates": {"SSL_CERT_FILE": NOWHERE, "SSL_CERT_DIR": NOWHERE, "REQUESTS_CA_BUNDLE": NOWHERE},
    "no caches": {"XDG_CACHE_HOME": NOWHERE, "UV_CACHE_DIR": NOWHERE, "PIP_CACHE_DIR": NOWHERE},
    "quiet python": {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error", "PYTHONHASHSEED": "7"},
}


def cookiecutter(template: Path, folder: Path, **surroundings: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    done = bake.run(bake.command("cookiecutter"), template, "--no-input", cwd=folder, **surroundings)
    assert done.returncode == 0, done.stderr
    return folder / "rain-forecast"


def differences(product: Path, baked: Path) -> list[str]:
    return tree.differences(tree.snapshot(product), tree.snapshot(baked))


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A repository of another project."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.md").write_text("Not yours.\n", encoding="utf-8")
    bake.commit(tmp_path / "other", "notes", "v9.9.9")
    return tmp_path / "other"


def of_a_hook(repository: Path) -> dict[str, str]:
    """What git sets for the hooks of a commit in this repository, and more of the kind."""
    git = repository / ".git"
    paths = {
        "GIT_DIR": git,
        "GIT_WORK_TREE": repository,
        "GIT_INDEX_FILE": git / "index",
        "GIT_COMMON_DIR": git,
    }
    paths |= {"GIT_OBJECT_DIRECTORY": git / "objects", "GIT_CEILING_DIRECTORIES": Path("/")}
    return {name: str(path) for name, path in paths.items()} | {"GIT_PREFIX": "", "GIT_NAMESPACE": "other"}


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_no_setting_of_the_machine_changes_a_byte(
    surroundings: dict[str, str], template: Path, baked: Path, tmp_path: Path
) -> None:
    assert differences(cookiecutter(template, tmp_path / "here", **surroundings), baked) == []


def test_a_bake_inside_a_hook_of_git_records_the_template_and_not_that_repository(
    template: Path, baked: Path, other: Path, tmp_path: Path
) -> None:
    before = tree.snapshot(other)

    product = cookiecutter(template, tmp_path / "here", **of_a_hook(other))

    assert differences(product, baked) == []
    assert tree.snapshot(other) == before


def test_brackets_and_blanks_in_paths_change_nothing(baked: Path, template: Path, tmp_path: Path) -> None:
    place = tmp_path / "a [b] {c} * it's (d)"
    place.mkdir()
    found = bake.copy_template(place / "datadevops-template", bake.REST, bake.KIT_SOURCE)

    product = cookiecutter(found, place, TMPDIR=str(place))

    answers = product / ".copier-answers.yml"
    text = answers.read_text(encoding="utf-8")
    assert f'_src_path: "{found}"\n' in text
    answers.write_text(text.replace(str(found), str(template)), encoding="utf-8")
    assert differences(product, baked) == []


@pytest.mark.parametrize("letters", ["utf-8", "ascii", "cp1252"])
def test_blanks_and_letters_of_any_language_in_paths_change_nothing(
    letters: str, template: Path, baked: Path, tmp_path: Path
) -> None:
    place = tmp_path / "Wetter in Zürich" / "天気 🌧"
    place.mkdir(parents=True)
    options = ["--no-input", "--output-dir", str(place)]

    done = bake.run(
        bake.command("cookiecutter"),
        template,
        *options,
        cwd=tmp_path,
        PYTHONIOENCODING=letters,
        TMPDIR=str(place),
    )

    assert done.returncode == 0, done.stderr
    assert f"cd {place / 'rain-forecast'}\n" in done.stdout
    assert differences(place / "rain-forecast", baked) == []


def test_a_umask_that_is_strict_changes_no_byte(template: Path, baked: Path, tmp_path: Path) -> None:
    words = f"umask 077; {shlex.join([bake.command('cookiecutter'), str(template), '--no-input'])}"
    assert bake.run("sh", "-c", words, cwd=tmp_path).returncode == 0

    product = tmp_path / "rain-forecast"
    assert {name: path.read_bytes() for name, path in tree.files(product).items()} == {
        name: path.read_bytes() for name, path in tree.files(baked).items()
    }


def test_an_older_copier_says_which_version_it_needs_and_writes_nothing(tmp_path: Path) -> None:
    """As if this copier were old: the template asks for the version after next."""
    few = rf"kit$|review/|{bake.TREE}/(?!\.copier-answers|\.gitig)"
    small = bake.copy_template(tmp_path / "small", bake.REST, few)
    declared = (small / "copier.yml").read_text(encoding="utf-8")
    later = re.sub(r"(?m)^_min_copier_version: .*$", "_min_copier_version: 99.0.0", declared)
    (small / "copier.yml").write_text(later, encoding="utf-8")
    bake.commit(small, "for a later copier", "v1.1.0")

    done = bake.run(sys.executable, "-m", "copier", "copy", "--defaults", small, "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "This template requires Copier version >= 99.0.0, while your version of Copier is" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_every_variable_that_leads_git_to_another_repository_is_known() -> None:
    names = bake.git("rev-parse", "--local-env-vars", cwd=ROOT).split()

    missed = [name for name in names if not re.fullmatch(apart.ELSEWHERE, name)]
    assert [name for name in missed if not name.startswith("GIT_CONFIG_")] == []
    kept = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_COUNT", "GIT_SSH_COMMAND", "GIT_AUTHOR_NAME", "GIT_ASKPASS"]
    assert [name for name in kept if re.fullmatch(apart.ELSEWHERE, name)] == []


@pytest.mark.parametrize("path", ["hooks/post_gen_project.py", f"{bake.TREE}/ci/gate.py", RELEASED])
def test_the_rule_is_the_same_wherever_we_call_git(path: str) -> None:
    assert f'ELSEWHERE = r"{apart.ELSEWHERE}"\n' in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("ci", choices()["ci"])
def test_every_file_is_committed_whatever_somebodys_global_ignore_says(
    ci: str, by_provider: dict[str, Path], tmp_path: Path
) -> None:
    product = shutil.copytree(by_provider[ci], tmp_path / "product")
    (product / "uv.lock").write_text("", encoding="utf-8")
    named = set(tree.files(product))
    of_tools = [
        "dist/a.whl",
        ".env",
        "src/a/__pycache__/a.pyc",
        ".venv/a",
        "store/a",
        "data/.DS_Store",
        "key.pem",
    ]
    for name in of_tools:
        (product / name).parent.mkdir(parents=True, exist_ok=True)
        (product / name).write_text("x", encoding="utf-8")
    folders = {f"{Path(name).parts[0]}/" for name in named if "/" in name}
    ignored = (
        folders | {f"*{Path(name).suffix}" for name in named if Path(name).suffix} | {"generated/", "*.pem"}
    )
    (tmp_path / "ignore").write_text("\n".join(ignored) + "\n", encoding="utf-8")
    bake.git("init", "-q", cwd=product)
    bake.git("config", "core.excludesFile", tmp_path / "ignore", cwd=product)

    bake.git("add", "--all", cwd=product)

    assert {"data/", "*.parquet", "*.lock"} <= ignored
    assert set(bake.git("ls-files", cwd=product).splitlines()) == named


PASSED = [
    *["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"],
    *["REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE"],
    *["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_GLOBAL", "GIT_SSH_COMMAND", "SSH_AUTH_SOCK"],
    *["UV_DEFAULT_INDEX", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"],
]


@pytest.mark.parametrize("of", ["product", "template"])
def test_every_environment_of_tox_passes_on_how_to_reach_network_git_and_caches(
    of: str, baked: Path, environment: Path
) -> None:
    folder = baked if of == "product" else ROOT

    done = bake.run(environment / "bin" / "tox", "config", "-e", "ALL", "-k", "pass_env", cwd=folder)

    assert done.returncode == 0, done.stderr
    passed = {each.partition("]")[0]: each.split()[3:] for each in done.stdout.split("[testenv:")[1:]}
    assert {"lint", "test", "image", "spark"} <= passed.keys()
    assert {
        name: missed
        for name, patterns in passed.items()
        if (missed := [each for each in PASSED if not any(matches(each, pattern) for pattern in patterns)])
    } == {}
    assert [
        name for name, patterns in passed.items() if any(matches("GIT_DIR", each) for each in patterns)
    ] == []


def matches(name: str, pattern: str) -> bool:
    """As tox sees it: capitals do not matter."""
    return fnmatch.fnmatchcase(name.lower(), pattern.lower())


TESTS = {
    "template": ["tests/template/test_hooks.py::test_an_empty_folder_may_be_baked_into"],
    "kit": ["-c", "tests/kit/pytest.ini", "tests/kit/contract/test_released.py", "-k", "candidate"],
}


@pytest.mark.parametrize("suite", TESTS)
def test_the_tests_themselves_work_in_no_repository_that_a_hook_of_git_names(
    suite: str, other: Path, tmp_path: Path, environment: Path
) -> None:
    before = tree.snapshot(other)
    python = sys.executable if suite == "template" else environment / "bin" / "python"
    words: list[str | Path] = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--basetemp",
        tmp_path / "tests",
        *TESTS[suite],
    ]
    settings = of_a_hook(other) | {"PYTHONDONTWRITEBYTECODE": "1"}

    done = bake.run(python, *words, *TESTS[suite], cwd=ROOT, **settings)

    assert done.returncode == 0, done.stdout
    assert tree.snapshot(other) == before


@pytest.mark.long
@pytest.mark.parametrize("kind", bake.DEFAULT_SLUGS)
def test_a_product_passes_its_own_tests_in_all_these_surroundings_at_once(
    kind: str, template: Path, environment: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a [b] {c}"
    product = bake.by_cookiecutter(template, place, product_type=kind)
    shutil.copytree(environment.parent / "vendor", product / "vendor", dirs_exist_ok=True)
    settings = {name: value for each in SURROUNDINGS.values() for name, value in each.items()}
    settings |= of_a_hook(other) | {"TMPDIR": str(place), "LC_ALL": "C"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    before = tree.snapshot(other)

    found = workshop.run(product, "test", environment, "-p", "no:cacheprovider")

    assert found == []
    assert tree.snapshot(other) == before
