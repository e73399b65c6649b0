"""The functions host runs a real app: Event Grid, HTTP, queues, timers, logs."""

import pytest
import requests
from azure.storage.queue import QueueClient

from tests.local.host_fixtures import Sample, event, unique, wait_until

pytest_plugins = ["tests.local.host_fixtures"]

HANDSHAKE = {"aeg-event-type": "SubscriptionValidation"}


def test_the_handshake_echoes_the_validation_code(sample: Sample) -> None:
    body = {**event("x"), "data": {"validationCode": "abc", "validationUrl": "https://eventgrid.azure.net/x"}}
    answer = sample.deliver(body, **HANDSHAKE)
    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "abc"})


def test_the_handshake_accepts_one_object_whose_data_is_encoded_twice(sample: Sample) -> None:
    answer = requests.post(
        sample.host.event_grid_url("on_event"),
        json={"data": '{"validationCode": "abc"}'},
        headers=HANDSHAKE,
        timeout=20,
    )
    assert answer.json() == {"validationResponse": "abc"}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("eventgrid.azure.us", "eventgrid.azure.us"), ("example.com", "eventgrid.azure.net")],
)
def test_the_cloud_events_handshake_allows_event_grid_only(sample: Sample, origin: str, allowed: str) -> None:
    url = sample.host.event_grid_url("on_cloud_event")
    answer = requests.options(url, headers={"Webhook-Request-Origin": origin}, timeout=20)
    assert (answer.status_code, answer.headers["Webhook-Allowed-Origin"]) == (200, allowed)


def test_an_event_runs_its_function_and_its_queue_output_runs_the_next(sample: Sample) -> None:
    subject = unique("registry")
    assert sample.deliver(event(subject)).status_code == 202
    assert sample.seen("on_event", subject=subject, kind="EventGridEvent", data={"status": "Succeeded"})
    [check] = wait_until(lambda: sample.seen("on_check", body=subject))
    assert check["count"] == 1
    assert check["inserted"].startswith("20")


def test_a_single_event_need_not_be_in_a_list(sample: Sample) -> None:
    subject = unique("lone")
    url = sample.host.event_grid_url("On_Event")  # names do not mind their case
    answer = requests.post(url, json=event(subject), headers={"aeg-event-type": "Notification"}, timeout=20)
    assert answer.status_code == 202
    assert sample.seen("on_event", subject=subject)


def test_a_batch_runs_the_function_once_for_each_event(sample: Sample) -> None:
    subjects = [unique("batch") for _ in range(10)]
    assert sample.deliver(*(event(subject) for subject in subjects)).status_code == 202
    assert all(len(sample.seen("on_event", subject=subject)) == 1 for subject in subjects)


def test_one_failing_event_fails_the_delivery_and_a_redelivery_runs_all_again(sample: Sample) -> None:
    good, bad = unique("good"), unique("broken")
    for _ in range(2):
        answer = sample.deliver(event(good), event(bad))
        assert (answer.status_code, answer.text) == (500, f"ValueError: cannot handle {bad}")
    assert len(sample.seen("on_event", subject=good)) == 2


def test_a_cloud_event_arrives_as_a_cloud_event(sample: Sample) -> None:
    subject = unique("cloud")
    body = {"specversion": "1.0", "id": "1", "type": "t", "source": "/s", "subject": subject, "data": {}}
    assert sample.deliver(body, function="on_cloud_event").status_code == 202
    assert sample.seen("on_cloud_event", subject=subject, kind="CloudEvent", source="/s")


@pytest.mark.parametrize(
    ("query", "event_type", "expected"),
    [
        ("functionName=on_event&code=wrong", "Notification", 401),
        ("functionName=nobody&code={key}", "Notification", 404),
        ("functionName=on_check&code={key}", "Notification", 404),
        ("functionName=on_event&code={key}", "Unsubscribe", 202),
        ("functionName=on_event&code={key}", "Other", 400),
        ("functionName=on_event&code={key}", "SubscriptionValidation", 400),
    ],
)
def test_the_webhook_refuses_what_it_should(sample: Sample, query: str, event_type: str, expected: int) -> None:
    path = "/RUNTIME/webhooks/eventgrid?" + query.format(key=sample.host.master_key)
    answer = requests.post(sample.host.url + path, data="[{}]", headers={"aeg-event-type": event_type}, timeout=20)
    assert answer.status_code == expected


