"""Every conformance case that this suite owes has a test that carries its number."""

import pathlib
import re

OWED = set(range(1, 96))


def test_every_case_has_a_test():
    sources = pathlib.Path(__file__).parent.glob("test_cases_*.py")
    text = "\n".join(source.read_text() for source in sources)
    covered = {int(number) for number in re.findall(r"def test_case_(\d{3})_", text)}
    assert covered == OWED
