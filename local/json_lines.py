"""JSON Lines as people bring them: blank lines are passed over, one JSON document over several lines is recognised."""

import json
from collections.abc import Iterable, Iterator


class NotJsonLines(ValueError):
    """The input is one JSON document; `fix` is the jq filter that makes lines of it."""

    def __init__(self, kind: str, fix: str) -> None:
        super().__init__(f"this is {kind}; it must be JSON Lines, one resource a line")
        self.fix = fix


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers. Raises NotJsonLines before the first where there are none."""
    filled = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    for first in filled:
        ahead = [first] if _is_record(first[1]) else [first, *_next(filled)]
        _refuse_document([line for _, line in ahead])
        yield from ahead
        break
    yield from filled


def _next(filled: Iterator[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    return [line for line in (next(filled, None),) if line]


def _refuse_document(beginning: list[bytes]) -> None:
    """Look at the first line, and at the second where there is one. Raises NotJsonLines."""
    first, *rest = beginning
    start = first.lstrip()[:1]
    if start == b"[" and (_is_unfinished(first) if rest else _is_list(first)):
        raise NotJsonLines("one JSON array", "'.[]'")
    if start == b"{" and rest and _is_unfinished(first) and not _is_record(rest[0]):
        raise NotJsonLines("one JSON object over several lines", ".")


def _is_record(line: bytes) -> bool:
    return isinstance(_parsed(line), dict)


def _is_list(line: bytes) -> bool:
    return isinstance(_parsed(line), list)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _is_unfinished(line: bytes) -> bool:
    """Whether the line is the beginning of JSON: what is wrong with it is its end."""
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return error.pos >= len(error.doc.rstrip())
    except (ValueError, RecursionError):
        return False
    return False
