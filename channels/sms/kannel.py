"""Kannel smsbox, by `post-url` (the text is the body) or by `get-url` (it is `text` in the query).

The URL to configure:
`…/in/<source>?token=…&id=%I&from=%q&to=%Q&smsc=%i&ts=%T&coding=%c&charset=%C&udh=%u`, and for
`get-url` `&text=%b` (`%a` squeezes blanks and loses line breaks). Measured with Kannel 1.4.5: the
octets of `%b` and `%u` are percent-encoded as they are, whatever their charset. It accepts 200 and
202 only. After anything else it retries (as often as the settings we give say, never by default)
and then texts the citizen "Could not fetch content"; a 204 counts as a failure too. The body of a
200 becomes the reply SMS, and with `omit-empty = true` an empty body sends nothing. `%I` is the
same on every retry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels.base import (
    InboundMessage,
    Malformed,
    RawInbound,
    Receipt,
    Reply,
    provider_id,
)
from channels.commands import read_command
from channels.sms.charsets import read_text
from channels.sms.pairs import read_octets, word
from channels.sms.parts import read_udh
from channels.sms.senders import read_sender
from channels.sms.times import read_time
from channels.sms.tokened import Tokened
from channels.sms.wording import reply_text

# What %C really says (the manual's table differs). An 8-bit message is whatever the phone or the
# modem made of it.
CHARSETS: Mapping[str, str] = {"UTF-8": "utf-8", "UTF-16BE": "utf-16-be", "8-BIT": "octets"}


class Kannel(Tokened):
    """One Kannel `sms-service`; its token is in the query, or is the password of Basic."""

    provider = "kannel"

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Read one message, or one part of a long one whose other parts Kannel never saw."""
        query = read_octets(raw.raw_query)
        try:
            sender, automatic = read_sender(word(query["from"]), self._own_numbers)
            message_id = provider_id(word(query["id"]), "kannel needs id=%I in its URL")
            octets = raw.body if raw.method == "POST" else query["text"]
        except KeyError as exc:
            raise Malformed(f"kannel: its URL has no {exc.args[0]}=") from exc
        charset = CHARSETS.get(word(query.get("charset", b"UTF-8")).upper())
        if charset is None:
            raise Malformed("kannel: the text is in a charset we do not know")
        part = read_udh(query.get("udh", b""), word(query.get("to", b"")))
        text = read_text(octets, charset, is_part=part is not None)
        return [
            InboundMessage(
                source=self._source,
                channel="sms",
                provider=self.provider,
                provider_id=message_id,
                sender=sender,
                text=text,
                received_at=raw.received_at,
                carrier=self._carrier,
                sent_at=read_time(word(query.get("ts", b"")), "epoch"),
                command=None if part else read_command(text),
                part=part,
                automatic=automatic,
            )
        ]

    def reply(self, receipts: Sequence[Receipt]) -> Reply:
        """Answer 200; the body is the SMS the citizen receives."""
        return Reply(200, "\n".join(filter(None, map(reply_text, receipts))).encode())
