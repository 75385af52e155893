"""Leads Schemathesis past the door: most of what it makes up gets a real key, model and job."""

import os

import schemathesis

REAL_NAMES = "SCHEMATHESIS_REAL_NAMES"
"""Environment variable: key, model and job's id, with spaces between."""


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case, **_: object) -> None:
    key, model, job = os.environ[REAL_NAMES].split()
    for part in (case.body, case.query):
        if not isinstance(part, dict):
            continue
        for name, value in (("api_key", key), ("base_model", model), ("job_uuid", job)):
            # What is no string was meant to be wrong; one length in four keeps what was made up.
            if isinstance(part.get(name), str) and len(part[name]) % 4 != 1:
                part[name] = value
