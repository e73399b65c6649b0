"""Every trigger and nothing else: parse, call, answer. The work is in `remediation`, the knowledge in `rules`."""

import json
import os
from functools import cache
from typing import Any

import azure.functions as func

from remediation import (
    approval_page,
    dead_letters,
    decisions,
    digest,
    health,
    intake,
    journal,
    outbox,
    pipeline,
    poison,
    reminders,
    scan,
    scan_end,
    scan_request,
    scan_start,
    scan_views,
    slack_requests,
    sweep,
    telemetry,
    watch,
    wiring,
)
from remediation.checks import CheckRequest
from remediation.pages import headers
from remediation.ports import Services
from remediation.scans import Scan, ScanState, Step

STORAGE = wiring.STORAGE

wiring.check(os.environ)  # an app that cannot work must not look as if it did: it does not start
telemetry.install()
app = func.FunctionApp()


@cache
def services() -> Services:
    """Built at the first call of a process and kept: clients, connections and tokens are shared."""
    return wiring.build(os.environ)


@cache
def watcher() -> health.Watcher:
    """Keeps its last answer for a moment."""
    return health.Watcher(services())


@app.function_name("on_resource_event")
@app.event_grid_trigger(arg_name="event")
def on_resource_event(event: func.EventGridEvent) -> None:
    """Event Grid delivers one event, in either schema."""
    _accept(_plain(event))


@app.function_name("on_queued_event")
@app.queue_trigger(arg_name="message", queue_name="events", connection=STORAGE)
def on_queued_event(message: func.QueueMessage) -> None:
    """Event Grid delivered to a storage queue: the same intake."""
    _accept(message.get_body())


@app.function_name("check_resource")
@app.queue_trigger(arg_name="message", queue_name="checks", connection=STORAGE)
def check_resource(message: func.QueueMessage) -> None:
    """Look at one resource as it is now."""
    request = CheckRequest.of(json.loads(message.get_body()), message.id or "")
    if request is None:
        raise ValueError("a message of the queue checks names no resource")
    pipeline.check(services(), request)


@app.function_name("deliver")
@app.queue_trigger(arg_name="message", queue_name="notices", connection=STORAGE)
def deliver(message: func.QueueMessage) -> None:
    """Post one message to people."""
    outbox.deliver(services(), json.loads(message.get_body()), message.id or "")


@app.function_name("decide")
@app.queue_trigger(arg_name="message", queue_name="decisions", connection=STORAGE)
def decide(message: func.QueueMessage) -> None:
    """Take a decision that a button has made."""
    decisions.decide(services(), json.loads(message.get_body()), message.id or "")


@app.function_name("events_poison")
@app.queue_trigger(arg_name="message", queue_name="events-poison", connection=STORAGE)
def events_poison(message: func.QueueMessage) -> None:
    """An event could not be taken in."""
    poison.unprocessed(services(), "events", _text(message))


@app.function_name("checks_poison")
@app.queue_trigger(arg_name="message", queue_name="checks-poison", connection=STORAGE)
def checks_poison(message: func.QueueMessage) -> None:
    """A resource could not be checked."""
    poison.unprocessed(services(), "checks", _text(message))


@app.function_name("notices_poison")
@app.queue_trigger(arg_name="message", queue_name="notices-poison", connection=STORAGE)
def notices_poison(message: func.QueueMessage) -> None:
    """A message could not be posted."""
    poison.unprocessed(services(), "notices", _text(message))


@app.function_name("decisions_poison")
@app.queue_trigger(arg_name="message", queue_name="decisions-poison", connection=STORAGE)
def decisions_poison(message: func.QueueMessage) -> None:
    """A decision could not be taken."""
    poison.unprocessed(services(), "decisions", _text(message))


@app.function_name("scan_step")
@app.queue_trigger(arg_name="message", queue_name="scans", connection=STORAGE)
def scan_step(message: func.QueueMessage) -> None:
    """Do one step of a scan."""
    step = Step.of(json.loads(message.get_body()))
    if step is None:
        raise ValueError("a message of the queue scans names no step of a scan")
    scan.work(services(), step)


@app.function_name("scans_poison")
@app.queue_trigger(arg_name="message", queue_name="scans-poison", connection=STORAGE)
def scans_poison(message: func.QueueMessage) -> None:
    """A step of a scan could not be done."""
    scan_end.unprocessed(services(), _text(message))


