"""Where the tests find the material that stands beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
"""The folder with the material, beside the project's own."""
RECORDINGS = SHARED / "recordings"
"""The recordings of the real service."""

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason="the recordings of the real service are not at ../shared/recordings",
)
"""Marks a test that reads the recordings of the real service."""
