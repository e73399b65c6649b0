"""Hypothesis' first draw takes seconds where its cache is empty, as in a fresh clone: that is no fault of a test."""

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
