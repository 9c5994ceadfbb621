"""Tests of the readers of recordings."""
