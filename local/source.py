"""Additions to Python source by its syntax tree: an import, a definition before another, one more item of a tuple."""

import ast
from collections.abc import Iterable, Sequence


class CannotAdd(ValueError):
    """The source is not of the form that can be added to; the message says what is expected of it."""


def names_in(text: str) -> frozenset[str]:
    """What the module defines or imports at its top level."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.update(alias.asname or alias.name for alias in aliases)
            case _:
                found.update(_assigned(node))
    return frozenset(found)


def add_imports(text: str, imports: Iterable[str]) -> str:
    """With these import statements before the first; ruff merges and sorts them."""
    body = ast.parse(text).body
    first = next((node for node in body if isinstance(node, ast.Import | ast.ImportFrom)), None)
    lines = text.splitlines(keepends=True)
    place = first.lineno - 1 if first else len(lines) and (body[0].end_lineno or 0)
    return "".join((*lines[:place], *(f"{each}\n" for each in imports), *lines[place:]))


def add_before(text: str, name: str, block: str) -> str:
    """With a block of definitions before the assignment to a name."""
    lines = text.splitlines(keepends=True)
    place = _assignment(text, name).lineno - 1
    return "".join((*lines[:place], f"{block}\n\n", *lines[place:]))


def add_to_tuple(text: str, name: str, items: Sequence[str]) -> str:
    """With more items at the end of the tuple that a name is assigned, or that its comprehension goes through."""
    node = _tuple(text, name)
    start, end = _span(text, node)
    data = text.encode()
    last = _span(text, node.elts[-1])[1] if node.elts else start + 1
    rest = data[last : end - 1].decode()
    if b"\n" in data[start:end] or "\n" in "".join(items):
        comma = "," if node.elts and not rest.lstrip().startswith(",") else ""
        added = f"{comma}{rest.rstrip()}\n" + "".join(f"    {item},\n" for item in items)
    else:
        added = f"{', ' if node.elts else ''}{', '.join(items)}{'' if node.elts else ','}"
    return (data[:last] + added.encode() + data[end - 1 :]).decode()


def _assigned(node: ast.stmt) -> tuple[str, ...]:
    match node:
        case ast.Assign(targets=targets):
            return tuple(target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            return (name,)
        case _:
            return ()


def _assignment(text: str, name: str) -> ast.Assign | ast.AnnAssign:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in _assigned(node):
            return node
    raise CannotAdd(f"there is no {name}")


def _tuple(text: str, name: str) -> ast.Tuple:
    value: ast.expr | None = _assignment(text, name).value
    if isinstance(value, ast.DictComp):
        value = value.generators[0].iter
    if isinstance(value, ast.Tuple):
        return value
    raise CannotAdd(f"{name} is no tuple written out")


def _span(text: str, node: ast.expr) -> tuple[int, int]:
    """The first byte of a node and the byte after it."""
    lines = text.encode().splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    return starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
