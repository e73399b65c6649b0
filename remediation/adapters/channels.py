"""The settings of chat channels: what is wrong with them, and the channels they make.

Slack is one channel, by a bot token or by a webhook: the same name in the policy's routes, whichever it is.
"""

import re
from collections.abc import Mapping
from typing import Final

import requests

from remediation.access import Access
from remediation.adapters import slack, slack_bot, teams
from remediation.adapters.webhook import check_url
from remediation.ports import Chat

TEAMS: Final = "HA_BOT_TEAMS_WEBHOOK_URL"
SLACK: Final = "HA_BOT_SLACK_WEBHOOK_URL"
SLACK_TOKEN: Final = "HA_BOT_SLACK_BOT_TOKEN"  # noqa: S105 - the name of a setting, not a token
SLACK_CHANNEL: Final = "HA_BOT_SLACK_CHANNEL"
SLACK_API: Final = "HA_BOT_SLACK_API_URL"
CHAT_HOSTS: Final = "HA_BOT_CHAT_HOSTS"

BOT_TOKEN: Final = re.compile(r"xoxb-[A-Za-z0-9-]{5,200}")
CHANNEL_ID: Final = re.compile(r"[CG][A-Z0-9]{6,20}")
NO_TOKEN: Final = "the Bot User OAuth Token of the Slack app (OAuth & Permissions), which begins with xoxb-"  # noqa: S105
NO_CHANNEL: Final = "the id of a channel such as C012AB3CD (at the end of the channel's details), not its name"
NOT_RESOLVED: Final = "its Key Vault reference is not resolved; let the app's identity read that secret"


def chats(settings: Mapping[str, str], access: Access) -> Mapping[str, Chat]:
    """The channels by name; the settings have no problems. Buttons are shown where clicks on them are taken."""
    session = requests.Session()
    found: dict[str, Chat] = {}
    if url := _value(settings, TEAMS):
        found["Teams"] = teams.Teams(session, url)
    if url := _value(settings, SLACK):
        found["Slack"] = slack.SlackWebhook(session, url)
    if token := _value(settings, SLACK_TOKEN):
        buttons = bool(access.slack_secret and access.slack_approvers)
        channel = _value(settings, SLACK_CHANNEL)
        found["Slack"] = slack_bot.SlackBot(session, _api(settings), token, channel, buttons)
    return found


def problems(settings: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each setting that is wrong, with the fix."""
    found = [
        (f"{TEAMS} or {SLACK}", _nothing(settings)),
        (TEAMS, _webhook(settings, TEAMS, teams.HOSTS)),
        (SLACK, _webhook(settings, SLACK, slack.HOSTS)),
        (SLACK, _both(settings)),
        (SLACK_TOKEN, _token(settings)),
        (SLACK_CHANNEL, _channel(settings)),
        (SLACK_API, _elsewhere(settings)),
    ]
    return [(setting, fix) for setting, fix in found if fix]


def _value(settings: Mapping[str, str], key: str) -> str:
    return settings.get(key, "").strip()  # a secret piped into a vault often ends with a line break


def _api(settings: Mapping[str, str]) -> str:
    return _value(settings, SLACK_API) or slack_bot.API


def _nothing(settings: Mapping[str, str]) -> str:
    if any(_value(settings, key) for key in (TEAMS, SLACK, SLACK_TOKEN, SLACK_CHANNEL)):
        return ""
    return f"is missing; set at least one webhook URL, or {SLACK_TOKEN}, or nobody hears of findings"


def _webhook(settings: Mapping[str, str], key: str, hosts: tuple[str, ...]) -> str:
    url = _value(settings, key)
    if url.startswith("@Microsoft.KeyVault"):
        return NOT_RESOLVED
    reason = check_url(url, _allowed(settings, hosts)) if url else ""
    return f"{reason}; copy the webhook's URL again, or add its host to {CHAT_HOSTS}" if reason else ""


def _allowed(settings: Mapping[str, str], hosts: tuple[str, ...]) -> tuple[str, ...]:
    return (*hosts, *(part.strip().lower() for part in settings.get(CHAT_HOSTS, "").split(",") if part.strip()))


def _both(settings: Mapping[str, str]) -> str:
    """Everything would be said twice in Slack, and a route of the policy could not tell the two apart."""
    if not (_value(settings, SLACK) and _value(settings, SLACK_TOKEN)):
        return ""
    return f"is set beside {SLACK_TOKEN}; remove one of them: the bot posts to Slack by a webhook or by a token"


def _token(settings: Mapping[str, str]) -> str:
    token = _value(settings, SLACK_TOKEN)
    if token.startswith("@Microsoft.KeyVault"):
        return NOT_RESOLVED
    if not token and _value(settings, SLACK_CHANNEL):
        return f"is missing, and {SLACK_CHANNEL} is set; set it to {NO_TOKEN}"
    return f"is no bot token; set it to {NO_TOKEN}" if token and not BOT_TOKEN.fullmatch(token) else ""


def _channel(settings: Mapping[str, str]) -> str:
    channel = _value(settings, SLACK_CHANNEL)
    if not channel and _value(settings, SLACK_TOKEN):
        return f"is missing, and {SLACK_TOKEN} is set; set it to {NO_CHANNEL}"
    return f"must be {NO_CHANNEL}" if channel and not CHANNEL_ID.fullmatch(channel) else ""


def _elsewhere(settings: Mapping[str, str]) -> str:
    reason = check_url(_api(settings), _allowed(settings, slack_bot.HOSTS))
    fix = f"leave it out, or set it to https://slack-gov.com/api/ for GovSlack; other hosts stand in {CHAT_HOSTS}"
    return f"{reason}; {fix}" if reason else ""
