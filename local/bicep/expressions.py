"""The value of a Bicep expression. What only Azure knows stands in angle brackets: `<app.properties.hash>`."""

import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from tree_sitter import Node

from local.bicep.syntax import NotBicep, text

BINARY: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
ESCAPES: Final = {"\\'": "'", "\\n": "\n", "\\\\": "\\", "\\t": "\t", "\\$": "$"}


class Member(Protocol):
    """What is declared elsewhere in the template: a resource or a module."""

    def member(self, name: str) -> Any:
        """The value of one of its properties."""


class Expressions:
    """Works out expressions of one file. `lookup` gives what a name stands for; it raises KeyError for none."""

    def __init__(self, file: Path, lookup: Callable[[str], Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self._file, self._lookup, self._functions = file, lookup, functions

    def value(self, node: Node, local: Mapping[str, Any]) -> Any:
        """The value of a node; `local` are the variables of the loops around it. Raises NotBicep."""
        known: Mapping[str, Callable[[Node, Mapping[str, Any]], Any]] = {
            "array": lambda node, local: [self.value(item, local) for item in _items(node)],
            "binary_expression": self._binary,
            "boolean": lambda node, _: text(node) == "true",
            "call_expression": self._call,
            "for_statement": lambda node, local: [self.value(body, names) for body, names in self.turns(node, local)],
            "identifier": self._named,
            "member_expression": self._member,
            "null": lambda *_: None,
            "number": lambda node, _: int(text(node)),
            "object": self._object,
            "parenthesized_expression": lambda node, local: self.value(node.named_children[0], local),
            "string": self._string,
            "subscript_expression": self._subscript,
            "ternary_expression": self._ternary,
            "unary_expression": self._unary,
        }
        if node.type not in known:
            raise NotBicep(self._file, node, f"{node.type} is not in the part of Bicep that the templates use")
        return known[node.type](node, local)

    def turns(self, loop: Node, local: Mapping[str, Any]) -> list[tuple[Node, Mapping[str, Any]]]:
        """The body of a loop with the variables of each turn."""
        names, over, body = loop.named_children
        variables = [text(each) for each in names.named_children] or [text(names)]
        items = self.value(over, local)
        return [
            (body, {**local, **dict(zip(variables, turn, strict=False))})
            for turn in ((x, i) for i, x in enumerate(items))
        ]

    def _object(self, node: Node, local: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for entry in _items(node):
            key, value = entry.named_children
            made[text(key) if key.type == "identifier" else self._string(key, local)] = self.value(value, local)
        return made

    def _string(self, node: Node, local: Mapping[str, Any]) -> str:
        parts = {
            "string_content": lambda part: text(part),
            "escape_sequence": lambda part: ESCAPES[text(part)],
            "interpolation": lambda part: self._shown(self.value(part.named_children[0], local)),
        }
        made = "".join(parts[part.type](part) for part in node.named_children)
        return made.removeprefix("\n") if text(node).startswith("'''") else made

    def _shown(self, value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _named(self, node: Node, local: Mapping[str, Any]) -> Any:
        name = text(node)
        if name in local:
            return local[name]
        try:
            return self._lookup(name)
        except KeyError:
            raise NotBicep(self._file, node, f"{name} is declared nowhere") from None

    def _member(self, node: Node, local: Mapping[str, Any]) -> Any:
        whole, name = self.value(node.named_children[0], local), text(node.named_children[1])
        return self._part(node, whole, name)

    def _subscript(self, node: Node, local: Mapping[str, Any]) -> Any:
        whole, key = (self.value(child, local) for child in node.named_children)
        return self._part(node, whole, key)

    def _part(self, node: Node, whole: Any, key: Any) -> Any:
        if isinstance(whole, str) and whole.startswith("<"):
            return f"{whole[:-1]}.{key}>"
        if hasattr(whole, "member"):
            return whole.member(key)
        try:
            return whole[key]
        except (KeyError, IndexError, TypeError):
            raise NotBicep(self._file, node, f"there is no {key}") from None

    def _binary(self, node: Node, local: Mapping[str, Any]) -> Any:
        left, right = node.named_children
        sign = text(node.children[1])
        if sign in ("&&", "||"):
            first = self.value(left, local)
            return first if first is (sign == "||") else self.value(right, local)
        if sign not in BINARY:
            raise NotBicep(self._file, node, f"{sign} is not in the part of Bicep that the templates use")
        return BINARY[sign](self.value(left, local), self.value(right, local))

    def _unary(self, node: Node, local: Mapping[str, Any]) -> Any:
        value = self.value(node.named_children[0], local)
        return not value if text(node).startswith("!") else -value

    def _ternary(self, node: Node, local: Mapping[str, Any]) -> Any:
        condition, then, otherwise = node.named_children
        return self.value(then if self.value(condition, local) else otherwise, local)

    def _call(self, node: Node, local: Mapping[str, Any]) -> Any:
        called, arguments = node.named_children
        function = self._functions.get(text(called))
        if function is None:
            raise NotBicep(self._file, node, f"the function {text(called)} is not known here")
        return function(*(self.value(argument, local) for argument in _items(arguments)))


def _items(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]
