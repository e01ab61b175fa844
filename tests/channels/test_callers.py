"""Who may call a source whose provider signs nothing."""

from __future__ import annotations

from base64 import b64encode
from ipaddress import ip_network

import pytest
from support import a_request

from channels.base import NotAuthentic
from channels.sms.callers import Callers

TOKEN = "kunci-percobaan"
BASIC = {"Authorization": "Basic " + b64encode(f"siapa:{TOKEN}".encode()).decode()}
SENT = {
    "query:token": a_request(query=f"a=%ff&token={TOKEN}".encode()),
    "query:pass.word": a_request(query=f"pass.word={TOKEN}".encode()),
    "header:X-Api-Key": a_request(headers={"x-api-key": TOKEN}),
    "basic": a_request(headers=BASIC),
}


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("place", SENT)
def test_token_counts_only_where_it_is_looked_for(place, sent):
    callers = Callers("x", [TOKEN], [], [place])
    if place == sent:
        callers.verify(SENT[sent])
    else:
        with pytest.raises(NotAuthentic) as refused:
            callers.verify(SENT[sent])
        assert TOKEN not in str(refused.value)


def test_gateways_may_put_it_into_either_part_of_their_url():
    callers = Callers("x", ["kunci-lain-1", TOKEN], [])
    callers.verify(SENT["query:token"])
    callers.verify(SENT["basic"])


def test_token_from_another_network_is_refused():
    near = Callers("x", [TOKEN], [ip_network("127.0.0.0/8")])
    far = Callers("x", [TOKEN], [ip_network("10.0.0.0/8")])
    near.verify(SENT["query:token"])
    with pytest.raises(NotAuthentic, match="allow_from"):
        far.verify(SENT["query:token"])
