"""`scan`: a scan from a laptop, against the simulated Azure, with nothing deployed."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ManagedIdentityCredential

from local import scan, scan_shown
from local.__main__ import main
from local.azure import AzureServer, SimulatedAzure
from local.estate import fill
from remediation import wiring
from remediation.results import Result
from rules.model import Severity, Status
from tests.builders import GROUP, OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION, ml_workspace, registry, storage_account

HERE = ("--subscription", SUBSCRIPTION)


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAzure]:
    with AzureServer(SimulatedAzure()) as server:
        for name, value in {**server.identity_environment, wiring.ARM_ENDPOINT: server.url}.items():
            monkeypatch.setenv(name, value)
        server.azure.seed(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-any", {"location": "westeurope"})
        yield server.azure


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, which take no time."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


def seed(azure: SimulatedAzure, *bodies: dict[str, object]) -> None:
    for body in bodies:
        azure.seed(str(body["id"]), body)


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    assert main(["scan", *HERE, "--format", "json", *arguments]) == 0
    results: list[dict[str, str]] = json.loads(capsys.readouterr().out)["results"]
    return results


def test_what_fails_is_shown_the_worst_first(azure: SimulatedAzure, capsys: pytest.CaptureFixture[str]) -> None:
    fill(azure, 60)
    assert main(["scan", *HERE]) == 0
    shown = capsys.readouterr().out
    severities = [line.split()[0] for line in shown.splitlines() if line.split()[:1] and line.split()[0] in Severity]
    assert severities == sorted(severities, key=[*map(str, Severity)].index)
    assert {"HIGH", "LOW"} < {*severities}
    assert "60 resources judged" in shown


def test_roles_are_learned_from_azure(azure: SimulatedAzure, capsys: pytest.CaptureFixture[str]) -> None:
    seed(azure, storage_account(), ml_workspace())
    azure.seed(f"{GROUP}/providers/Microsoft.Insights/components/appi", {"location": "westeurope"})
    (result,) = found(capsys, "--rules", "storage/zone-redundant")
    assert result["status"] == "FAIL"


def test_computes_are_judged_with_their_workspace(azure: SimulatedAzure, capsys: pytest.CaptureFixture[str]) -> None:
    seed(azure, ml_workspace())
    compute = f"{ml_workspace()['id']}/computes/cpu"
    azure.seed(compute, {"location": "westeurope", "properties": {"computeType": "AmlCompute"}})
    assert {result["resource_id"] for result in found(capsys, "--rules", "compute/*")} == {compute}


def test_a_group_and_rules_may_be_named(azure: SimulatedAzure, capsys: pytest.CaptureFixture[str]) -> None:
    seed(azure, registry(), registry(id=REGISTRY_ID.replace("rg-ml", "rg-else")))
    results = found(capsys, "--group", "RG-ML", "--rules", "container-registry/premium-sku")
    assert [(result["resource_id"], result["rule"]) for result in results] == [
        (REGISTRY_ID, "container-registry/premium-sku")
    ]


def test_several_subscriptions_are_scanned_at_once(azure: SimulatedAzure, capsys: pytest.CaptureFixture[str]) -> None:
    fill(azure, 40, (SUBSCRIPTION, OTHER_SUBSCRIPTION))
    assert main(["scan", *HERE, OTHER_SUBSCRIPTION]) == 0
    assert "40 resources judged" in capsys.readouterr().out


@pytest.mark.parametrize(("severity", "status"), [("HIGH", 1), ("MEDIUM", 1), (None, 0)])
def test_a_pipeline_may_fail_on_what_is_found(azure: SimulatedAzure, severity: str | None, status: int) -> None:
    seed(azure, registry())
    more = ["--fail-on", severity] if severity else []
    assert main(["scan", *HERE, "--rules", "container-registry/premium-sku", *more]) == status


def test_a_pipeline_passes_what_is_less_grave(azure: SimulatedAzure) -> None:
    seed(azure, registry("Premium"))
    assert main(["scan", *HERE, "--rules", "container-registry/premium-sku", "--fail-on", "LOW"]) == 0


def test_what_was_found_may_go_to_a_file(
    azure: SimulatedAzure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed(azure, registry())
    output = tmp_path / "found.json"
    assert main(["scan", *HERE, "--format", "json", "--output", str(output)]) == 0
    assert json.loads(output.read_text())["counts"]["resources"] == 1
    assert "1 resources judged" in capsys.readouterr().err
    assert main(["scan", *HERE, "--output", str(tmp_path)]) == 2
    assert "name another file" in capsys.readouterr().err


def test_azure_is_asked_again_when_it_is_busy(azure: SimulatedAzure, impatient: list[float]) -> None:
    seed(azure, registry("Premium"))
    azure.fault(path="ResourceGraph", status=429, retry_after=7)
    azure.fault(path="replications", status=503)
    assert main(["scan", *HERE]) == 0
    assert impatient == [7.0, scan.WAIT]


def test_an_azure_that_stays_busy_is_told(
    azure: SimulatedAzure, impatient: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    azure.fault(path="ResourceGraph", status=503, times=None)
    assert main(["scan", *HERE]) == 2
    assert len(impatient) == scan.MOST_TRIES
    assert "Azure answered 503" in capsys.readouterr().err


def test_large_answers_are_asked_for_in_smaller_pages(
    azure: SimulatedAzure, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "MOST_ROWS", 8)
    for number in range(9):
        seed(azure, registry(id=f"{REGISTRY_ID}{number}"))
    azure.graph.most_bytes = 1500
    assert len({result["resource_id"] for result in found(capsys)}) == 9
    azure.graph.most_bytes = 1
    assert main(["scan", *HERE]) == 2
    assert "exceeded the limit" in capsys.readouterr().err


NOT_READY: dict[str, tuple[list[str], str]] = {
    "no such rule": (["--rules", "storage/zone-redundnt"], "did you mean storage/zone-redundant?"),
    "no group": (["--group", "a/b"], "--group takes a name"),
    "no Reader": ([OTHER_SUBSCRIPTION], f"{OTHER_SUBSCRIPTION} cannot be read"),
    "no subscription": (["prod"], "az account list shows them"),
}


@pytest.mark.parametrize(("more", "said"), NOT_READY.values(), ids=NOT_READY)
def test_what_is_missing_is_told_with_its_fix(
    azure: SimulatedAzure, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    azure.fault(path=f"/subscriptions/{OTHER_SUBSCRIPTION}$", status=403, times=None)
    assert main(["scan", *HERE, *more]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("azure")
def test_without_a_login_it_says_how_to_log_in(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ClientAuthenticationError("no credential")

    monkeypatch.setattr(ManagedIdentityCredential, "get_token", refuse)
    assert main(["scan", *HERE]) == 2
    assert "run `az login`" in capsys.readouterr().err


@pytest.mark.usefixtures("azure")
def test_a_policy_with_a_problem_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mode: some\n", encoding="utf-8")
    monkeypatch.setenv(wiring.POLICY, str(file))
    assert main(["scan", *HERE]) == 2
    assert "mine.yaml:1" in capsys.readouterr().err


def result(name: str = "crml", because: str = "it is so") -> Result:
    identity = REGISTRY_ID.replace("crml", name)
    return Result(identity, "t/a", "westeurope", "a/b", "A", Severity.HIGH, Status.FAIL, because)


def test_no_name_speaks_to_the_terminal() -> None:
    output = io.StringIO()
    scan_shown.as_table([result("[red]x\x1b[31m", "[bold]y\x1b]0;z\x07")], {}, output)
    assert "\x1b" not in output.getvalue()
    assert "[red]x" in output.getvalue()


def test_of_very_many_findings_the_first_are_shown() -> None:
    output = io.StringIO()
    counts = {"resources": 1, Status.UNKNOWN: 2, "unread": 3}
    scan_shown.as_table([result()] * (scan_shown.MOST_SHOWN + 5), counts, output)
    shown = output.getvalue()
    assert "and 5 more" in shown
    assert "UNKNOWN: 2 times" in shown
    assert "Not read: 3 parts" in shown


def test_nothing_found_is_said() -> None:
    output = io.StringIO()
    scan_shown.as_table([], {}, output)
    assert output.getvalue().startswith("0 resources judged")
