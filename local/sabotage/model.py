"""A guard of the app, and how it is taken away."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """What is promised, the lines of `file` that see to it (`old`, there exactly once), what stands there without it
    (`new`), and the tests of which one falls then."""

    promise: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
