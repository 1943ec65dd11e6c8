import pytest
from make import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
