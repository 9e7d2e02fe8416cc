"""Every case of the Waldur contract, and every departure from it, has a test with its number."""

import pathlib
import re

CASES = set(range(1, 92))
# The departures from Waldur; the ones after these are about FusionAuth.
DEPARTURES = set(range(1, 9))


def numbers(pattern):
    """The numbers in the names of this suite's Waldur tests."""
    sources = pathlib.Path(__file__).parent.glob("test_waldur_*.py")
    text = "\n".join(source.read_text() for source in sources)
    return {int(number) for number in re.findall(pattern, text)}


def test_every_case_has_a_test():
    assert numbers(r"def test_case_(\d{3})_") == CASES


def test_every_departure_has_a_test():
    assert numbers(r"def test_departure_(\d)_") == DEPARTURES
