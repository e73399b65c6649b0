"""Why a host cannot start. Each becomes one clear message and an exit status of its own."""


class CannotStart(Exception):
    """The host cannot start; the message names what is wrong and the fix."""

    exit_status = 1


class BadSettings(CannotStart):
    """host.json or an app setting is missing or malformed."""

    exit_status = 2


class IndexingFailed(CannotStart):
    """function_app.py could not be imported or indexed; the message holds the app's own error text."""

    exit_status = 3
