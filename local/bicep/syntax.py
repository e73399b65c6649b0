"""The syntax of a Bicep file: its declarations, or the line that is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

LANGUAGE: Final = Language(tree_sitter_bicep.language())
IGNORED: Final = frozenset({"comment", "diagnostic_comment", "metadata_declaration"})


class NotBicep(ValueError):
    """A template that cannot be read; the message names the file, the line and what is wrong."""

    def __init__(self, file: Path, node: Node, what: str) -> None:
        super().__init__(f"{file.name}:{node.start_point.row + 1}: {what}")


@dataclass(frozen=True, slots=True)
class Declaration:
    """`param`, `var`, `resource`, `module`, `output` or `targetScope`, with the names of its decorators."""

    kind: str
    name: str
    node: Node
    decorators: frozenset[str] = frozenset()


def declarations(file: Path) -> list[Declaration]:
    """What a file declares, in its order. Raises NotBicep, FileNotFoundError."""
    root = Parser(LANGUAGE).parse(file.read_bytes()).root_node
    if root.has_error:
        wrong = next(_wrong(root))
        raise NotBicep(file, wrong, f"cannot be read from {text(wrong)[:40]!r} on")
    found, decorators = [], frozenset[str]()
    for node in root.named_children:
        if node.type in IGNORED:
            continue
        if node.type == "decorators":
            decorators = frozenset(text(_first(each, "identifier")) for each in node.named_children)
            continue
        found.append(_declaration(file, node, decorators))
        decorators = frozenset()
    return found


def text(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode()


def _declaration(file: Path, node: Node, decorators: frozenset[str]) -> Declaration:
    word = text(node).split(maxsplit=1)[0]
    if word == "targetScope":
        return Declaration(word, word, node)
    if word not in ("param", "var", "resource", "module", "output"):
        raise NotBicep(file, node, f"{word} is not in the part of Bicep that the templates use")
    return Declaration(word, text(node.named_children[0]), node, decorators)


def _first(node: Node, kind: str) -> Node:
    return next(each for each in _all(node) if each.type == kind)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _wrong(node: Node) -> Iterator[Node]:
    """The errors, innermost first."""
    for child in node.children:
        if child.has_error:
            yield from _wrong(child)
    if node.is_error or node.is_missing or node.has_error:
        yield node
