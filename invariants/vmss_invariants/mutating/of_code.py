"""Mutants of code: a comparison made strict, a condition turned round, a constant moved by one.

A function's own source is parsed, one node of it changed, and the code object of the changed function put in
the place of the old one for as long as a context lasts. So every module that imported the function runs the
mutant, and nothing has to be reloaded.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from types import FunctionType

from attrs import frozen

from vmss_invariants.mutating.mutant import Mutant, Operator
from vmss_model import guards
from vmss_model.rules import RULES, implementations

_MOST_A_RULE = 4
"""The most mutants of a rule's code outside the guards: the nearest to where the rule is named."""

_TEXTS = "vmss_model.refusals."
"""Where the texts of errors stand."""

_STRICTER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.LtE: ast.Lt,
    ast.Lt: ast.LtE,
    ast.GtE: ast.Gt,
    ast.Gt: ast.GtE,
}
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.LtE: ast.Gt,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
}


_Way = Callable[[ast.AST], "Operator | None"]
"""Changes a node in its own place, if it can be changed in this way."""


@frozen
class Change:
    """One node of a function's source, changed."""

    operator: Operator
    """How."""
    line: int
    """In which line of the function, from 1."""
    what: str
    """The old text and the new."""
    tree: ast.Module
    """The changed function."""
    of_text: bool = False
    """Whether a text was changed: only those of the documents' errors matter."""


def _function(dotted: str) -> FunctionType | None:
    """The function of a dotted name, where it is one that its own source can be made from again."""
    module_name, _, rest = dotted.rpartition(".")
    try:
        found: object = getattr(importlib.import_module(module_name), rest)
    except (ImportError, AttributeError):
        return None
    return found if isinstance(found, FunctionType) and not found.__code__.co_freevars else None


@cache
def _source(dotted: str) -> str:
    function = _function(dotted)
    return "" if function is None else textwrap.dedent(inspect.getsource(function))


@cache
def changes_of(dotted: str) -> tuple[Change, ...]:
    """Every way in which one node of a function is changed, in order of its lines."""
    source = _source(dotted)
    if not source:
        return ()
    found: dict[str, Change] = {}
    for place, node in enumerate(_nodes(ast.parse(source))):
        for change in _changes_at(source, place, _WAYS.get(type(node), ())):
            if change.of_text and not dotted.startswith(_TEXTS):
                continue
            found.setdefault(ast.unparse(change.tree), change)
    return tuple(sorted(found.values(), key=lambda change: change.line))


def _nodes(tree: ast.Module) -> list[ast.AST]:
    """The nodes of a function's body, docstring and annotations left out, in an order of their own."""
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    return [node for statement in function.body for node in ast.walk(statement) if not isinstance(node, ast.arg)]


def _changes_at(source: str, place: int, ways: tuple[_Way, ...]) -> Iterator[Change]:
    """The changes of the node at a place, which is changed in its own place in these ways."""
    for way in ways:
        tree = ast.parse(source)
        node = _nodes(tree)[place]
        shown = node.test if isinstance(node, ast.If | ast.IfExp) else node
        before = ast.unparse(shown) if isinstance(shown, ast.expr) else ""
        operator = way(node)
        if operator is None:
            continue
        shown = node.test if isinstance(node, ast.If | ast.IfExp) else node
        (function,) = tree.body
        assert isinstance(function, ast.FunctionDef)
        function.decorator_list = []
        what = f"`{before}` is `{ast.unparse(shown)}`"
        of_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        yield Change(operator, getattr(node, "lineno", 1), what, ast.fix_missing_locations(tree), of_text)


def _stricter(node: ast.AST) -> Operator | None:
    assert isinstance(node, ast.Compare)
    other = _STRICTER.get(type(node.ops[0]))
    if other is None:
        return None
    node.ops[0] = other()
    return Operator.OFF_BY_ONE


def _turned(node: ast.AST) -> Operator | None:
    assert isinstance(node, ast.Compare)
    other = _TURNED.get(type(node.ops[0]))
    if other is None:
        return None
    node.ops[0] = other()
    return Operator.INVERTED


def _other_way(node: ast.AST) -> Operator | None:
    assert isinstance(node, ast.If | ast.IfExp)
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return Operator.INVERTED


