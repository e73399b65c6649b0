"""The settings of chat channels: what is wrong with them names the setting and the fix, and never its value."""

from collections.abc import Mapping

import pytest

from remediation.access import Access
from remediation.adapters import channels
from remediation.adapters.channels import CHAT_HOSTS, SLACK, SLACK_API, SLACK_CHANNEL, SLACK_TOKEN, TEAMS, problems
from remediation.adapters.slack import SlackWebhook
from remediation.adapters.slack_bot import SlackBot
from remediation.cards import Button, Card, Tone
from remediation.ports import ChatRefused
from tests.remediation.scripted import Reply, ScriptedServer

SECRET = "secret-part-of-a-token"
TOKEN = "-".join(("xoxb", "1", SECRET))
WEBHOOK = f"https://hooks.slack.com/services/T0/B0/{SECRET}"
GOOD = {SLACK_TOKEN: TOKEN, SLACK_CHANNEL: "C012AB3CD"}
ACCESS = Access(slack_secret="s", slack_approvers=frozenset({"U012AB3CD"}))
CARD = Card(Tone.INFO, "LABEL", "Title", "Summary.", buttons=(Button("Approve", "approve", "token"),))

BAD: dict[str, tuple[Mapping[str, str], str, str]] = {
    "nothing at all": ({SLACK_TOKEN: "", SLACK_CHANNEL: " "}, f"{TEAMS} or {SLACK}", f"or {SLACK_TOKEN}, or nobody"),
    "no channel": ({SLACK_CHANNEL: ""}, SLACK_CHANNEL, f"is missing, and {SLACK_TOKEN} is set; set it to the id"),
    "a channel's name": ({SLACK_CHANNEL: "#ml-platform"}, SLACK_CHANNEL, "such as C012AB3CD (at the end of"),
    "a person": ({SLACK_CHANNEL: "D012AB3CD"}, SLACK_CHANNEL, "must be the id of a channel"),
    "a channel in lower case": ({SLACK_CHANNEL: "c012ab3cd"}, SLACK_CHANNEL, "must be the id of a channel"),
    "no token": ({SLACK_TOKEN: ""}, SLACK_TOKEN, f"is missing, and {SLACK_CHANNEL} is set; set it to the Bot User"),
    "a person's token": ({SLACK_TOKEN: TOKEN.replace("xoxb", "xoxp")}, SLACK_TOKEN, "which begins with xoxb-"),
    "a token with more": ({SLACK_TOKEN: f"{TOKEN} "}, "", ""),
    "a token with a blank in it": ({SLACK_TOKEN: TOKEN.replace("1", "1 ")}, SLACK_TOKEN, "is no bot token; set it"),
    "a webhook in its place": ({SLACK_TOKEN: WEBHOOK}, SLACK_TOKEN, "is no bot token"),
    "not resolved": (
        {SLACK_TOKEN: f"@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/{SECRET})"},
        SLACK_TOKEN,
        "let the app's identity read that secret",
    ),
    "a webhook as well": ({SLACK: WEBHOOK}, SLACK, f"is set beside {SLACK_TOKEN}; remove one of them"),
    "another host": ({SLACK_API: "https://slack.example/api/"}, SLACK_API, "for GovSlack"),
    "no TLS": ({SLACK_API: "http://slack.com/api/"}, SLACK_API, "does not begin with https"),
    "no URL": ({SLACK_API: f"{SECRET}"}, SLACK_API, "is not a URL"),
    "GovSlack": ({SLACK_API: "https://slack-gov.com/api/"}, "", ""),
    "this machine": ({SLACK_API: "http://127.0.0.1:8080/api/", CHAT_HOSTS: "127.0.0.1"}, "", ""),
}


@pytest.mark.parametrize(("settings", "setting", "fix"), BAD.values(), ids=BAD)
def test_a_bad_setting_is_one_line_that_names_it_and_the_fix(
    settings: Mapping[str, str], setting: str, fix: str
) -> None:
    found = problems({**GOOD, **settings})
    assert [name for name, _ in found] == [setting] * bool(setting)
    assert all(fix in text and SECRET not in text for _, text in found)


def test_slack_is_one_channel_whichever_way() -> None:
    """So a route of the policy goes on to mean it when a webhook gives way to a token."""
    assert isinstance(channels.chats(GOOD, Access())["Slack"], SlackBot)
    assert isinstance(channels.chats({SLACK: WEBHOOK}, Access())["Slack"], SlackWebhook)


@pytest.mark.parametrize(
    ("access", "buttons"),
    [
        (ACCESS, True),
        (Access(), False),
        (Access(slack_secret="s"), False),
        (Access(slack_approvers=ACCESS.slack_approvers), False),
    ],
)
def test_buttons_are_shown_where_somebody_may_press_them(access: Access, buttons: bool) -> None:
    with ScriptedServer(Reply(200, b'{"ok": true}')) as server:
        settings = GOOD | {SLACK_TOKEN: f" {TOKEN}\n", SLACK_API: f"{server.url}/api/"}
        channels.chats(settings, access)["Slack"].post(CARD)
    assert (b'"actions"' in server.asked[0].body) is buttons
    assert f"Bearer {TOKEN}" in server.asked[0].headers.values()


def test_a_message_of_a_webhook_cannot_be_updated() -> None:
    chat = channels.chats({SLACK: WEBHOOK}, Access())["Slack"]
    assert not chat.threads
    with pytest.raises(ChatRefused, match="cannot be updated"):
        chat.update("reference", CARD)
