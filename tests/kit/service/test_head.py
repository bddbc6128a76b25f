"""The limits of the headers are those that the message names."""

import pytest

from datadevops.service import head
from datadevops.service.problems import Refusal

HOST = (b"host", b"x")
LARGEST = head.BYTES - len(b"/" + b"host" + b"x" + b"a")


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ([HOST, *[(b"a%d" % number, b"1") for number in range(99)]], False),
        ([HOST, *[(b"a%d" % number, b"1") for number in range(100)]], True),
        ([HOST, (b"a", b"1" * LARGEST)], False),
        ([HOST, (b"a", b"1" * (LARGEST + 1))], True),
    ],
    ids=["100 fields", "101 fields", "65,536 bytes", "65,537 bytes"],
)
def test_as_much_as_the_message_says_is_read(fields, refused):
    def read():
        head.require_valid(b"GET", b"/", "1.1", fields, head.BYTES + 1)

    if not refused:
        read()
        return
    with pytest.raises(Refusal) as error:
        read()
    assert error.value.status_code == 431
    assert "at most 100 fields and 65,536 bytes" in error.value.detail
