"""A theorem's claims as a page shows them: those that say most, as many as fit, and of the others what becomes of them.

The order is the same for every theorem. Claims that say alike are one. One for any number of domains stands for its
cases for some number. Steps that change nothing of what a claim speaks of, guards that say word for word what is
claimed, and what holds at once are named in a line each, unless there is nothing else to show.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby

import z3
from attrs import frozen

from vmss_invariants.invariant import Place
from vmss_invariants.proving.prover import concluded, made_of, printed
from vmss_invariants.proving.theorem import Claim, Theorem
from vmss_invariants.proving.wording import conjuncts, parts_of, says_nothing, symbols_in, worded
from vmss_model.terms import Truth, is_symbolic

A_PAGE = 32
"""So many lines of a theorem's claims are shown at most; one claim is shown however long it is."""
UNCHANGED = "Nothing that it speaks of changes in"
WORD_FOR_WORD = "The model and the claim read the same, and are not shown, in"
TAKEN = "What follows is among what is taken to hold (the model's guard asks for it, or it is so by definition) in"
AT_ONCE = "It holds at once in"
ALIKE = "Likewise, and not shown"
BY_CASES = "Proved by cases, too"
"""How the lines begin that name claims."""
THE_SAME = "what is shown is the same"
"""What is said of editions in which no claim that would be shown says anything else."""
_MOVE = "an instance goes from "
"""How the names of many steps begin: it is said once."""
_CONVENTIONS = (
    (r"[\w\]]'(?!\w)", "What a step makes of a count has a prime."),
    (r"\n  where ", "What stands in a claim more than once has a name, told after *where*."),
    (r"\bits_\w", "`its_...` is what the member adds to a count, or where it stands."),
    (r"\bwas_\w|\bis_\w", "`was_...` and `is_...` are what the member adds to a count before and after."),
    (r"a member (leaves|changes)", "Where a member leaves or changes, the counts are told by those of the others."),
    (r"\bfault_domains = 0", "`fault_domains = 0`: the group counts no fault domains."),
    (r"\bzones = 0", "`zones = 0`: the group is regional."),
    (r"\bupdate_domains < 0", "`update_domains < 0`: the number of update domains is not given."),
    (r"\bdiv\b", "`div` rounds down."),
    (
        r"\A\[",
        "A line in brackets says for which editions and kinds of group; after the first only what differs is shown, "
        "as far as it fits.",
    ),
    (r"\A[^\[]", "It is the same for every edition and kind of group that the theorem speaks of."),
)
"""What a formula is read by, where it has such a thing in it."""
_WIDTH = 112
_SHORTEST = 4
"""The lines of the shortest claim: where no more are left on the page, none is looked at."""


@frozen
class _Shown:
    """Claims that say alike."""

    names: tuple[str, ...]
    """What each of them is about."""
    body: str
    """What they say."""

    def text(self) -> str:
        """All of it."""
        return f"{_wrapped(_in_a_row(self.names))}:\n{self.body}"


def formula_of(theorem: Theorem) -> str:
    """What a theorem claims: for the newest edition, and for others what differs there."""
    (newest, *others) = _variants(theorem)
    bodies = dict[tuple[str, ...], str]()
    shown, notes = _for_one_place(theorem, newest[0], bodies)
    same, different = list[Place](), dict[tuple[_Shown, ...], list[Place]]()
    for places in others:
        news = _news(shown, _for_one_place(theorem, places[0], bodies)[0])
        if news:
            different.setdefault(news, []).extend(places)
        else:
            same.extend(places)
    text = "\n\n".join((*(one.text() for one in shown), *notes))
    if not same and not different:
        return text
    told = [f"[{_named(newest)}]\n\n{text}"]
    told += ["\n\n".join((f"[{_named(places)}]", *(one.text() for one in news))) for news, places in different.items()]
    told += [f"[{_named(same)}: {THE_SAME}]"] if same else []
    return "\n\n".join(told)


def conventions(text: str) -> str:
    """How a formula is to be read, in sentences."""
    return " ".join(said for sign, said in _CONVENTIONS if re.search(sign, text))


