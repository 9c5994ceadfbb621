"""What holds for every test: output is as wide as its text, whatever the terminal that the tests run in."""

from __future__ import annotations

import os

# The processes that tests are spread over are told a terminal's width, which would fold tables.
os.environ.pop("COLUMNS", None)
