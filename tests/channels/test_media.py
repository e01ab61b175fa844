"""What doors say of files that stay at their providers."""

from __future__ import annotations

from base64 import b64decode

import pytest

from channels import registry
from channels.base import KeepsMedia

SID = "AC" + "0" * 32
API = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/MM1/Media/ME1"


def a_door(adapter, **settings):
    about = {"source": "one", "public_url": "https://lapor.example"}
    return registry.build(adapter, {**about, **settings})


def twilio(**changed):
    return a_door("sms.twilio", **({"auth_tokens": ["current-token", "former-token"]} | changed))


def test_twilio_is_shown_the_account_of_the_address_and_the_current_token():
    kind, proof = twilio().media_proof(API)["Authorization"].split()
    assert (kind, b64decode(proof)) == ("Basic", f"{SID}:current-token".encode())


@pytest.mark.parametrize(
    "url",
    [
        "https://mms.twiliocdn.com/a",
        f"https://api.twilio.com.evil.example/2010-04-01/Accounts/{SID}/Media/ME1",
        f"https://evil.example/{API}",
        f"http://api.twilio.com/2010-04-01/Accounts/{SID}/Media/ME1",
        "https://api.twilio.com/2010-04-01/Accounts/../Media/ME1",
    ],
)
def test_nobody_else_is_shown_a_token(url):
    assert twilio().media_proof(url) == {}


def test_x_shows_its_files_to_everybody():
    door = a_door("twitter", consumer_secrets=["a secret of the app"])
    assert isinstance(door, KeepsMedia)
    assert door.media_from == ["https://pbs.twimg.com/", "https://video.twimg.com/"]
    assert door.media_proof("https://pbs.twimg.com/media/a.jpg") == {}


def test_only_https_can_be_named():
    with pytest.raises(ValueError, match="media_from"):
        twilio(media_from=["http://api.twilio.com/"])
