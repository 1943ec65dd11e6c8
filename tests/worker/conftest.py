"""What tests of the shell share."""

from collections.abc import Iterator

import pytest

from streams.runtime import static_membership


@pytest.fixture(autouse=True)
def _given_back() -> Iterator[None]:
    """A worker holds its id and its part of the state folder to its end; a test to its own."""
    yield
    while static_membership._held:
        static_membership._held.pop().close()
