import pytest
from support.builders import FoldRunner


@pytest.fixture
def fold() -> FoldRunner:
    return FoldRunner()
