"""The ledger: recordings that contradict a document, each adjudicated with a reason.

An entry names a rule, the recordings (file names, `*` allowed at the end), the dates and the reason why
both sides are kept. A violation that an entry matches still stands, but is expected; an entry that
matches nothing is stale and fails a test. A violation whose date is not known may be of an entry's dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from pathlib import Path

from attrs import frozen

from vmss_model.oracle.finding import Finding, Verdict
from vmss_model.oracle.recordings import UnusableInput, parse_date
from vmss_model.oracle.recordings.exchange import Unreadable, quoted
from vmss_model.oracle.recordings.plain_yaml import BadYaml, parse_yaml
from vmss_model.oracle.recordings.strict_json import check
from vmss_model.rules import RULES


def is_named(recording: str, name: str) -> bool:
    """Whether a ledger's name, which may end in `*`, names a recording."""
    return recording.startswith(name[:-1]) if name.endswith("*") else recording == name


@frozen
class LedgerEntry:
    """One adjudicated contradiction."""

    id: str
    """Its name."""
    rule: str
    """The rule that recorded behaviour contradicts."""
    recordings: tuple[str, ...]
    """The recordings that show it, by file name; a `*` at the end stands for any ending."""
    dates: str
    """When it was recorded (`YYYY-MM-DD..YYYY-MM-DD`)."""
    reason: str
    """Why both sides are kept, and which one the edition follows."""

    def matches(self, recording: str, finding: Finding, when: str = "") -> bool:
        """Whether it adjudicates a violation seen in a recording at that date, as recorded; empty where unknown."""
        return (
            finding.verdict is Verdict.VIOLATES
            and self.rule in finding.rules
            and any(is_named(recording, name) for name in self.recordings)
            and self._covers(when)
        )

    def _covers(self, when: str) -> bool:
        seen = parse_date(when)
        if seen is None:
            return True
        first, last = days_of(self.dates)
        return first <= seen.date() <= last


@frozen
class Ledger:
    """All adjudicated contradictions."""

    entries: tuple[LedgerEntry, ...] = ()
    """The entries, in the order of the file."""

    def adjudicate(self, recording: str, finding: Finding, when: str = "") -> str | None:
        """The id of the entries that adjudicate every contradicted rule of a violation, or None.

        A violation of several rules needs an entry for each rule that a document states; the exact
        error of section H (`E1` to `E4`) goes with the rule it belongs to. `when` is the date of the exchange
        as it was recorded; empty where it is not known.
        """
        if finding.verdict is not Verdict.VIOLATES:
            return None
        found: list[str] = []
        for rule in finding.rules:
            if RULES.get(rule) is not None and RULES[rule].section == "H":
                continue
            entry = next(
                (one for one in self.entries if one.rule == rule and one.matches(recording, finding, when)),
                None,
            )
            if entry is None:
                return None
            found.append(entry.id)
        return ", ".join(found) or None


LARGEST_FILE = 1_000_000
"""How many bytes a ledger may have."""
_FIELDS = {"id", "rule", "recordings", "dates", "reason"}


def bundled_ledger() -> Ledger:
    """The ledger that ships with the project."""
    text = resources.files("vmss_model.oracle").joinpath("ledger.yaml").read_text(encoding="utf-8")
    return parse_ledger(text, "ledger.yaml")


def load_ledger(path: Path) -> Ledger:
    """A ledger file; raises UnusableInput with one line where it cannot be used."""
    try:
        # No more than that is read: a device may never end.
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise UnusableInput(
                str(path), "the file", f"it is longer than {LARGEST_FILE:,} bytes", "give fewer entries"
            )
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise UnusableInput(str(path), "the file", f"it cannot be read ({error})", "a ledger is a YAML file") from None
    return parse_ledger(text, str(path))


def parse_ledger(text: str, name: str) -> Ledger:
    """A ledger out of YAML text; raises UnusableInput with one line where it cannot be used."""
    try:
        loaded = parse_yaml(text)
        check(loaded)
    except Unreadable as why:
        place = f"line {why.line}" if isinstance(why, BadYaml) and why.line is not None else "the file"
        raise UnusableInput(name, place, str(why), "a ledger is YAML with a list under `entries`") from None
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
    values = {one: _text(name, place, one, entry[one]) for one in ("id", "rule", "dates", "reason")}
    if values["rule"] not in RULES:
        problem = f"there is no rule {quoted(values['rule'])}"
        raise UnusableInput(name, place, problem, "`vmss-oracle rules` lists the rules")
    if not _are_dates(values["dates"]):
        remedy = "give a day as YYYY-MM-DD, or the first and the last as YYYY-MM-DD..YYYY-MM-DD"
        raise UnusableInput(name, place, f"`dates` is {quoted(values['dates'])}", remedy)
    return LedgerEntry(recordings=_recordings(name, place, entry["recordings"]), **values)


def _text(name: str, place: str, field: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UnusableInput(name, place, f"`{field}` is not a text", f"give `{field}` as a text")
    return value


def _recordings(name: str, place: str, value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else []
    texts = tuple(one for one in names if isinstance(one, str) and one)
    if not names or len(texts) != len(names):
        raise UnusableInput(name, place, "`recordings` is not a list of file names", "name at least one recording")
    wide = next((one for one in texts if "*" in one[:-1] or one == "*"), None)
    if wide is not None:
        remedy = "a `*` stands only at the end of a name's beginning"
        raise UnusableInput(name, place, f"`recordings` has the name {quoted(wide)}", remedy)
    return texts


_DATES = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?")


def days_of(dates: str) -> tuple[date, date]:
    """The first and the last day of `YYYY-MM-DD` or `YYYY-MM-DD..YYYY-MM-DD`; raises ValueError for another text."""
    if not _DATES.fullmatch(dates):
        raise ValueError(f"{dates} is neither a day nor two")
    first, dots, last = dates.partition("..")
    days = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    if days[1] < days[0]:
        raise ValueError(f"{dates} ends before it begins")
    return days


def _are_dates(text: str) -> bool:
    try:
        days_of(text)
    except ValueError:
        return False
    return True


def _check_ids(name: str, entries: Iterable[LedgerEntry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise UnusableInput(name, entry.id, "the id stands twice", "give each entry an id of its own")
        seen.add(entry.id)
