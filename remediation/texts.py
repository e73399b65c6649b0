"""Texts that others have chosen, made such that everything can hold them. Pure."""

from typing import Final

LONGEST_NAME: Final = 200


def sound(text: str, longest: int = LONGEST_NAME) -> str:
    """A text in one line, not too long, and without halves of characters, which no UTF-8 can hold."""
    return " ".join(text.encode(errors="replace").decode().split())[:longest]