@pytest.mark.parametrize(("path", "text"), [("/api/hello", "hello you "), ("/api/Hello/a%20b?from=c", "hello a b c")])
def test_an_anonymous_function_answers_without_a_key(sample: Sample, path: str, text: str) -> None:
    answer = sample.get(path)
    assert (answer.status_code, answer.text) == (200, text)


def test_a_function_gets_route_values_headers_and_body_and_sets_status_headers_and_cookies(sample: Sample) -> None:
    answer = sample.get("/api/items/7", sample.host.function_key, "POST", json={"colour": "red"})
    assert (answer.status_code, answer.json()) == (201, {"id": "7", "colour": "red"})
    assert answer.headers["X-Kind"] == "test"
    assert answer.headers["Set-Cookie"] == "seen=1; HttpOnly; Path=/api; SameSite=Lax"


@pytest.mark.parametrize(
    ("method", "path", "key", "expected"),
    [
        ("POST", "/api/items/7", "", 401),
        ("POST", "/api/items/7", "wrong", 401),
        ("POST", "/api/items/7", "master", 201),
        ("GET", "/api/items/7", "function", 404),  # as in Azure, a wrong method is not found
        ("POST", "/api/items/seven", "function", 404),
        ("POST", "/items/7", "function", 404),
        ("GET", "/api/items/latest", "function", 401),
        ("GET", "/api/items/latest", "master", 200),
        ("GET", "/api/crash", "", 500),
        ("GET", "/", "", 404),
    ],
)
def test_routes_and_keys_decide_who_gets_in(sample: Sample, method: str, path: str, key: str, expected: int) -> None:
    key = {"function": sample.host.function_key, "master": sample.host.master_key}.get(key, key)
    answer = sample.get(path, key, method, json={} if method == "POST" else None)
    assert answer.status_code == expected
    assert "inner secret" not in answer.text


def test_the_header_beats_the_code_in_the_address(sample: Sample) -> None:
    path = f"/api/items/7?code={sample.host.function_key}"
    assert sample.get(path, "wrong", "POST", json={}).status_code == 401


def test_a_message_that_keeps_failing_is_retried_and_then_poisoned(sample: Sample) -> None:
    body = unique("broken")
    sample.put(body)
    assert wait_until(lambda: sample.seen("on_poison", body=body))
    assert [seen["count"] for seen in sample.seen("on_check", body=body)] == [1, 2, 3]


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_unseen(sample: Sample) -> None:
    with QueueClient.from_connection_string(sample.connection, sample.queue) as client:
        client.send_message("{not base64}")
        assert wait_until(lambda: "stays hidden for now: it is not encoded" in sample.host.log_text())
    assert f"moves from {sample.queue} to {sample.queue}-poison: it is not encoded" in sample.host.log_text()


def test_the_admin_api_shows_the_state_and_runs_a_function_by_hand(sample: Sample) -> None:
    status = sample.get("/admin/host/status").json()
    assert status["state"] == "Running"
    assert "on_event" in status["functions"]
    body = unique("by-hand")
    started = sample.get("/admin/functions/on_check", sample.host.master_key, "POST", json={"input": body})
    assert started.status_code == 202
    assert wait_until(lambda: sample.seen("on_check", body=body))


@pytest.mark.parametrize(
    ("name", "key", "expected"), [("on_check", "", 401), ("nobody", "m", 404), ("hello", "m", 400)]
)
def test_the_admin_api_refuses_what_it_should(sample: Sample, name: str, key: str, expected: int) -> None:
    answer = sample.get(f"/admin/functions/{name}", sample.host.master_key if key else "", "POST", json={"input": ""})
    assert answer.status_code == expected


def test_a_timer_runs_on_startup_and_then_by_its_schedule(sample: Sample) -> None:
    assert wait_until(lambda: len(sample.seen("on_timer", past_due=False)) >= 2)


def test_log_lines_name_function_and_invocation_and_hide_keys(sample: Sample) -> None:
    body = unique("logged")
    sample.put(body)
    assert wait_until(lambda: sample.seen("on_check", body=body))
    [line] = wait_until(lambda: [line for line in sample.host.log_text().splitlines() if f"checking {body}" in line])
    assert " INFO    on_check[" in line
    assert "AccountKey=***;" in line
    assert sample.host.function_key not in sample.host.log_text()
