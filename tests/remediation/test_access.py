"""The settings of approvals: what they make, what is wrong with them, and what is missing."""

from collections.abc import Mapping

import pytest

from remediation import access_settings, wiring
from remediation.access import Access
from remediation.access_settings import (
    EASY_AUTH,
    PLATFORM_AUTH,
    PUBLIC_URL,
    SIGNING_KEY,
    SLACK_APPROVERS,
    SLACK_SIGNING,
)
from tests.builders import NOON
from tests.remediation.approving import KEY, SETTINGS, SLACK_KEY, SLACK_USER, URL


def access(settings: Mapping[str, str]) -> Access:
    return access_settings.access(settings, lambda: NOON)


def test_nothing_set_lets_nobody_in_and_is_no_problem() -> None:
    found = access({})
    assert (found.tokens, found.public_url, found.easy_auth, found.role) == (None, "", False, "approver")
    assert (found.slack_secret, found.slack_approvers) == ("", frozenset())
    assert access_settings.problems({}) == []
    assert [line.split()[0] for line in access_settings.missing(found)] == [SIGNING_KEY, PUBLIC_URL, "App"]


def test_all_set_is_good() -> None:
    found = access(SETTINGS)
    assert (found.public_url, found.easy_auth, found.slack_approvers) == (URL, True, frozenset({SLACK_USER}))
    assert access_settings.missing(found) == []
    assert access_settings.problems(SETTINGS) == []


def test_secrets_stay_out_of_what_is_printed() -> None:
    assert KEY not in repr(access(SETTINGS))
    assert SLACK_KEY not in repr(access(SETTINGS))


def test_what_people_and_vaults_add_is_taken_away() -> None:
    found = access(
        {
            PUBLIC_URL: f" {URL}/ ",
            SLACK_SIGNING: f"{SLACK_KEY}\n",
            SLACK_APPROVERS: f" {SLACK_USER} ,, W012345 ",
            access_settings.APPROVER_ROLE: " HA.Approver ",
        }
    )
    assert (found.public_url, found.slack_secret, found.role) == (URL, SLACK_KEY, "HA.Approver")
    assert found.slack_approvers == {SLACK_USER, "W012345"}


AUTHENTICATED = {
    "by the setting": ({EASY_AUTH: "True"}, True),
    "by the platform": ({PLATFORM_AUTH: "True"}, True),
    "switched off by the setting": ({PLATFORM_AUTH: "True", EASY_AUTH: "false"}, False),
    "off at the platform": ({PLATFORM_AUTH: "False"}, False),
    "something else": ({EASY_AUTH: "1"}, False),
    "nothing": ({}, False),
}


@pytest.mark.parametrize(("settings", "wanted"), AUTHENTICATED.values(), ids=AUTHENTICATED)
def test_the_platform_signs_people_in(settings: Mapping[str, str], wanted: bool) -> None:
    assert access(settings).easy_auth is wanted


WRONG = {
    "a short key": (SIGNING_KEY, "k" * 31, "at least 32 characters"),
    "a key that is not resolved": (
        SIGNING_KEY,
        "@Microsoft.KeyVault(SecretUri=https://vault.example/x)",
        "not resolved",
    ),
    "a Slack secret that is not resolved": (SLACK_SIGNING, "@Microsoft.KeyVault(SecretUri=x)", "not resolved"),
    "no https": (PUBLIC_URL, "http://bot.example", "must be an https URL"),
    "a path": (PUBLIC_URL, "https://bot.example/app", "must be an https URL"),
    "a user": (PUBLIC_URL, "https://bot@bot.example", "must be an https URL"),
    "no host": (PUBLIC_URL, "https://:443", "must be an https URL"),
    "a port that is none": (PUBLIC_URL, "https://bot.example:x", "must be an https URL"),
    "a word for true": (EASY_AUTH, "yes", "must be true or false"),
    "a name in place of an id": (SLACK_APPROVERS, f"{SLACK_USER},@ann", "ids of Slack users"),
}


@pytest.mark.parametrize(("setting", "value", "fix"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_a_problem_that_names_the_fix(setting: str, value: str, fix: str) -> None:
    ((named, said),) = access_settings.problems(SETTINGS | {setting: value})
    assert (named, fix in said, value in said) == (setting, True, False)
    found = wiring.problems(SETTINGS | {setting: value})
    assert [problem.fix for problem in found if problem.setting == setting] == [said], "the app does not start with it"
    assert setting not in {each.setting for each in wiring.problems(SETTINGS | {setting: value}, chats=False)}


@pytest.mark.parametrize("url", ["http://127.0.0.1:7071", "http://localhost:7071", "https://bot.example:8443"])
def test_this_machine_needs_no_https(url: str) -> None:
    assert access_settings.problems({PUBLIC_URL: url}) == []
