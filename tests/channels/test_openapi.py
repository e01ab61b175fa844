"""The API's description."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from channels.app.openapi import openapi
from channels.submission import Submission

URL = "https://lapor.example.go.id"


@pytest.mark.parametrize("needs_token", [True, False])
def test_description_is_valid_openapi(needs_token):
    validate(openapi(URL, needs_token=needs_token))


def test_every_field_of_a_submission_is_described():
    described = openapi(URL, needs_token=False)["components"]["schemas"]["Complaint"]
    assert set(described["properties"]) == set(Submission().fields)
    assert set(described["required"]) == {"title", "body", "incident_date", "incident_location"}


def test_token_is_described_only_where_one_is_needed():
    closed, opened = (openapi(URL, needs_token=needed) for needed in (True, False))
    assert closed["paths"]["/v1/complaints"]["post"]["security"] == [{"app": []}]
    assert "403" in closed["paths"]["/v1/complaints"]["post"]["responses"]
    assert "security" not in opened["paths"]["/v1/complaints"]["post"]
    assert "securitySchemes" not in opened["components"]
