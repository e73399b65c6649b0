"""YAML as people write settings: plain data with the line of everything in it, and nothing that surprises.

Plain scalars are read as YAML 1.2 does, so `off` is text and `22:00` no number; dates stay text. Refused are anchors,
aliases, tags, directives, keys that are no text or stand there twice, further documents and deep nesting.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

type Path = tuple[str | int, ...]
"""Where a value stands: keys, and positions in lists from 0 on."""

DEEPEST: Final = 10
INTEGER: Final = re.compile(r"[-+]?[0-9]{1,15}")
DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
WORDS: Final[Mapping[str, bool | None]] = {"": None, "~": None, "null": None, "true": True, "false": False}
DIRECTIVE: Final = re.compile(r"^%", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that cannot stay as it is: its line from 1 on, where it stands, and what to do."""

    line: int
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """What was read. `lines` holds the line of every value, for that of a mapping the line of its key. `whole` is False
    where something could not be read on from."""

    data: Any
    lines: Mapping[Path, int]
    flaws: tuple[Flaw, ...]
    whole: bool


class _Unreadable(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.text)
        self.flaw = flaw


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end is not read yet; in a mapping, the key whose value comes next."""

    path: Path
    value: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass(slots=True)
class _Reader:
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        """Read on by one event."""
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise _stop(event, "a second document begins here; leave only one, without a line ---")
            case yaml.CollectionEndEvent():
                self.open.pop()
            case yaml.ScalarEvent() if self._wants_key():
                self._key(event)
            case yaml.NodeEvent() if self._wants_key():
                raise _stop(event, "this key is no text; write a name before the colon")
            case yaml.NodeEvent():
                self._value(event)
            case _:  # beginnings and ends of the stream and of documents
                pass

    def _value(self, event: yaml.NodeEvent) -> None:
        match event:
            case yaml.ScalarEvent():
                self._plain_only(event)
                self._put(_scalar(event), event)
            case yaml.MappingStartEvent():
                self._begin({}, event)
            case yaml.SequenceStartEvent():
                self._begin([], event)
            case _:
                self._refuse(event, f"*{event.anchor} is an alias; write out what it stands for")
                self._put(None, event)

    def _wants_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _key(self, event: yaml.ScalarEvent) -> None:
        self._plain_only(event)
        at, key = self.open[-1], _scalar(event)
        if not isinstance(key, str):
            self._refuse(event, f'the key {event.value} is no text; put it in quotes: "{event.value}"')
            key = event.value
        path = (*at.path, key)
        if key in at.value:
            line = self.lines[path]
            self.flaws.append(Flaw(_line(event), path, f"stands there twice, first in line {line}; leave one of them"))
        self.lines[path] = _line(event)
        at.key = key

    def _begin(
        self, value: dict[str, Any] | list[Any], event: yaml.MappingStartEvent | yaml.SequenceStartEvent
    ) -> None:
        self._plain_only(event)
        if len(self.open) >= DEEPEST:
            raise _stop(event, f"is nested more than {DEEPEST} deep; nothing here needs that")
        path = self._put(value, event)
        self.open.append(_Open(path, value))

    def _put(self, value: Any, event: yaml.NodeEvent) -> Path:
        """Let a value stand where it was read. Returns where that is."""
        if not self.open:
            self.data = value
            return ()
        path = self._path()
        at = self.open[-1]
        if isinstance(at.value, list):
            self.lines[path] = _line(event)
            at.value.append(value)
        else:
            at.value[str(at.key)] = value
            at.key = None
        return path

    def _path(self) -> Path:
        """Where the next value stands."""
        if not self.open:
            return ()
        at = self.open[-1]
        return (*at.path, len(at.value) if isinstance(at.value, list) else str(at.key))

    def _plain_only(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, f"&{event.anchor} is an anchor; leave it out")
        if event.tag is not None:
            self._refuse(event, f"{event.tag} is a tag; leave it out, and put text in quotes")

    def _refuse(self, event: yaml.NodeEvent, text: str) -> None:
        self.flaws.append(Flaw(_line(event), self._path() if not self._wants_key() else self.open[-1].path, text))


def read(text: str) -> Document:
    """The data in a text, None where there is none. What cannot be read on from is the last flaw."""
    reader = _Reader()
    stopped = _read(text, reader)
    flaws = (*reader.flaws, stopped) if stopped else tuple(reader.flaws)
    return Document(reader.data, reader.lines, flaws, whole=stopped is None)


def _read(text: str, reader: _Reader) -> Flaw | None:
    """Returns what could not be read on from."""
    if found := DIRECTIVE.search(text):
        return Flaw(_line_at(text, found.start()), (), "a line must not begin with %; leave it out")
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except _Unreadable as unreadable:
        return unreadable.flaw
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Flaw(mark.line + 1 if mark else 1, (), _said(error))
    except yaml.reader.ReaderError as error:
        return Flaw(_line_at(text, error.position), (), "holds a character that YAML does not allow; write it anew")
    except (ValueError, OverflowError):  # the number of an escaped character
        return Flaw(1, (), "holds an escaped character that there is none of; write it plainly")
    return None


def _stop(event: yaml.Event, text: str) -> _Unreadable:
    return _Unreadable(Flaw(_line(event), (), text))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _said(error: yaml.MarkedYAMLError) -> str:
    """What YAML says of an error, on one line."""
    said = " ".join(filter(None, (error.problem, error.context and f"({error.context})")))
    return f"is no YAML: {' '.join(said.split())}; mend this line or the one before"


def _scalar(event: yaml.ScalarEvent) -> Any:
    """The value of a scalar; what is quoted is text."""
    text = event.value
    if event.style is not None:
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text
