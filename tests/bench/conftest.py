"""Lets tests of the wheel, which holds no `bench`, find it too; whatever is installed still comes first."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent.parent))
