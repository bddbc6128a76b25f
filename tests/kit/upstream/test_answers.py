"""What is read of an upstream contract, and what is not."""

import pytest

from datadevops.upstream import answers
from datadevops.upstream.declared import Upstream

TOO_LARGE = "it is larger than 1,000,000 bytes"


@pytest.mark.parametrize(("size", "read"), [(1_000_000, True), (1_000_001, False)])
def test_a_contract_of_a_million_bytes_is_the_largest_that_is_read(tmp_path, size, read):
    (tmp_path / "theirs.yaml").write_bytes(content := b"x" * size)
    upstream = Upstream("source", tmp_path / "source.yaml", "theirs.yaml", digest="")

    assert answers.of([upstream], 10) == {"source": content if read else TOO_LARGE}
