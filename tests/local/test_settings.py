"""The app's storage as commands reach it, and what they say when they cannot."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError

from local import settings
from local.azurite import Azurite
from local.settings import NotReady, bullets, services
from remediation import wiring
from remediation.cases import Entry
from tests.builders import NOON, REGISTRY_ID, SUBSCRIPTION

ROOT = Path(__file__).resolve().parents[2]
ENTRY = Entry(REGISTRY_ID, "container-registry/premium-sku", NOON, "closed", {"reason": "it was deleted"})
NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAAA;"
    "QueueEndpoint=http://127.0.0.1:1/devstoreaccount1;TableEndpoint=http://127.0.0.1:1/devstoreaccount1;"
)

type Write = Callable[..., Path]


@pytest.fixture(scope="module")
def connection() -> Iterator[str]:
    with Azurite() as azurite:
        yield azurite.connection_string


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file with settings; the environment has none."""
    for name in (wiring.SUBSCRIPTIONS, wiring.MODE, wiring.STORAGE):
        monkeypatch.delenv(name, raising=False)

    def written(**values: str) -> Path:
        file = tmp_path / "local.settings.json"
        file.write_text(json.dumps({"Values": {wiring.SUBSCRIPTIONS: SUBSCRIPTION, **values}}))
        return file

    return written


def missing(file: Path) -> str:
    """What a command says that cannot reach the app's storage."""
    with pytest.raises(NotReady) as not_ready, services(file) as app:
        app.store.journal()
    assert bullets(not_ready.value).startswith("  · ")
    return str(not_ready.value)


def test_the_store_is_the_apps_own_and_chats_need_not_be_set(write: Write, connection: str) -> None:
    with services(write(AzureWebJobsStorage=connection, HA_BOT_MODE="enforce")) as app:
        app.store.append(ENTRY)
        assert [*app.store.journal(REGISTRY_ID)] == [ENTRY]
        assert (app.chats, app.policy.mode) == ({}, "enforce")


def test_a_file_that_is_not_there_is_named(tmp_path: Path, write: Write) -> None:
    write()
    assert "copy local.settings.example.json to it" in missing(tmp_path / "none.json")


def test_all_that_is_wrong_with_the_settings_is_said(write: Write) -> None:
    said = missing(write(HA_BOT_MODE="full"))
    assert {line.split(":")[0] for line in said.splitlines()} == {"HA_BOT_MODE", "AzureWebJobsStorage"}


def test_the_development_storage_is_the_one_that_serve_runs(
    write: Write, connection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SERVED", tmp_path / "served-storage.txt")
    file = write(AzureWebJobsStorage="UseDevelopmentStorage=true")
    assert "`python -m local serve`, which does not run; start it" in missing(file)
    settings.SERVED.write_text(NOWHERE)
    assert "`python -m local serve`, which does not run; start it" in missing(file), "it ended without a word"
    settings.SERVED.write_text(connection)
    with services(file) as app:
        assert app.store.journal(f"{REGISTRY_ID}2") == []


def test_a_storage_account_that_does_not_answer_is_said_without_its_key(write: Write) -> None:
    said = missing(write(AzureWebJobsStorage=NOWHERE))
    assert said.startswith("AzureWebJobsStorage: the storage account does not answer (ServiceRequestError)")
    assert "AAAA" not in said


def test_a_key_that_is_refused_is_said_without_it(write: Write, connection: str) -> None:
    other = re.sub(r"AccountKey=[^;]*", "AccountKey=QUFBQQ==", connection)
    done = run("journal", "--settings", str(write(AzureWebJobsStorage=other)))
    assert (done.returncode, done.stdout) == (2, "")
    assert "refused (403); give the login the roles Storage Table Data Contributor" in done.stderr
    assert "QUFBQQ" not in done.stderr


REASONS = {
    "no login": (ClientAuthenticationError("no credential"), "there is none on this machine; run `az login`"),
    "no answer": (ServiceRequestError("no such host"), "does not answer (ServiceRequestError)"),
    "an answer that is no refusal": (HttpResponseError("busy"), "does not answer (HttpResponseError)"),
}


@pytest.mark.parametrize(("error", "says"), REASONS.values(), ids=REASONS)
def test_what_the_storage_answers_comes_with_the_fix(
    write: Write, connection: str, error: Exception, says: str
) -> None:
    with pytest.raises(NotReady) as not_ready, services(write(AzureWebJobsStorage=connection)):
        raise error
    assert says in str(not_ready.value)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


BY = ["--by", "Ann"]
RULE = "container-registry/premium-sku"
WRONG = {
    "a journal of no resource": (["journal", "--resource", "acr"], "journal: --resource: 'acr' is not the id"),
    "a journal of no rule": (["journal", "--rule", "acr"], "journal: --rule: no rule is called 'acr'"),
    "a journal since never": (["journal", "--since", "soon"], "journal: --since: 'soon' is no time"),
    "a journal without settings": (["journal", "--settings", "/no.json"], "Cannot read the journal:\n  · /no.json: no"),
    "an approval of no resource": (["approve", "acr", RULE, "d", *BY], "'acr' is not the id of a resource"),
    "an approval by nobody": (["approve", REGISTRY_ID, RULE, "d"], "required: --by"),
    "an approval by no name": (["approve", REGISTRY_ID, RULE, "d", "--by", " "], "a name has 1 to 100 characters"),
    "an approval by a hostile name": (
        ["approve", REGISTRY_ID, RULE, "d", "--by", "a\x1b[2J"],
        "characters on one line",
    ),
    "an approval of no plan": (["approve", REGISTRY_ID, RULE, *BY], "required: DIGEST"),
    "an approval without settings": (
        ["approve", REGISTRY_ID, RULE, "d", *BY, "--settings", "/no.json"],
        "Cannot reach the app's storage:\n  · /no.json: no such file",
    ),
    "an exemption without an end": (["exempt", REGISTRY_ID, RULE, *BY, "--reason", "x"], "needs --until DATE and"),
    "an exemption without a reason": (["exempt", REGISTRY_ID, RULE, *BY, "--until", "2027-01-31"], "--reason WHY"),
    "an exemption until no date": (
        ["exempt", REGISTRY_ID, RULE, *BY, "--until", "soon", "--reason", "x"],
        "'soon' is no date; write one such as 2027-01-31",
    ),
    "the end of an exemption with a reason": (
        ["exempt", REGISTRY_ID, RULE, *BY, "--end", "--reason", "x"],
        "--end needs neither --until nor --reason",
    ),
    "an undo without settings": (
        ["undo", REGISTRY_ID, RULE, *BY, "--settings", "/no.json"],
        "Cannot reach the app's storage:\n  · /no.json: no such file",
    ),
}


@pytest.mark.parametrize(("arguments", "says"), WRONG.values(), ids=WRONG)
def test_a_command_that_cannot_be_run_says_why_and_ends_with_2(arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["approve", "undo"])
def test_help_says_where_else_it_is_done_and_what_is_recorded(command: str) -> None:
    said = " ".join(run(command, "--help").stdout.split())
    assert "page that the message links to does the same" in said
    assert "--by is recorded with the login of this machine's user" in said
    assert "the app's own storage" in said
