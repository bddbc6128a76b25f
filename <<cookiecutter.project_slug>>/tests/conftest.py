"""What the tests share: one run, in a folder of its own."""

import pytest
from datadevops import testing

from << cookiecutter.__package >> import PRODUCT


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> testing.Run:
    """The main job on the file that the contracts of the sources name."""
    return testing.run(PRODUCT, tmp_path_factory.mktemp("ran"))
