"""Guards against the outside: hostile ids and texts, other hosts, secrets in logs, doors without a key."""

from typing import Final

from local.sabotage.model import Guard

GUARDS: Final = (
    Guard(
        "Nothing but a plain id of a resource gets into a URL",
        "rules/resource_id.py",
        "if len(rest) % 2 or not rest or not _is_plain(provider, segments):",
        "if len(rest) % 2 or not rest:",
        ("tests/rules/test_resource_id.py::test_refused",),
    ),
    Guard(
        "An id is parsed to its end",
        "rules/resource_id.py",
        "match = _ID.fullmatch(text)",
        "match = _ID.match(text)",
        ("tests/rules/test_resource_id.py::test_refused",),
    ),
    Guard(
        "Brackets without end are no event",
        "remediation/intake.py",
        "except (ValueError, RecursionError):",
        "except ValueError:",
        ("tests/remediation/test_intake.py::test_a_payload_of_any_shape_has_its_outcome",),
    ),
    Guard(
        "Of the claims only who it was is kept",
        "remediation/intake.py",
        "caller_id=_first(claims, CLAIM_IDS),",
        "caller_id=json.dumps(claims),",
        ("tests/remediation/test_intake.py::test_no_other_claim_is_kept",),
    ),
    Guard(
        "No claim is shown of an event that could not be processed",
        "remediation/poison.py",
        "if queue not in SHOWN:",
        "if True:",
        ("tests/remediation/test_delivery.py::test_of_an_event_that_cannot_be_processed_no_claim_is_shown",),
    ),
    Guard(
        "No markup of others is alive in Slack",
        "remediation/adapters/slack.py",
        'return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")',
        "return text",
        ("tests/remediation/test_slack.py::test_no_link_or_mention_of_others_survives",),
    ),
    Guard(
        "A code block in Slack ends where it should",
        "remediation/adapters/slack.py",
        'return _plain(text.replace("```", "\'\'\'"))',
        "return _plain(text)",
        ("tests/remediation/test_slack.py::test_a_code_block_ends_where_it_should",),
    ),
    Guard(
        "No markup of others is alive in Teams",
        "remediation/adapters/teams.py",
        'return LINE_MARK.sub(r"\\1\\\\\\2", MARKDOWN.sub(r"\\\\\\1", LINE_END.sub("\\n", text)))',
        "return text",
        ("tests/remediation/test_teams.py::test_no_markup_of_others_survives",),
    ),
    Guard(
        "A webhook leads to an allowed host",
        "remediation/adapters/webhook.py",
        'if not any(host == entry or (entry.startswith(".") and host.endswith(entry)) for entry in allowed):',
        "if not allowed:",
        ("tests/remediation/test_webhook.py::test_a_webhook_leads_to_an_allowed_host",),
    ),
    Guard(
        "A message is not carried on to where a channel redirects",
        "remediation/adapters/webhook.py",
        "allow_redirects=False",
        "allow_redirects=True",
        ("tests/remediation/test_webhook.py::test_an_answer_says_whether_to_try_again",),
    ),
    Guard(
        "A webhook's URL reaches no log and no exception",
        "remediation/adapters/webhook.py",
        'raise ChatUnavailable(f"no answer ({type(error).__name__})") from None',
        'raise ChatUnavailable(f"no answer ({error})") from None',
        ("tests/remediation/test_webhook.py::test_what_a_connection_says_of_itself_is_not_repeated",),
    ),
    Guard(
        "Of a refusal only a plain error word is shown",
        "remediation/adapters/webhook.py",
        'return text.strip() if PLAIN_WORD.fullmatch(text.strip()) else "(no plain reason)"',
        "return text.strip()",
        ("tests/remediation/test_webhook.py::test_of_a_refusal_only_a_plain_error_word_is_shown",),
    ),
    Guard(
        "A token goes to Resource Manager's own host only",
        "remediation/adapters/arm.py",
        "if url and not self._is_own(url):",
        "if False:",
        (
            "tests/remediation/test_arm_operations.py::"
            "test_the_operation_of_a_write_is_kept_only_where_it_is_resource_managers_own",
        ),
    ),
    Guard(
        "So it does for the next page of a list",
        "remediation/adapters/arm.py",
        "            if not self._is_own(url):\n                break\n",
        "",
        ("tests/remediation/test_arm_lists.py::test_half_a_list_is_none",),
    ),
    Guard(
        "A token goes to no other machine in the clear",
        "remediation/adapters/arm.py",
        "if urlsplit(request.http_request.url).hostname in LOOPBACK:",
        "if True:",
        ("tests/remediation/test_arm.py::test_a_token_goes_to_no_other_machine_in_the_clear",),
    ),
    Guard(
        "Libraries that log URLs are quiet",
        "remediation/wiring.py",
        "        logging.getLogger(name).setLevel(logging.WARNING)\n",
        "        logging.getLogger(name)\n",
        ("tests/remediation/test_wiring.py::test_libraries_that_log_urls_are_quiet",),
    ),
    Guard(
        "An app with settings it cannot work with does not start",
        "function_app.py",
        "wiring.check(os.environ)  # an app that cannot work must not look as if it did: it does not start\n",
        "",
        ("tests/end_to_end/test_settings.py::test_a_bad_setting_is_one_line",),
    ),
    Guard(
        "A broken policy file allows nothing: the app does not start",
        "remediation/policy_file.py",
        "return problems(document, source) or _policy(document, source, subscriptions)",
        "return _policy(document, source, subscriptions)",
        ("tests/remediation/test_policy_file.py",),
    ),
    Guard(
        "The journal is read with a key only",
        "function_app.py",
        '@app.route("journal", "request", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)',
        '@app.route("journal", "request", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)',
        ("tests/end_to_end/test_journal.py::test_the_route_is_closed_without_its_key",),
    ),
)