@app.function_name("sweep")
@app.timer_trigger(arg_name="timer", schedule="0 30 2 * * *")
def sweep_at_night(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the trigger names it
    """Every night: find what events missed, close what healed."""
    sweep.sweep(services())


@app.function_name("remind")
@app.timer_trigger(arg_name="timer", schedule="0 0 8 * * *")
def remind(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the trigger names it
    """Every morning: exemptions that end, and what still waits for people."""
    reminders.remind(services())
    digest.send(services())


@app.function_name("replay_dead_letters")
@app.timer_trigger(arg_name="timer", schedule="0 */10 * * * *")
def replay_dead_letters(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the trigger names it
    """Take in what Event Grid could not deliver. A timer, because Flex Consumption polls no containers."""
    dead_letters.replay(services())


@app.function_name("watch")
@app.timer_trigger(arg_name="timer", schedule="30 */15 * * * *")
def watch_over(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the trigger names it
    """See whether events still come and messages are processed."""
    watch.watch(services())


@app.function_name("health")
@app.route("health", "request", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def read_health(request: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the trigger names it
    """Whether the bot works. For probes: no key."""
    found = watcher().health()
    return _json(found.to_json(), found.status)


@app.function_name("journal")
@app.route("journal", "request", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def read_journal(request: func.HttpRequest) -> func.HttpResponse:
    """What was done, why, and who approved it."""
    try:
        query = journal.parse(request.params, services().clock())
    except journal.BadQuery as error:
        return _json(journal.problem(error), 400, "application/problem+json")
    return _json({"entries": journal.read(services().store, query)})


@app.function_name("report")
@app.route("report", "request", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def read_report(request: func.HttpRequest) -> func.HttpResponse:
    """The posture: a page for people, CSV or JSON for programs."""
    from remediation.report import answer, latest, render  # 20 ms that no other trigger needs at its start

    asked = request.params.get("format", ""), request.headers.get("Accept", "")
    found = answer.answer(services(), latest.LatestScan(services()), *asked)
    headers = {
        "Content-Security-Policy": render.policy(),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return func.HttpResponse(found.body, status_code=found.status, mimetype=found.media_type, headers=headers)


@app.function_name("approvals")
@app.route("approvals/{token}", "request", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
def approvals(request: func.HttpRequest) -> func.HttpResponse:
    """The page behind the link of a message: who may see and decide, Entra ID says."""
    asked = approval_page.Request(
        request.method, request.route_params["token"], dict(request.headers), request.get_body()
    )
    shown = approval_page.answer(services(), asked)
    return func.HttpResponse(shown.html, status_code=shown.status, mimetype="text/html", headers=dict(headers()))


@app.function_name("slack_interactions")
@app.route("slack/interactions", "request", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def slack_interactions(request: func.HttpRequest) -> func.HttpResponse:
    """Somebody has pressed a button in Slack, which signs what it sends."""
    status = slack_requests.accept(services(), dict(request.headers), request.get_body())
    return func.HttpResponse(status_code=status)


@app.function_name("scan")
@app.route("scan", "request", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def start_scan(request: func.HttpRequest) -> func.HttpResponse:
    """Start a scan: 202 and where to ask for it, or 200 and its results where it was waited for."""
    try:
        asked = scan_request.parse(_body(request), services().policy.subscriptions)
    except scan_request.BadScan as error:
        return _problem(400, "Bad Request", str(error))
    found = scan_start.start(services(), asked)
    if found.state is ScanState.DONE:
        return _json(scan_views.answer(services(), found, {}))
    return _json(
        scan_views.progress(services(), found), 202, headers={"Location": scan_views.address(found), "Retry-After": "5"}
    )


@app.function_name("scans")
@app.route("scans", "request", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def list_scans(request: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the trigger names it
    """The newest scans."""
    return _json(scan_views.listed(services()))


@app.function_name("scan_by_id")
@app.route("scans/{id}", "request", methods=["GET", "DELETE"], auth_level=func.AuthLevel.FUNCTION)
def one_scan(request: func.HttpRequest) -> func.HttpResponse:
    """The progress of a scan, then its results; DELETE cancels it."""
    found = _scan(request)
    if found is None:
        return _problem(404, "Not Found", "there is no such scan; GET /api/scans lists the newest")
    if request.method == "DELETE":
        scan_end.cancel(services(), found)
        return _json(scan_views.progress(services(), _scan(request) or found))
    from remediation import scan_exports  # loads what the report is made with

    try:
        exported = scan_exports.exported(services(), found, request.params, request.headers.get("Accept", ""))
        if exported is not None:
            media_type, text = exported
            return func.HttpResponse(text, mimetype=media_type, headers={"Cache-Control": "no-store"})
        return _json(scan_views.answer(services(), found, request.params))
    except scan_request.BadScan as error:
        return _problem(400, "Bad Request", str(error))
    except scan_views.NotKept as error:
        return _problem(410, "Gone", str(error))


def _scan(request: func.HttpRequest) -> Scan | None:
    return services().scans.get(request.route_params.get("id", ""))


def _body(request: func.HttpRequest) -> Any:
    try:
        return request.get_json()
    except (ValueError, RecursionError):  # the latter by brackets without end
        return None


def _problem(status: int, title: str, detail: str) -> func.HttpResponse:
    return _json(scan_views.problem(status, title, detail), status, "application/problem+json")


def _accept(payload: object) -> None:
    intake.accept(payload, services())


def _plain(event: Any) -> dict[str, Any]:
    """The event as JSON data: the worker hands over an object for either schema."""
    if isinstance(event, func.CloudEvent):
        return {**event.to_dict(), "data": event.get_json()}
    names = {"id": event.id, "subject": event.subject, "eventType": event.event_type, "data": event.get_json()}
    return names | {"eventTime": event.event_time.isoformat() if event.event_time else ""}


def _json(
    data: object, status: int = 200, media_type: str = "application/json", headers: dict[str, str] | None = None
) -> func.HttpResponse:
    text = json.dumps(data, ensure_ascii=False)
    return func.HttpResponse(text, status_code=status, mimetype=media_type, headers=headers)


def _text(message: func.QueueMessage) -> str:
    return message.get_body().decode(errors="replace")
