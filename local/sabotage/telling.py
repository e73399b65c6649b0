"""Guards of messages in a channel with threads and buttons: said once, never older than they look, nothing leaks."""

from typing import Final

from local.sabotage.model import Guard

BOT: Final = "tests/remediation/test_slack_bot.py"
THREADS: Final = "tests/remediation/test_threads.py"

GUARDS: Final = (
    Guard(
        "The token of Slack follows no redirect, and reaches no log",
        "remediation/adapters/slack_client.py",
        "def _perform_urllib_http_request_internal(",
        "def _not_asked(",
        (f"{BOT}::test_no_token_reaches_a_log_or_an_exception",),
    ),
    Guard(
        "The SDK of Slack logs nothing of a call",
        "remediation/adapters/slack_client.py",
        "SILENT.setLevel(logging.CRITICAL)",
        "SILENT.setLevel(logging.DEBUG)",
        (f"{BOT}::test_no_token_reaches_a_log_or_an_exception",),
    ),
    Guard(
        "What has to be confirmed is never cut from a button's question",
        "remediation/adapters/slack_bot.py",
        "len(button.question) <= LONGEST_QUESTION",
        "True",
        (f"{BOT}::test_a_button_that_does_not_fit_is_left_out_and_never_cut",),
    ),
    Guard(
        "Buttons are shown only where clicks on them are taken",
        "remediation/adapters/channels.py",
        "buttons = bool(access.slack_secret and access.slack_approvers)",
        "buttons = True",
        ("tests/remediation/test_channels.py::test_buttons_are_shown_where_somebody_may_press_them",),
    ),
    Guard(
        "A message shows nothing older than it did",
        "remediation/threads.py",
        'if notice.owed < data["shown"]:',
        "if False:",
        (f"{THREADS}::test_what_had_to_wait_does_not_cover_what_came_after_it",),
    ),
    Guard(
        "Who repeats a delivery takes no button from its own message",
        "remediation/threads.py",
        'if notice.id in (data["first"], *data["asking"]) or',
        'if notice.id == data["first"] or',
        (f"{THREADS}::test_a_worker_may_die_at_any_call_of_a_delivery",),
    ),
    Guard(
        "A message whose update has to wait is not posted again",
        "remediation/notices.py",
        "return self.kind is not Kind.SHOWN and not self.reference",
        "return self.kind is not Kind.SHOWN",
        (f"{THREADS}::test_an_update_that_has_to_wait_posts_nothing_twice",),
    ),
    Guard(
        "What a channel refused is tried again day by day",
        "remediation/outbox.py",
        "if attempt.refusals < MOST_REFUSALS:",
        "if False:",
        ("tests/remediation/test_delivery.py::test_what_a_channel_refused_comes_when_it_was_set_right",),
    ),
    Guard(
        "A channel that takes nothing is said by the health route",
        "remediation/outbox.py",
        "channel_state.refuses(services, notice.chat)",
        "pass",
        ("tests/remediation/test_health.py::test_a_channel_that_takes_nothing_is_said_until_it_does",),
    ),
)
