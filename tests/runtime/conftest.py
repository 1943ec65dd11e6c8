"""Fixtures of the tests of runtime."""

from collections.abc import Iterator

import pytest

from streams.runtime import static_membership


@pytest.fixture(autouse=True)
def _release_locks() -> Iterator[None]:
    """Releases, after each test, the locks that a worker holds until its process ends."""
    yield
    while static_membership._held:
        static_membership._held.pop().close()
