"""`python -m local sabotage`: every guard of the app taken away, one at a time, and whether a test falls.

What is removed stands as data: a few lines of a file, what takes their place, and the tests of which one has to fall.
"""

from typing import Final

from local.sabotage import acting, approving, deciding, outside, scanning, telling
from local.sabotage.model import Guard

CHAPTERS: Final = {
    "What is decided": deciding.GUARDS,
    "What is done": acting.GUARDS,
    "What people decide": approving.GUARDS,
    "What people are told": telling.GUARDS,
    "What a scan leads to": scanning.GUARDS,
    "What comes from outside": outside.GUARDS,
}
GUARDS: Final[tuple[Guard, ...]] = tuple(guard for chapter in CHAPTERS.values() for guard in chapter)
