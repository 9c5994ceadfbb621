"""Readers of recordings: the exchange log, VCR cassettes and HAR files."""

from .exchange import ArmRequest, ArmResponse, Exchange, Recording, Skipped, UnusableInput, parse_date
from .load import discover, load

__all__ = [
    "ArmRequest",
    "ArmResponse",
    "Exchange",
    "Recording",
    "Skipped",
    "UnusableInput",
    "discover",
    "load",
    "parse_date",
]
