"""`make fuzz-laws` multiplies the examples of every property test."""

import shutil
import subprocess
import sys
from pathlib import Path

PROPERTIES = """
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

@settings(max_examples=7)
@given(number=st.integers())
@pytest.mark.parametrize("word", ["own", "of-each-parameter"])
def test_with_its_own_number(number, word):
    print("", word)

@given(st.integers())
def test_without(number):
    print("", "default")
"""


def test_each_property_test_runs_a_multiple_of_its_examples_even_if_it_sets_their_number(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_counted.py").write_text(PROPERTIES)
    command = [sys.executable, "-m", "pytest", "-s", "--rootdir", str(tmp_path), "--examples-times", "3", str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    words = done.stdout.split()
    assert [words.count(word) for word in ("own", "of-each-parameter", "default")] == [21, 21, 300]
