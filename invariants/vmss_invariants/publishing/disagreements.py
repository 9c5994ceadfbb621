"""Pages of disagreements: document against document (findings), document against recording (ledger)."""

from __future__ import annotations

from vmss_invariants.proving.witnesses import FindingWitness, finding_witnesses
from vmss_invariants.publishing.markdown import bullets, code, link, page, paragraph, table
from vmss_model.oracle.ledger import bundled_ledger
from vmss_model.rules import FINDINGS, RULES, DocumentFinding


def findings_page() -> str:
    """Every finding with both readings, and a witness on which they differ."""
    witnesses = {one.finding: one for one in finding_witnesses()}
    return page(
        "Findings",
        paragraph(
            "Where the documents are unclear or contradict each other. Neither reading is dropped: one is chosen "
            "and said to be, and a witness shows where the other leads elsewhere."
        ),
        *(_finding(one, witnesses[one.id]) for one in FINDINGS),
    )


def _finding(one: DocumentFinding, witness: FindingWitness) -> str:
    rules = ", ".join(f"`{rule}`" for rule in one.rules) or "none"
    parts = [
        f"## {one.id}",
        paragraph(one.statement),
        bullets((f"one reading: {one.readings[0]}", f"the other: {one.readings[1]}")),
        paragraph(f"Chosen: {one.chosen}"),
        paragraph(f"Documents: {', '.join(one.documents)}. Rules: {rules}."),
    ]
    shown = (witness.situation, f"  the chosen reading: {witness.chosen}", f"  the other reading: {witness.other}")
    parts.extend(("A witness on which the two differ:", code("\n".join(shown))))
    return "\n\n".join(parts)


def ledger_page() -> str:
    """Every contradiction between a recording and a document that was looked into."""
    entries = bundled_ledger().entries
    rows = [
        (
            f"`{entry.id}`",
            f"`{entry.rule}`",
            ", ".join(RULES[entry.rule].sources),
            entry.dates,
            str(len(entry.recordings)),
        )
        for entry in entries
    ]
    return page(
        "Ledger",
        paragraph(
            "Recorded behaviour of the real service that contradicts a document. Both sides are kept: the editions "
            "follow the documents, and each contradiction stands here with the reason."
        ),
        table(("entry", "rule", "documents", "recorded", "recordings"), rows),
        *(f"## {entry.id}\n\n{paragraph(entry.reason)}" for entry in entries),
        f"What the documents say against one another: {link('findings', 'findings.md')}.",
    )
