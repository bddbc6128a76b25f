"""A number on the command line has limits: these are accepted, and what is beyond is a usage error."""

import pytest

LIMITS = {  # words with N in place of a number -> numbers that are accepted, numbers that are not
    "synth source -- N made.parquet": ("0", "-1"),
    "synth source 9 made.parquet --bad N": ("0 1", "-0.1 1.1"),
    "serve --port N": ("0 65535", "-1 65536"),
    "serve --management-port N": ("0 65535", "-1 65536"),
    "serve --connections N": ("1", "0"),
    "serve --connections-per-client N": ("1", "0"),
    "serve --drain-seconds N": ("0 3600", "-0.1 3600.5"),
    "canary judge --stable 1 --canary 2 --prometheus nowhere --minutes N": ("1", "0"),
    "probe --url nowhere --timeout-seconds N": ("0.1 3600", "0 3600.5"),
    "contract upstream --timeout N": ("0.1", "0"),
}
EVERY = [
    pytest.param(words.replace("N", number), accepted, id=words.replace("N", number))
    for words, both in LIMITS.items()
    for accepted, numbers in zip((True, False), both, strict=True)
    for number in numbers.split()
]


@pytest.mark.parametrize(("words", "accepted"), EVERY)
def test_a_number_within_its_limits_is_accepted_and_one_beyond_is_not(command, monkeypatch, words, accepted):
    monkeypatch.setenv("SHOP_FORECAST_STOR", "x")  # nothing that needs the settings begins

    answer = command(*words.split())

    assert ("Invalid value for " in answer.err) is not accepted, answer.err
    assert accepted or answer.code == 2
