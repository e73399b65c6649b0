"""Hypothesis' first draw takes seconds where its cache is empty, as in a fresh clone: that is no fault of a test."""

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("hostile", settings.get_profile("unhurried"), max_examples=1000)
settings.load_profile("unhurried")
