"""What the hub is told by its settings and keeps in its vault: all that the app needs, and no secret anywhere else."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from local.bicep.syntax import declarations
from remediation import access_settings, policy_settings, wiring
from remediation.adapters import channels
from tests.infra.deployments import HUBS, INFRA, SECRET, TOKEN, made, of_type


def settings(way: str) -> Mapping[str, str]:
    found: Mapping[str, str] = next(each for each in made(way) if each.symbol == "settings").body["properties"]
    return found


def test_the_app_has_every_setting() -> None:
    """But the audience, which follows from the end point, Slack's API, which is another one for GovSlack, the role,
    which `app-roles.json` names, and that people are signed in: the platform says so itself, and a setting would go on
    saying it when that is switched off.
    """
    modules = (wiring, channels, access_settings, policy_settings)
    names = {value for module in modules for value in vars(module).values() if isinstance(value, str)}
    left_out = {wiring.ARM_AUDIENCE, channels.SLACK_API, access_settings.APPROVER_ROLE, access_settings.EASY_AUTH}
    known = {name for name in names if re.fullmatch("HA_BOT_[A-Z_]+", name)}
    given = settings("hub with everything").keys() | settings("hub with a Slack app").keys()
    assert {name for name in given if name.startswith("HA_BOT_")} == known - left_out


@pytest.mark.parametrize("way", HUBS)
def test_the_app_starts_with_its_settings_once_the_vault_has_answered(way: str) -> None:
    answered = {
        name: SECRET if value.startswith("@Microsoft.KeyVault(SecretUri=") else value
        for name, value in settings(way).items()
    }
    assert [str(problem) for problem in wiring.problems(answered | in_their_form(answered))] == []
    assert wiring.STORAGE not in answered


def in_their_form(answered: Mapping[str, str]) -> dict[str, str]:
    url = "https://x.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/w?sig=secret"
    known = {wiring.TEAMS: url, channels.SLACK_TOKEN: TOKEN}
    return {name: value for name, value in known.items() if name in answered}


CHATS = {
    "hub": {channels.TEAMS},
    "hub without zones": {channels.SLACK},
    "hub with a Slack app": {channels.TEAMS, channels.SLACK_TOKEN, channels.SLACK_CHANNEL},
}


@pytest.mark.parametrize(("way", "wanted"), CHATS.items(), ids=CHATS)
def test_only_the_channel_that_is_wanted_is_set(way: str, wanted: set[str]) -> None:
    every = {channels.TEAMS, channels.SLACK, channels.SLACK_TOKEN, channels.SLACK_CHANNEL}
    assert every & settings(way).keys() == wanted


@pytest.mark.parametrize("way", ["hub", "hub without zones"])
def test_what_is_not_given_is_left_in_the_vault_as_it_is(way: str) -> None:
    assert of_type(way, "Microsoft.KeyVault/vaults/secrets") == []


@pytest.mark.parametrize(("way", "secret"), [("hub with everything", SECRET), ("hub with a Slack app", TOKEN)])
def test_a_secret_is_nowhere_but_in_the_vault(way: str, secret: str) -> None:
    holders = {each.type for each in made(way) if secret in json.dumps(each.body)}
    assert holders == {"Microsoft.KeyVault/vaults/secrets"}


SECRETS = "Webhook|SigningKey|Secret|BotToken"


def test_secrets_are_secure_parameters_and_no_output_names_one() -> None:
    for file in INFRA.rglob("*.bicep"):
        found = declarations(file)
        secure = {each.name for each in found if each.kind == "param" and "secure" in each.decorators}
        assert {each.name for each in found if each.kind == "param" and re.search(SECRETS, each.name)} == secure
        outputs = [(each.node.text or b"").decode() for each in found if each.kind == "output"]
        assert [text for text in outputs for name in secure if name in text] == []


@pytest.mark.parametrize("way", HUBS)
def test_the_apps_storage_is_reached_by_identity_only(way: str) -> None:
    account = of_type(way, "Microsoft.Storage/storageAccounts")[0].body["properties"]
    assert (account["allowSharedKeyAccess"], account["allowBlobPublicAccess"]) == (False, False)
    assert wiring.STORAGE not in settings(way)
    assert not any("AccountKey" in value for value in settings(way).values())


def test_people_sign_in_without_a_secret_and_headers_are_checked_by_the_platform() -> None:
    signed = next(each for each in made("hub with everything") if each.symbol == "signIn").body["properties"]
    assert signed["platform"]["enabled"] is True
    directory = signed["identityProviders"]["azureActiveDirectory"]["registration"]
    assert directory["clientSecretSettingName"] in settings("hub with everything")
    assert [each.symbol for each in made("hub") if each.symbol == "signIn"] == []


def now() -> datetime:
    return datetime.now(UTC)


def test_where_people_sign_in_nothing_is_missing_for_approvals_once_the_platform_says_so() -> None:
    answered = {
        name: SECRET if value.startswith("@Microsoft.KeyVault(SecretUri=") else value
        for name, value in settings("hub with everything").items()
    }
    assert access_settings.missing(access_settings.access(answered, now)) == [access_settings.NO_EASY_AUTH]
    told = access_settings.access(answered | {access_settings.PLATFORM_AUTH: "True"}, now)
    assert access_settings.missing(told) == []
    assert told.slack_approvers == {"U012AB3CD"}


def test_where_nobody_signs_in_the_app_needs_no_key() -> None:
    wanted = {access_settings.SIGNING_KEY, access_settings.PUBLIC_URL, access_settings.SLACK_SIGNING}
    assert wanted & settings("hub").keys() == set()


@pytest.mark.parametrize("way", ["hub with everything", "hub with a Slack app"])
def test_what_a_setting_takes_from_the_vault_is_put_there(way: str) -> None:
    references = [value for value in settings(way).values() if "secrets/" in value]
    secrets = [each.id.rpartition("/")[2] for each in of_type(way, "Microsoft.KeyVault/vaults/secrets")]
    assert sorted(value.rpartition("secrets/")[2].rstrip(")") for value in references) == sorted(secrets)
