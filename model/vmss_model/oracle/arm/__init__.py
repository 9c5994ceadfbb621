"""The ARM boundary: HTTP exchanges judged by the model.

`ArmOracle.start().observe(ArmRequest(...), ArmResponse(...))` gives the next oracle and a finding.
"""

from __future__ import annotations

from vmss_model.oracle.arm.calls import refusal_response, to_arm
from vmss_model.oracle.arm.oracle import ArmOracle
from vmss_model.oracle.recordings import ArmRequest, ArmResponse

__all__ = ["ArmOracle", "ArmRequest", "ArmResponse", "refusal_response", "to_arm"]
