"""The ledger: recordings that contradict a document, each adjudicated with a reason.

An entry names a rule, the recordings (file names, `*` allowed at the end), the dates and the reason why
both sides are kept. A violation that an entry matches still stands, but is expected; an entry that
matches nothing is stale and fails a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path

import yaml
from attrs import frozen

from vmss_model.oracle.finding import Finding, Verdict
from vmss_model.oracle.recordings import UnusableInput
from vmss_model.rules import RULES


@frozen
class LedgerEntry:
    """One adjudicated contradiction."""

    id: str
    """Its name."""
    rule: str
    """The rule that recorded behaviour contradicts."""
    recordings: tuple[str, ...]
    """The recordings that show it, by file name; a name may be a pattern with `*`."""
    dates: str
    """When it was recorded (`YYYY-MM-DD..YYYY-MM-DD`)."""
    reason: str
    """Why both sides are kept, and which one the edition follows."""

    def matches(self, recording: str, finding: Finding) -> bool:
        """Whether it adjudicates a violation seen in a recording."""
        return (
            finding.verdict is Verdict.VIOLATES
            and self.rule in finding.rules
            and any(fnmatchcase(recording, pattern) for pattern in self.recordings)
        )


@frozen
class Ledger:
    """All adjudicated contradictions."""

    entries: tuple[LedgerEntry, ...] = ()
    """The entries, in the order of the file."""

    def adjudicate(self, recording: str, finding: Finding) -> str | None:
        """The id of the entries that adjudicate every contradicted rule of a violation, or None.

        A violation of several rules needs an entry for each rule that a document states; the exact
        error of section H (`E1` to `E4`) goes with the rule it belongs to.
        """
        if finding.verdict is not Verdict.VIOLATES:
            return None
        found: list[str] = []
        for rule in finding.rules:
            if RULES.get(rule) is not None and RULES[rule].section == "H":
                continue
            entry = next(
                (one for one in self.entries if one.rule == rule and one.matches(recording, finding)),
                None,
            )
            if entry is None:
                return None
            found.append(entry.id)
        return ", ".join(found) or None


_FIELDS = {"id", "rule", "recordings", "dates", "reason"}


def bundled_ledger() -> Ledger:
    """The ledger that ships with the project."""
    text = resources.files("vmss_model.oracle").joinpath("ledger.yaml").read_text(encoding="utf-8")
    return parse_ledger(text, "ledger.yaml")


def load_ledger(path: Path) -> Ledger:
    """A ledger file; raises UnusableInput with one line where it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(str(path), "the file", f"it cannot be read ({error})", "a ledger is a YAML file") from None
    return parse_ledger(text, str(path))


def parse_ledger(text: str, name: str) -> Ledger:
    """A ledger out of YAML text; raises UnusableInput with one line where it cannot be used."""
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = str(error).splitlines()[0] if str(error) else "it is not YAML"
        raise UnusableInput(name, "the file", problem, "a ledger is YAML with a list under `entries`") from None
    entries = loaded.get("entries") if isinstance(loaded, Mapping) else None
    if not isinstance(entries, list):
        raise UnusableInput(name, "the file", "it has no list under `entries`", "a ledger lists its entries there")
    ledger = Ledger(tuple(_entry(name, number, entry) for number, entry in enumerate(entries)))
    _check_ids(name, ledger.entries)
    return ledger


def _entry(name: str, number: int, entry: object) -> LedgerEntry:
    place = f"entries[{number}]"
    if not isinstance(entry, Mapping) or set(entry) != _FIELDS:
        remedy = f"an entry has exactly {', '.join(sorted(_FIELDS))}"
        raise UnusableInput(name, place, "its fields are not those of an entry", remedy)
    recordings = entry["recordings"]
    if not isinstance(recordings, list) or not recordings or not all(isinstance(one, str) for one in recordings):
        raise UnusableInput(name, place, "`recordings` is not a list of file names", "name at least one recording")
    for field in ("id", "rule", "dates", "reason"):
        if not isinstance(entry[field], str) or not entry[field].strip():
            raise UnusableInput(name, place, f"`{field}` is not a text", f"give `{field}` as a text")
    if entry["rule"] not in RULES:
        raise UnusableInput(name, place, f"there is no rule {entry['rule']}", "`vmss-oracle rules` lists the rules")
    return LedgerEntry(entry["id"], entry["rule"], tuple(recordings), entry["dates"], entry["reason"])


def _check_ids(name: str, entries: Iterable[LedgerEntry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise UnusableInput(name, entry.id, "the id stands twice", "give each entry an id of its own")
        seen.add(entry.id)