def _or_for_and(node: ast.AST) -> Operator | None:
    assert isinstance(node, ast.BoolOp)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return Operator.CHANGED


def _one_more(node: ast.AST) -> Operator | None:
    assert isinstance(node, ast.Constant)
    if type(node.value) is bool:
        node.value = not node.value
        return Operator.INVERTED
    if type(node.value) is int:
        node.value += 1
        return Operator.OFF_BY_ONE
    if type(node.value) is str and "." in node.value:
        # A sentence, or the end of one: the documents' errors are to the letter.
        node.value = node.value.replace(".", "!")
        return Operator.CHANGED
    return None


def _minus_for_plus(node: ast.AST) -> Operator | None:
    assert isinstance(node, ast.BinOp)
    if isinstance(node.op, ast.Add | ast.Sub):
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return Operator.WRONG_COUNT
    return None


def _swapped(node: ast.AST) -> Operator | None:
    """The first two arguments of a call of a guard or a helper of guards, changed for one another."""
    assert isinstance(node, ast.Call)
    names = {"within", "within_percent", "floor_div", "implies"}
    if isinstance(node.func, ast.Name) and node.func.id in names and len(node.args) > 1:
        node.args[0], node.args[1] = node.args[1], node.args[0]
        return Operator.WRONG_COUNT
    if isinstance(node.func, ast.Name) and node.func.id in {"maximum", "minimum"}:
        node.func.id = "minimum" if node.func.id == "maximum" else "maximum"
        return Operator.WRONG_COUNT
    return None


_WAYS: dict[type[ast.AST], tuple[_Way, ...]] = {
    ast.Compare: (_stricter, _turned),
    ast.If: (_other_way,),
    ast.IfExp: (_other_way,),
    ast.BoolOp: (_or_for_and,),
    ast.Constant: (_one_more,),
    ast.BinOp: (_minus_for_plus,),
    ast.Call: (_swapped,),
}


@contextmanager
def _patched(dotted: str, tree: ast.Module) -> Iterator[None]:
    function = _function(dotted)
    assert function is not None
    namespace = dict(function.__globals__)
    exec(compile(tree, f"<mutant of {dotted}>", "exec"), namespace)
    changed = namespace[function.__name__]
    original = function.__code__
    function.__code__ = changed.__code__
    try:
        yield
    finally:
        function.__code__ = original


def mutants_of_code(data_rules: frozenset[str]) -> tuple[Mutant, ...]:
    """Mutants of every guard, and of the code of those rules that no data states.

    `data_rules` are the rules that have mutants of data already.
    """
    found: dict[str, Mutant] = {}
    for rule in RULES.values():
        code = implementations(rule.id)
        # What the oracle says a second time is not what the rule is; some rules it alone knows.
        beside = {dotted for dotted in code if ".oracle." in dotted}
        for dotted in code:
            in_guards = dotted.startswith(f"{guards.__name__}.")
            if not in_guards and (rule.id in data_rules or (dotted in beside and len(beside) < len(code))):
                continue
            changes = changes_of(dotted) if in_guards else _nearest(dotted, rule.id)
            for number, change in enumerate(changes):
                mutant = _mutant(rule.id, rule.editions, dotted, number, change)
                found.setdefault(mutant.id, mutant)
    return tuple(found.values())


def _nearest(dotted: str, rule: str) -> tuple[Change, ...]:
    """The changes nearest to where the rule is named in a function's body, else the first ones."""
    lines = _source(dotted).splitlines()
    named = [number for number, line in enumerate(lines, 1) if f'"{rule}"' in line and "@implements" not in line]
    changes = changes_of(dotted)
    if named:
        changes = tuple(sorted(changes, key=lambda change: min(abs(change.line - line) for line in named)))
    return changes[:_MOST_A_RULE]


def _mutant(rule: str, editions: tuple[str, ...], dotted: str, number: int, change: Change) -> Mutant:
    name = dotted.removeprefix("vmss_model.")
    tree = change.tree

    def patch() -> AbstractContextManager[None]:
        return _patched(dotted, tree)

    return Mutant(
        f"{rule}:{name}:{change.line}.{number}",
        rule,
        change.operator,
        f"In {name}, {change.what}.",
        editions,
        patch=patch,
        of_code=dotted,
    )
