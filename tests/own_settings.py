"""Programs that a test starts know no settings of the machine's.

In:       a folder of the session's.
Out:      settings of git, cookiecutter and copier for all tests.
Failure:  none.
"""

from collections.abc import Iterator

import pytest
import yaml


@pytest.fixture(scope="session", autouse=True)
def _settings_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commits need a name; what whoever runs the tests has set or baked before must not matter."""
    memory = tmp_path_factory.mktemp("cookiecutter")
    config = {"cookiecutters_dir": str(memory), "replay_dir": str(memory)}
    (memory / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (memory / "copier.yml").write_text("{}\n", encoding="utf-8")
    (memory / "gitconfig").write_text("[core]\n\tfsync = none\n", encoding="utf-8")  # in no hurry
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Template Test")
            patch.setenv(f"GIT_{role}_EMAIL", "test@example.com")
        patch.setenv("GIT_CONFIG_GLOBAL", str(memory / "gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("COOKIECUTTER_CONFIG", str(memory / "config.yaml"))
        patch.setenv("COPIER_CACHE_DIR", str(memory / "copier"))
        patch.setenv("COPIER_SETTINGS_PATH", str(memory / "copier.yml"))
        yield
