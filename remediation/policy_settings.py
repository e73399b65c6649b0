"""The policy that the settings name: a file, the mode and the rules that are off."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from remediation.policy import Mode, Policy
from remediation.policy_file import LARGEST, parse

POLICY: Final = "HA_BOT_POLICY"
MODE: Final = "HA_BOT_MODE"
RULES_OFF: Final = "HA_BOT_RULES_OFF"
APP: Final = Path(__file__).resolve().parents[1]
DEFAULT: Final = "policy.yaml"
"""The file where no other is set. It need not be there."""


def policy(settings: Mapping[str, str], subscriptions: frozenset[str]) -> Policy:
    """What the settings and the file allow in these onboarded subscriptions. Only for settings without problems."""
    found = _in_file(settings, subscriptions)
    base = found if isinstance(found, Policy) else Policy(subscriptions)
    return replace(base, mode=Mode(mode(settings)) if mode(settings) else base.mode, off=off(settings))


def problems(settings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What is wrong with the policy file: the setting or the line of the file, each with the fix."""
    found = _in_file(settings, frozenset())
    return () if isinstance(found, Policy) else found


def mode(settings: Mapping[str, str]) -> str:
    """The mode that is set: an emergency brake without a deployment. Empty where the file decides."""
    return settings.get(MODE, "").strip().lower()


def off(settings: Mapping[str, str]) -> frozenset[str]:
    """The rules that are off, whatever the file says."""
    return frozenset(part.strip().lower() for part in settings.get(RULES_OFF, "").split(",") if part.strip())


def _in_file(settings: Mapping[str, str], subscriptions: frozenset[str]) -> Policy | tuple[tuple[str, str], ...]:
    named = settings.get(POLICY, "").strip()
    try:
        with (APP / (named or DEFAULT)).open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        if not named:
            return Policy(subscriptions)
        return ((POLICY, f"names a file that is not there; give its path, or leave it out for {DEFAULT}"),)
    except (OSError, ValueError) as error:
        return ((POLICY, f"its file cannot be read ({type(error).__name__}); let the app read it"),)
    found = parse(data, Path(named or DEFAULT).name, subscriptions)
    return found if isinstance(found, Policy) else tuple((f"{each.source}:{each.line}", each.fix) for each in found)
