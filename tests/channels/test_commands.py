"""What is a command, and what is a report that only sounds like one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import number
from channels.base import Command
from channels.commands import LONGEST_COMMAND, read_command

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


ADDED = "Lampunya di depan warung"


@pytest.mark.parametrize(
    "text",
    [
        f"TAMBAH {NUMBER} {ADDED}",
        f"tambah 7k3mq2p9x7 {ADDED}",
        f"Tambah: 7K3M Q2P 9X7, {ADDED}",
        f"LAPOR TAMBAH nomor {NUMBER}: {ADDED}",
        f"tambahan laporan {NUMBER}\n{ADDED}",
    ],
)
def test_tambah_with_a_number_adds_the_rest_to_it(text):
    assert read_command(text) == Command("add", NUMBER, ADDED)


def test_tambah_may_say_much_and_a_wrong_number_is_still_a_command():
    long = "Sudah tiga kali kami sampaikan. " * 60
    assert read_command(f"TAMBAH {NUMBER} {long}") == Command("add", NUMBER, long.strip(" ."))
    wrong = read_command(f"TAMBAH {WRONG} {ADDED}")
    assert (wrong.word, wrong.number, wrong.text) == ("add", WRONG, ADDED)


def test_tambah_without_words_shows_that_the_number_is_right():
    assert read_command(f"TAMBAH {NUMBER}.") == Command("status", NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        f"BATAL {NUMBER}",
        "batal 7k3m q2p 9x7",
        f"Lapor batal no {NUMBER}.",
        f"BATALKAN {NUMBER}",
        f"BATAL {NUMBER} sudah diperbaiki",
    ],
)
def test_batal_with_a_number_withdraws_it(text):
    assert read_command(text) == Command("withdraw", NUMBER)


@pytest.mark.parametrize("text", ["BANTUAN", "bantuan?", " Lapor bantuan. "])
def test_bantuan_alone_asks_for_help(text):
    assert read_command(text) == Command("help")


@pytest.mark.parametrize(
    "text",
    [
        "Bantuan sosial belum cair sejak Maret",
        "BANTUAN BPNT",
        "Tambah lampu jalan di gang kami",
        "TAMBAH meja dan rak untuk perpustakaan desa",  # ten letters of the alphabet
        "tambah 2 guru SDN 1 Sukamaju",
        "Batal terus jadwal vaksin di puskesmas",
        "batal",
    ],
)
def test_words_that_only_sound_like_commands_are_reports(text):
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
    assert command is None or number.folded(command.number or "") is not None
