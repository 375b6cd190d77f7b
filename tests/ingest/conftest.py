from collections.abc import Iterator
from pathlib import Path

import pytest
from home import Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A store and an index to run over; `home.Home` says how to use it."""
    made = Home(tmp_path)
    yield made
    made.index.close()
    made.engine.dispose()
