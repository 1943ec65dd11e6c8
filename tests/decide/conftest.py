import pytest
from support.builders import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
