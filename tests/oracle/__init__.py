"""Tests of the oracle: what it says of exchanges, recorded, built by hand and corrupted."""
