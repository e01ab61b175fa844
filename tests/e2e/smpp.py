"""A carrier's SMS centre, as far as SMPP 3.4 goes: Kannel binds to it like to a real one."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from queue import Queue
from typing import Self

from support import wait_until

PATIENCE = 40.0  # seconds
SHORT_CODE = "1708"
SYSTEM_TYPE = "VMA"  # what many carriers want to be called

# --- alphabets ---------------------------------------------------------------------------

GSM_7, LATIN_1, UCS_2 = 0, 3, 8  # data_coding
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = dict(zip("\f^{}\\[~]|€", b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", strict=True))
_EXTENDED = {code: character for character, code in _EXTENSION.items()}
_ESCAPE = 0x1B


def gsm_7(text: str) -> bytes:
    """Spell a text in GSM 03.38, a septet a byte; a ValueError when it cannot be."""
    septets = bytearray()
    for character in text:
        if character in _EXTENSION:
            septets += bytes((_ESCAPE, _EXTENSION[character]))
        else:
            septets.append(_BASIC.index(character))
    return bytes(septets)


def encode(text: str, coding: int) -> bytes:
    return gsm_7(text) if coding == GSM_7 else text.encode("utf-16-be")


def decode(content: bytes, coding: int) -> str:
    """Read a message as a handset does."""
    if coding == UCS_2:
        return content.decode("utf-16-be")
    if coding == LATIN_1:
        return content.decode("latin-1")
    assert coding == GSM_7, f"data_coding {coding} is not of this handset"
    septets = iter(content)
    return "".join(_EXTENDED[next(septets)] if s == _ESCAPE else _BASIC[s] for s in septets)


def concatenation(reference: int, total: int, index: int) -> bytes:
    """Give the user data header of a part: with a reference over 255 the 16-bit one."""
    if reference > 0xFF:
        return struct.pack(">BBBHBB", 6, 0x08, 4, reference, total, index)
    return bytes((5, 0x00, 3, reference, total, index))


# --- the protocol ------------------------------------------------------------------------

BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x1, 0x2, 0x9
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x4, 0x5, 0x6, 0x15
RESPONSE, GENERIC_NACK = 0x80000000, 0x80000000
OK, INVALID_COMMAND, INVALID_PASSWORD = 0x0, 0x3, 0xE
_HEADER = struct.Struct(">IIII")  # length, command, status, sequence
_INTERNATIONAL, _ISDN = 1, 1  # type of number, numbering plan
_UDHI = 0x40  # in esm_class: a user data header comes first


@dataclass
class Fields:
    """The body of a PDU, read from the front."""

    left: bytes

    def text(self) -> str:
        read, _, self.left = self.left.partition(b"\0")
        return read.decode("latin-1")

    def byte(self) -> int:
        read, self.left = self.left[0], self.left[1:]
        return read

    def address(self) -> str:
        kind, _ = self.byte(), self.byte()
        return ("+" if kind == _INTERNATIONAL else "") + self.text()


@dataclass(frozen=True)
class Short:
    """One SMS that a handset received."""

    source: str
    destination: str
    text: str
    coding: int
    esm_class: int
    octets: int  # in GSM 03.38 these are septets


def read_submit(body: bytes) -> Short:
    fields = Fields(body)
    fields.text()  # service_type
    source, destination, esm_class = fields.address(), fields.address(), fields.byte()
    fields.byte(), fields.byte()  # protocol_id, priority_flag
    fields.text(), fields.text()  # schedule_delivery_time, validity_period
    fields.byte(), fields.byte()  # registered_delivery, replace_if_present_flag
    coding, _, length = fields.byte(), fields.byte(), fields.byte()
    content = fields.left[:length]
    assert len(content) == length
    return Short(source, destination, decode(content, coding), coding, esm_class, length)


def write_deliver(phone: str, content: bytes, coding: int, esm_class: int) -> bytes:
    digits = phone.removeprefix("+").encode()
    source = bytes((_INTERNATIONAL if phone.startswith("+") else 0, _ISDN)) + digits + b"\0"
    destination = bytes((0, _ISDN)) + SHORT_CODE.encode() + b"\0"
    options = bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, coding, 0, len(content)))
    return b"\0" + source + destination + options + content


@dataclass
class Carrier:
    """An SMS centre on a port of its own, open within the `with` block."""

    port: int
    username: str
    password: str
    received: list[Short] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._serial = count(1)
        self._links: list[socket.socket] = []
        self._link: socket.socket | None = None  # the one bound to receive
        self._sending = threading.Lock()
        self._awaited: dict[int, Queue[int]] = {}
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        for open_socket in (self._server, *self._links):
            with suppress(OSError):  # closed already
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()

    # --- citizens ---

    def sms(self, phone: str, text: str, coding: int = GSM_7, udh: bytes = b"") -> None:
        """Send an SMS to 1708 and wait until Kannel has taken it."""
        wait_until(lambda: self._link, within=PATIENCE)
        content = udh + encode(text, coding)
        assert len(content) <= (160 if coding == GSM_7 else 140), "no phone sends so much at once"
        sequence, answer = next(self._serial), Queue()
        self._awaited[sequence] = answer
        body = write_deliver(phone, content, coding, _UDHI if udh else 0)
        self._send(self._link, DELIVER_SM, sequence, body)
        status = answer.get(timeout=PATIENCE)
        assert status == OK, f"deliver_sm refused: {status:#x}"

    def part(
        self, phone: str, texts: Sequence[str], index: int, *, reference: int, coding: int = GSM_7
    ) -> None:
        """Send one part, counted from 1, of a long SMS."""
        udh = concatenation(reference, len(texts), index)
        self.sms(phone, texts[index - 1], coding, udh)

    def replies(self, phone: str) -> list[Short]:
        """Give every SMS a phone has received."""
        return [short for short in self.received if short.destination == phone]

    def reply(self, phone: str, after: int = 0) -> Short:
        """Wait for an SMS; for the one that comes `after` so many others."""
        wait_until(lambda: len(self.replies(phone)) > after, within=PATIENCE)
        return self.replies(phone)[after]

    # --- the wire ---

    def _listen(self) -> None:
        with suppress(OSError):  # the port is closed: the end
            while True:
                link, _ = self._server.accept()
                self._links.append(link)
                threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        with link, link.makefile("rb") as stream, suppress(OSError):
            while header := stream.read(_HEADER.size):
                length, command, status, sequence = _HEADER.unpack(header)
                body = stream.read(length - _HEADER.size)
                self._handle(link, command, status, sequence, body)
        if link is self._link:
            self._link = None

    def _handle(
        self, link: socket.socket, command: int, status: int, sequence: int, body: bytes
    ) -> None:
        if command == DELIVER_SM | RESPONSE:
            self._awaited.pop(sequence).put(status)
        elif command & RESPONSE:
            self.faults.append(f"unexpected {command:#x}, status {status:#x}")
        elif command in {BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER}:
            self._bind(link, command, sequence, Fields(body))
        elif command == SUBMIT_SM:
            self.received.append(read_submit(body))
            self._answer(link, command, sequence, f"{sequence:x}".encode() + b"\0")
        elif command in {ENQUIRE_LINK, UNBIND}:
            self._answer(link, command, sequence)
        else:
            self.faults.append(f"unknown {command:#x}")
            self._answer(link, GENERIC_NACK, sequence, status=INVALID_COMMAND)

    def _bind(self, link: socket.socket, command: int, sequence: int, fields: Fields) -> None:
        known = fields.text() == self.username and fields.text() == self.password
        status = OK if known else INVALID_PASSWORD
        self._answer(link, command, sequence, self.username.encode() + b"\0", status)
        if known and command != BIND_TRANSMITTER:
            self._link = link

    def _answer(
        self, link: socket.socket, command: int, sequence: int, body: bytes = b"", status: int = OK
    ) -> None:
        self._send(link, command | RESPONSE, sequence, body, status)

    def _send(
        self, link: socket.socket, command: int, sequence: int, body: bytes, status: int = OK
    ) -> None:
        length = _HEADER.size + len(body)
        with self._sending:
            link.sendall(_HEADER.pack(length, command, status, sequence) + body)
