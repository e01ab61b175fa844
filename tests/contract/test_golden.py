"""Golden requests, as providers send them."""

from __future__ import annotations

import pytest
from contract.cases import GOLDEN, all_cases, case

from channels import registry

CASES = list(all_cases())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_golden_request_is_genuine_and_reads_as_told(case):
    channel = case.channel()
    assert channel.challenge(case.request) is None
    channel.verify(case.request)
    assert list(channel.parse(case.request)) == case.messages


@pytest.mark.parametrize("case", [case for case in CASES if case.replies], ids=str)
def test_golden_receipts_are_answered_in_the_providers_words(case):
    channel = case.channel()
    assert [channel.reply(receipts) for receipts, _ in case.replies] == [
        reply for _, reply in case.replies
    ]


def test_every_adapter_has_golden_requests_and_golden_replies():
    of_adapter = {
        adapter: [c for c in CASES if c.adapter == adapter] for adapter in registry.ADAPTERS
    }
    assert all(of_adapter.values())
    assert all(any(case.replies for case in cases) for cases in of_adapter.values())


def test_every_golden_file_says_where_it_is_from():
    for path in GOLDEN.glob("*/*.json"):
        text = path.read_text("utf-8")
        assert '"_provenance": "' in text, path
        assert "Signature" not in text, path


def test_other_order_of_keys_is_the_same_payload():
    bodies = [case(f"app/{name}") for name in ("minimal_bare_key", "other_order_of_keys")]
    assert bodies[0].request.body != bodies[1].request.body
    digests = [next(iter(one.channel().parse(one.request))).payload_digest for one in bodies]
    assert digests[0] == digests[1]
