"""Measurements, each against a yardstick or a goal, printed for the record; nothing here is asserted in tests."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # benches stand on the same running house as tests
