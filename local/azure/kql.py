"""A small part of the Kusto Query Language, as Resource Graph takes it: anything else is refused, nothing is guessed.

`resources | where … | project … | order by … | limit …`, with == != =~ !~ in~ contains startswith endswith has, and,
or, not(), parentheses, tostring() and tolower(). Traps kept from the real one: `==` tells upper from lower case, `has`
matches whole words, the default order is descending.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local.azure.messages import Json

type Rows = list[Json]
type Expression = Callable[[Json], Any]
type Step = Callable[[Rows], Rows]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>\d+)|(?P<name>[A-Za-z_]\w*(?:\.\w+|\['[^']*'\])*~?)"
    r"|(?P<sign>==|!=|=~|!~|[|(),=]))"
)


class InvalidQuery(ValueError):
    """The query is not understood here."""


def _is(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """A test of texts that has no case."""
    return lambda left, right: test(str(left or "").lower(), str(right or "").lower())


_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "=~": _is(lambda left, right: left == right),
    "!~": _is(lambda left, right: left != right),
    "contains": _is(lambda left, right: right in left),
    "startswith": _is(lambda left, right: left.startswith(right)),
    "endswith": _is(lambda left, right: left.endswith(right)),
    "has": _is(lambda left, right: right in re.split(r"[^0-9a-z]+", left)),
}


def run(query: str, rows: Rows) -> tuple[Rows, bool]:
    """The rows that a query over `resources` leaves, and whether it limits their number itself. Raises InvalidQuery."""
    parser = _Parser(list(_tokens(query)))
    steps = parser.query()
    for step in steps:
        rows = step(rows)
    return rows, parser.limits


def _tokens(query: str) -> Iterator[str]:
    at, query = 0, query.strip()
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise InvalidQuery(f"near '{query[at : at + 20]}'")
        yield match[0].strip()
        at = match.end()


@dataclass(slots=True)
class _Parser:
    """Recursive descent over tokens."""

    tokens: Sequence[str]
    at: int = 0
    limits: bool = False

    def query(self) -> list[Step]:
        self.expect("resources")
        steps = []
        while self.peek():
            self.expect("|")
            steps.append(self.step())
        return steps

    def step(self) -> Step:
        match self.next().lower():
            case "where":
                test = self.any_of()
                return lambda rows: [row for row in rows if test(row)]
            case "project":
                columns = self.columns()
                return lambda rows: [{name: value(row) for name, value in columns.items()} for row in rows]
            case "order" | "sort":
                self.expect("by")
                return self.order()
            case "limit" | "take":
                self.limits, count = True, int(self.next())
                return lambda rows: rows[:count]
            case other:
                raise InvalidQuery(f"the operator '{other}'")

    def columns(self) -> dict[str, Expression]:
        columns: dict[str, Expression] = {}
        while True:
            name = self.next()
            columns[name] = self.value() if self.skip("=") else _column(name)
            if not self.skip(","):
                return columns

    def order(self) -> Step:
        column = self.value()
        ascending = self.skip("asc")
        if not ascending:
            self.skip("desc")
        return lambda rows: sorted(rows, key=lambda row: str(column(row)), reverse=not ascending)

    def any_of(self) -> Expression:
        tests = [self.all_of()]
        while self.skip("or"):
            tests.append(self.all_of())
        return lambda row: any(test(row) for test in tests)

    def all_of(self) -> Expression:
        tests = [self.test()]
        while self.skip("and"):
            tests.append(self.test())
        return lambda row: all(test(row) for test in tests)

    def test(self) -> Expression:
        if self.peek() == "not":
            self.expect("not")
            inner = self.test()
            return lambda row: not inner(row)
        if self.skip("("):
            inner = self.any_of()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Expression:
        left, operator = self.value(), self.next().lower()
        if operator == "in~":
            wanted = self.texts()
            return lambda row: str(left(row) or "").lower() in wanted
        compare = _OPERATORS.get(operator)
        if compare is None:
            raise InvalidQuery(f"the operator '{operator}'")
        right = self.value()
        return lambda row: compare(left(row), right(row))

    def texts(self) -> frozenset[str]:
        self.expect("(")
        found = {_text(self.next()).lower()}
        while self.skip(","):
            found.add(_text(self.next()).lower())
        self.expect(")")
        return frozenset(found)

    def value(self) -> Expression:
        token = self.next()
        if token.startswith("'"):
            text = _text(token)
            return lambda _: text
        if token.isdecimal():
            return lambda _: int(token)
        if token.lower() in ("true", "false"):
            return lambda _: token.lower() == "true"
        if token.lower() in ("tostring", "tolower"):
            self.expect("(")
            inner = self.value()
            self.expect(")")
            return lambda row: str(inner(row) or "") if token.lower() == "tostring" else str(inner(row) or "").lower()
        return _column(token)

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        if not token:
            raise InvalidQuery("the query ends too early")
        self.at += 1
        return token

    def skip(self, token: str) -> bool:
        if self.peek().lower() != token:
            return False
        self.at += 1
        return True

    def expect(self, token: str) -> None:
        if not self.skip(token):
            raise InvalidQuery(f"'{token}' is missing before '{self.peek()}'")


def _text(token: str) -> str:
    if not token.startswith("'"):
        raise InvalidQuery(f"'{token}' is no text")
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _column(path: str) -> Expression:
    steps = [step.strip("[]'") for step in re.findall(r"\w+|\['[^']*'\]", path)]

    def look(row: Json) -> Any:
        value: Any = row
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    return look