def _news(known: Sequence[_Shown], others: Sequence[_Shown]) -> tuple[_Shown, ...]:
    """What claims say that others do not: as much as fits on half a page, at least the first."""
    said = {one.body for one in known}
    found = [one for one in others if one.body not in said]
    lines = list(accumulate(len(one.text().splitlines()) + 1 for one in found))
    return tuple(one for one, last in zip(found, lines, strict=True) if one is found[0] or last <= A_PAGE // 2)


def _variants(theorem: Theorem) -> list[list[Place]]:
    """The editions and kinds of group, those of which the very same is claimed together, the newest first."""
    found: dict[tuple[object, ...], list[Place]] = {}
    for place in sorted(theorem.where, key=lambda one: (one[0], one[1].value), reverse=True):
        # Of a case it is told that it is one, and nothing else.
        said = tuple((one.about, () if one.unrolled else _said(one)) for one in theorem.claims(place))
        found.setdefault(said, []).append(place)
    return list(found.values())


def _said(claim: Claim) -> tuple[str, ...]:
    """A claim as it is given, the same for claims that say alike: bound variables are new ones each time."""
    terms = (*claim.known, claim.follows, *(term for _, term in claim.after))
    return tuple(re.sub("![0-9]+", "", one.sexpr()) if is_symbolic(one) else str(one) for one in terms)


def _named(places: Iterable[Place]) -> str:
    ordered = sorted((edition, kind.value) for edition, kind in places)
    return "; ".join(
        f"{edition} {', '.join(kind for _, kind in some)}" for edition, some in groupby(ordered, key=lambda one: one[0])
    )


def _for_one_place(
    theorem: Theorem, place: Place, bodies: dict[tuple[str, ...], str]
) -> tuple[list[_Shown], list[str]]:
    """The claims that are shown, and a line for each reason why others are not or read as they do.

    `bodies` holds what claims say that were printed for another place: to find out what they need takes a while.
    """
    claims = tuple(theorem.claims(place))
    general = [one for one in claims if not one.unrolled] or list(claims)
    reasons = [(one, _why_not_shown(one)) for one in general]
    telling = [one for one, reason in reasons if reason is None] or general
    shown, left = _fitting(telling, bodies)
    notes: dict[str, list[str]] = {
        ALIKE: left,
        TAKEN: [one.about for one in telling if _is_taken(one)],
        WORD_FOR_WORD: [one.about for one in general if all(map(says_nothing, concluded(one)))],
    }
    for one, reason in reasons:
        if reason in (UNCHANGED, AT_ONCE):
            notes.setdefault(reason, []).append(one.about)
    hidden = {name for reason in (UNCHANGED, AT_ONCE) for name in notes.get(reason, ())}
    notes[WORD_FOR_WORD] = [name for name in notes[WORD_FOR_WORD] if name not in hidden]
    notes[BY_CASES] = [one.about.partition(": ")[0] for one in claims if one not in general]
    lines = (_wrapped(f"({note}: {_in_a_row(names)}.)") for note, names in notes.items() if names)
    return shown, list(lines)


def _in_a_row(names: Iterable[str]) -> str:
    """Names, what many of them begin with said once."""
    told = list(dict.fromkeys(names))
    moves = [one.removeprefix(_MOVE) for one in told if one.startswith(_MOVE)]
    others = [one for one in told if not one.startswith(_MOVE)]
    return "; ".join((*others, *([_MOVE + "; ".join(moves)] if moves else [])))


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))


def _fitting(claims: Sequence[Claim], bodies: dict[tuple[str, ...], str]) -> tuple[list[_Shown], list[str]]:
    """As many claims as fit on a page, at least one, those that say alike together; and what the others are about."""
    alike: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        alike.setdefault(_said(claim), []).append(claim)
    chosen: dict[str, list[str]] = {}
    left, lines = list[str](), 0
    for said, some in alike.items():
        names = [one.about for one in some]
        if lines >= A_PAGE - _SHORTEST:
            left.extend(names)
            continue
        body = bodies[said] if said in bodies else bodies.setdefault(said, printed(some[0]))
        length = len(body.splitlines()) + 2
        if body in chosen:
            chosen[body].extend(names)
        elif not chosen or lines + length <= A_PAGE:
            chosen[body] = names
            lines += length
        else:
            left.extend(names)
    return [_Shown(tuple(dict.fromkeys(names)), body) for body, names in chosen.items()], left


def _why_not_shown(claim: Claim) -> str | None:
    """Why a claim tells nothing that is worth a formula, or None where it does."""
    parts = concluded(claim)
    if all(worded(one) == "true" for one in parts):
        return AT_ONCE
    before = {worded(one) for one in _parts_of(claim.before)}
    each = parts_of(claim.follows)
    if all(worded(one) in before or _compares_with_itself(one) for one in each):
        return UNCHANGED
    if not all(map(says_nothing, parts)) or made_of(claim):
        return None
    kept = {name for name, term in claim.after if worded(term) == name}
    return UNCHANGED if all(symbols_in(one) <= kept for one in each) and claim.after else WORD_FOR_WORD


def _is_taken(claim: Claim) -> bool:
    """Whether all that follows is taken to hold, and more than that it held before."""
    known = {worded(one) for one in _parts_of(claim.known)}
    return all(worded(one) in known for one in concluded(claim))


def _parts_of(truths: Iterable[Truth]) -> Iterator[Truth]:
    for one in truths:
        yield from conjuncts(one)


def _compares_with_itself(term: Truth) -> bool:
    """Whether it says of a count that it is no less, no more, or what it is."""
    orders = is_symbolic(term) and (z3.is_le(term) or z3.is_ge(term)) and z3.is_int(term.arg(0))
    return orders and len(set(map(worded, term.children()))) == 1


__all__ = ["A_PAGE", "conventions", "formula_of"]
