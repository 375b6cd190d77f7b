"""The command itself, on a home of its own."""

from pathlib import Path

import pytest
from command import Guidepost


@pytest.fixture
def guidepost(tmp_path: Path) -> Guidepost:
    return Guidepost(tmp_path / "home")
