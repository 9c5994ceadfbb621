"""Proofs about the code that runs: the guards, the census and the counts of a rollout, on z3 terms.

`prover.prove_all` proves the theorems, `consistency.consistency_report` looks at the rules themselves,
`witnesses.finding_witnesses` shows where the readings of a finding differ, and `refinement.unrefined` ties a
step of the model to the steps of the census that the proofs speak of. Importing the last needs no solver.
"""
