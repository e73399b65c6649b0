"""Reads the project's Bicep templates without Azure: what each would deploy, for given parameters.

There is no Bicep compiler in the package registries that the project installs from, so the tests of `infra/` read the
templates themselves. What this package does not know is refused, never passed over: a template that it can read is
written in the plain part of the language.
"""
