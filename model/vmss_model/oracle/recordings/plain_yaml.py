"""YAML as cassettes use it: text, numbers, lists and mappings, and nothing that could do harm.

The value is built straight from the parser's events, without PyYAML's composer and constructors. These call
themselves for every level, and in the compiled loader a deeply nested file ends the whole process; they also
know tags, merge keys and aliases with which a small file can grow without bounds.
"""

from __future__ import annotations

import re

import yaml
from attrs import define

from .decoding import unbase64
from .exchange import Unreadable, quoted
from .strict_json import MAX_NESTING, TOO_DEEP, members

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


class BadYaml(Unreadable):
    """A YAML text that cannot be taken, with the line at fault."""

    def __init__(self, problem: str, line: int | None) -> None:
        """Keep the line, counted from 1, apart from what is wrong there."""
        super().__init__(problem)
        self.line = line


def parse_yaml(text: str) -> object:
    """Read the one document of a YAML text; doubled keys are left marked as in `strict_json`."""
    builder = _Builder(len(text))
    line: int | None = None
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            line = _line(event.start_mark)
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise BadYaml(_problem(error), _line(error.problem_mark)) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # The two latter: PyYAML's own scanner, used where the compiled one is missing, on impossible escapes.
        raise BadYaml("it is not YAML (a character that YAML does not allow)", None) from None
    except Unreadable as why:
        raise BadYaml(str(why), line) from None
    return builder.document


@define
class _Open:
    """A list or mapping whose end has not come yet."""

    items: list[object]
    """Its items; for a mapping keys and values in turn."""
    mapping: bool
    """Whether it is a mapping."""
    anchor: str | None
    """The name under which an alias repeats it."""
    weight_before: int
    """The weight of all that came before it."""

    def wants_key(self) -> bool:
        """Tell whether the next item is a key."""
        return self.mapping and len(self.items) % 2 == 0

    def value(self) -> object:
        """Give what was collected."""
        if not self.mapping:
            return self.items
        keys = (str(key) for key in self.items[::2])
        return members(list(zip(keys, self.items[1::2], strict=True)))


class _Builder:
    """Builds the value of a document, weighing it with every alias written out."""

    def __init__(self, length: int) -> None:
        self.document: object = None
        self._documents = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[object, int]] = {}
        self._weight = 0
        # Cassettes repeat little; an alias bomb passes any such bound at once.
        self._heaviest = 1_000_000 + 10 * length

    def take(self, event: yaml.Event) -> None:
        """Take the parser's next event."""
        if isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._take_start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._take_end()
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise Unreadable("a second YAML document begins")

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        key = bool(self._open) and self._open[-1].wants_key()
        weight = 1 + len(event.value)
        self._weigh(weight)
        value = _text(event) if key else _scalar(event)
        self._remember(event.anchor, value, weight)
        self._add(value)

    def _take_start(self, event: yaml.CollectionStartEvent) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        _check_tag(event.tag, ("map" if mapping else "seq",))
        if self._open and self._open[-1].wants_key():
            raise Unreadable("a key is not text")
        if len(self._open) == MAX_NESTING:
            raise Unreadable(TOO_DEEP)
        self._open.append(_Open([], mapping, event.anchor, self._weight))
        self._weigh(1)

    def _take_end(self) -> None:
        closed = self._open.pop()
        value = closed.value()
        self._remember(closed.anchor, value, self._weight - closed.weight_before)
        self._add(value)

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            # Unknown, or still open: a value that holds itself has no end.
            raise Unreadable(f"the alias {quoted(str(event.anchor))} stands for nothing complete")
        value, weight = self._anchors[event.anchor]
        self._weigh(weight)
        if self._open and self._open[-1].wants_key() and not isinstance(value, str):
            raise Unreadable("a key is not text")
        self._add(value)

    def _remember(self, anchor: str | None, value: object, weight: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, weight)

    def _weigh(self, weight: int) -> None:
        self._weight += weight
        if self._weight > self._heaviest:
            raise Unreadable("its aliases repeat too much")

    def _add(self, value: object) -> None:
        if self._open:
            self._open[-1].items.append(value)
        else:
            self.document = value


def _problem(error: yaml.MarkedYAMLError) -> str:
    # Newer compiled parsers look ahead and meet a bound of their own, 1,000 levels, before the builder meets its own.
    if error.problem == "exceeded maximum nesting depth":
        return TOO_DEEP
    return f"it is not YAML ({error.problem})"


def _line(mark: object) -> int | None:
    # The compiled parser has a class of its own for marks.
    line = getattr(mark, "line", None)
    return None if line is None else int(line) + 1


def _check_tag(tag: str | None, known: tuple[str, ...]) -> None:
    if tag not in (None, "!") and tag not in [_TAG + name for name in known]:
        raise Unreadable(f"the tag {quoted(str(tag))} is not one of plain data")


def _text(event: yaml.ScalarEvent) -> str:
    _check_tag(event.tag, ("str",))
    return str(event.value)


def _scalar(event: yaml.ScalarEvent) -> object:
    """Read a scalar; what cassettes need no number for, e.g. dates and fractions, stays text."""
    text = str(event.value)
    if event.tag == _TAG + "binary":
        return unbase64(text)
    _check_tag(event.tag, ("str", "int", "float", "bool", "null", "timestamp"))
    if event.tag in ("!", _TAG + "str") or (event.tag is None and not event.implicit[0]):
        return text
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text
