"""Access keys: which key opens what, as in Azure Functions."""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

KEYS_VARIABLE = "FUNCTIONS_HOST_KEYS"  # the environment variable in which a parent process hands them over


@dataclass(frozen=True, slots=True)
class Keys:
    """`function` opens HTTP functions, `event_grid` the Event Grid webhook, `master` everything."""

    master: str
    function: str
    event_grid: str

    def allow(self, auth_level: str, presented: str) -> bool:
        """Whether the key `presented` (empty: none) is enough for an HTTP function of this authLevel."""
        match auth_level.upper():
            case "ANONYMOUS":
                return True
            case "FUNCTION":
                return _same(presented, self.function) or _same(presented, self.master)
            case _:
                return _same(presented, self.master)

    def allow_event_grid(self, presented: str) -> bool:
        """Whether `presented` opens the Event Grid webhook."""
        return _same(presented, self.event_grid) or _same(presented, self.master)


def random_keys() -> Keys:
    """New keys that nobody can guess."""
    return Keys(*(secrets.token_urlsafe(32) for _ in range(3)))


def load_keys(path: Path) -> Keys:
    """The keys kept in `path`; random ones are made and kept, readable by the owner only, where there are none."""
    if path.is_file():
        return from_json(path.read_text())
    keys = random_keys()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(to_json(keys))
    return keys


def to_json(keys: Keys) -> str:
    """The form in which keys are kept and handed on."""
    return json.dumps(asdict(keys))


def from_json(text: str) -> Keys:
    """What `to_json` wrote."""
    return Keys(**json.loads(text))


def _same(presented: str, key: str) -> bool:
    return hmac.compare_digest(presented.encode(), key.encode())
