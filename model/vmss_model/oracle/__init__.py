"""The model seen from outside: typed outcomes, HTTP exchanges and recordings, each judged with a finding."""

from __future__ import annotations

from vmss_model.oracle.finding import Finding, Verdict
from vmss_model.oracle.typed import Granted, Oracle, Outcome, Refused

__all__ = ["Finding", "Granted", "Oracle", "Outcome", "Refused", "Verdict"]
