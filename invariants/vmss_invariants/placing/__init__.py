"""Whether instances can be placed in a group under an edition's limits: a way, or the smallest conflict.

`place` answers a `Question`; `completable` says whether partly observed placements can be completed. Both
ask z3, over counts per zone and fault domain, by the constraints that the model itself runs. Importing this
package does not load z3.
"""

from vmss_invariants.placing.answer import Answer, CellCount, Conflict, Origin, Placement, Reason, Undecided
from vmss_invariants.placing.completing import completable
from vmss_invariants.placing.question import Portion, Question, QuestionError
from vmss_invariants.placing.solving import place

__all__ = [
    "Answer",
    "CellCount",
    "Conflict",
    "Origin",
    "Placement",
    "Portion",
    "Question",
    "QuestionError",
    "Reason",
    "Undecided",
    "completable",
    "place",
]
