"""What is read of an upstream contract, and what is not."""

import os
import subprocess
import sys

import pytest

from datadevops.upstream import answers
from datadevops.upstream.declared import Upstream

TOO_LARGE = "it is larger than 1,000,000 bytes"


@pytest.mark.parametrize(("size", "read"), [(1_000_000, True), (1_000_001, False)])
def test_a_contract_of_a_million_bytes_is_the_largest_that_is_read(tmp_path, size, read):
    (tmp_path / "theirs.yaml").write_bytes(content := b"x" * size)
    upstream = Upstream("source", tmp_path / "source.yaml", "theirs.yaml", digest="")

    assert answers.of([upstream], 10) == {"source": content if read else TOO_LARGE}


def test_nobody_waits_for_an_answer_that_never_comes_not_even_at_the_end_of_the_process(tmp_path):
    os.mkfifo(tmp_path / "theirs.yaml")  # to open it takes until somebody writes
    program = (
        "import pathlib; from datadevops.upstream import answers, declared;"
        " source = pathlib.Path('source.yaml').absolute();"
        " print(answers.of([declared.Upstream('source', source, 'theirs.yaml', '')], 0.1))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, timeout=30
    )

    assert (done.returncode, done.stdout) == (0, b"{'source': 'no answer within 0.1 s'}\n")
