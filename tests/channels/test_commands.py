"""What is a command, and what is a report that only sounds like one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import number
from channels.base import Command
from channels.sms.commands import LONGEST_COMMAND, read_command

NUMBER = "7K3M-Q2P-9X7"
WRONG = "7K3M-Q2P-9X8"


@pytest.mark.parametrize(
    "text",
    [
        "CEK 7K3M-Q2P-9X7",
        "cek 7k3mq2p9x7",
        "Cek 7K3M Q2P 9X7",
        "CEK: 7K3M-Q2P-9X7",
        " cek   7K3M-Q2P-9X7.  ",
        "CEK\n7K3M-Q2P-9X7\n",
        "cek nomor 7K3M-Q2P-9X7",
        "cek no. 7K3M-Q2P-9X7",
        "CEK LAPORAN 7K3M-Q2P-9X7",
        "cek laporan nomor: 7K3M-Q2P-9X7",
        "LAPOR CEK 7K3M-Q2P-9X7",
        "Lapor, cek 7K3M-Q2P-9X7",
        "STATUS 7K3M-Q2P-9X7",
        "check 7K3M-Q2P-9X7",
        "(cek 7K3M-Q2P-9X7)",
        '"CEK 7K3M-Q2P-9X7"',
        "CEK-7K3M-Q2P-9X7",
        "CEK 7K 3M Q2 P9 X7",
    ],
)
def test_cek_with_a_right_number_asks_for_its_status(text):
    assert read_command(text) == Command("status", NUMBER)


@pytest.mark.parametrize(
    "text",
    ["CEK 7K3M-Q2P-9X8", "cek 7k3m q2p 9x8", "status nomor 7K3MQ2P9X8", "lapor cek 7k3m.q2p.9x8!"],
)
def test_cek_with_a_number_typed_wrong_is_still_a_command(text):
    command = read_command(text)
    assert command is not None
    assert number.folded(command.number) == WRONG.replace("-", "")
    assert number.parse(command.number) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "CEK",
        "cek.",
        "STATUS?",
        "CEK LAPORAN",
        "cek nomor",
        "cek jalan macet",  # ten letters of the alphabet, wrong by the check
        "cek jalan gelap",  # ten letters of the alphabet, right by the check
        "CEK TIANG MACET",
        "status pohon bocor",
        "cek banjir RT 05",  # ten characters, one of them a digit
        "cek air PDAM 123",
        "Cek dong pak, lampu mati",
        "lapor cek jalan depan pasar rusak lagi",
        "status bansos belum cair",
        "status pembayaran",
        "Cek 7K3M-Q2P-9X7 kok belum ditangani, jalan makin rusak",
        "Mohon cek 7K3M-Q2P-9X7",
        "7K3M-Q2P-9X7",
        "ceking 7K3M-Q2P-9X7",
        "CEK 7K3M-Q2P-9X7 R7CY-5J3-B1G",
        "CEK 7K3M-Q2P-9X",
        "cek 081234500017",
        "LAPOR jalan berlubang di Bantul",
        "LAPOR",
    ],
)
def test_whatever_is_not_clearly_a_command_is_a_report(text):
    assert read_command(text) is None


def test_text_longer_than_one_sms_is_a_report():
    command = f"CEK {NUMBER}"
    assert read_command(command.ljust(LONGEST_COMMAND)) is not None
    assert read_command(command.ljust(LONGEST_COMMAND + 1)) is None


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(
    text=st.text(alphabet="cekCEKLAPORstatu 7K3MQ2P9X\n-.,"), start=st.sampled_from(["", "CEK "])
)
def test_any_text_is_a_command_with_a_numbers_shape_or_a_report(text, start):
    command = read_command(start + text)
    assert command is None or number.folded(command.number) is not None
