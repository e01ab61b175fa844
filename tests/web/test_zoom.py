"""Zoomed to 400 %: 1280 by 1024 pixels have room for 320 by 256 (WCAG 1.4.10), on every page."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager

import pytest
from looking import CUT, a_file, barriers, fill, is_headed, press
from playwright.sync_api import expect

ZOOMED = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}
LONG = {
    "Judul laporan": "Pertanggungjawabanpenyelenggaraanpemerintahandesa" * 3,
    "Isi laporan": f"https://contoh.example/{'sangat-panjang' * 30}\nKetidakberdayaannya "
    + "x" * 400,
    "Lokasi kejadian": "JalanMelati" * 15,
    "Instansi tujuan": "DinasPekerjaanUmum" * 8,
    "Nama": "WargaContoh" * 15,
    "Alamat surel": f"{'warga' * 12}@{'sangat-panjang.' * 8}example",
}


@pytest.fixture
def page(open_page):
    return open_page(bypass_csp=True, **ZOOMED)


def fits(page, words):
    is_headed(page, words)
    assert page.evaluate(CUT) == [], words
    assert barriers(page) == [], words


@contextmanager
def broken(store):
    """Let the pages fail that read a number."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("ALTER TABLE number RENAME TO hidden")
        try:
            yield
        finally:
            connection.execute("ALTER TABLE hidden RENAME TO number")


def test_the_whole_way_fits_whatever_is_typed(page, url):
    """Nothing scrolls sideways and nothing is cut: form, mistakes, check, receipt, status."""
    fits(page, "Sampaikan laporan Anda")
    press(page, "Lanjutkan")
    fits(page, "Ada yang perlu diperbaiki")
    fill(page, **LONG)
    long_name = a_file(f"{'foto-jalan-melati' * 8}.jpg")
    page.get_by_label("Lampiran").set_input_files([long_name, a_file("b.jpg")])
    page.get_by_label("Judul laporan").fill("")
    press(page, "Lanjutkan")
    expect(page.get_by_text("Tersimpan")).to_have_count(2)
    fits(page, "Ada yang perlu diperbaiki")
    page.get_by_label("Judul laporan").fill(LONG["Judul laporan"])
    press(page, "Lanjutkan")
    fits(page, "Periksa kembali laporan Anda")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("link", name="Ubah isi laporan").click()
    is_headed(other, "Sampaikan laporan Anda")
    press(page, "Kirim laporan")
    fits(page, "Laporan Anda sudah kami terima")
    number = page.locator(".number").inner_text()
    other.get_by_label("Isi laporan").fill("Lain.")
    press(other, "Lanjutkan")
    fits(other, "Laporan ini sudah terkirim sebelumnya")
    page.get_by_role("link", name="Lihat status").click()
    fits(page, "Lihat status laporan")
    page.get_by_label("Nomor laporan").fill(number)
    press(page, "Lihat status")
    fits(page, "Status laporan")
    page.goto(f"{url}/laporan/0000-000-000")
    fits(page, "Tidak ditemukan atau dirahasiakan")


def test_what_went_wrong_fits(page, url, gateway):
    page.get_by_label("Isi laporan").evaluate("field => field.value = 'x'.repeat(1200000)")
    press(page, "Lanjutkan")
    fits(page, "Kiriman Anda terlalu besar")
    with broken(gateway.settings.var_dir / "lapor.db"):
        page.goto(f"{url}/laporan/7K3M-9QX-2TV")
        fits(page, "Maaf, sistem sedang bermasalah")


def test_being_asked_to_come_back_tomorrow_fits(page, url, gateway, monkeypatch):
    monkeypatch.setattr(gateway.lookup, "_wrong_numbers_a_day", 0)
    page.goto(f"{url}/laporan/7K3M-9QX-2TV")
    is_headed(page, "Terlalu banyak nomor yang salah")
    fits(page, "Lihat status laporan")


def test_what_has_the_focus_is_in_sight_from_the_first_field_to_the_last(page):
    """A window 256 pixels high shows a line or two: the focus must bring its field along."""
    in_sight = """() => {
      const {top, bottom, left, right} = document.activeElement.getBoundingClientRect();
      return bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
    }"""
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id || document.activeElement.innerText")
        assert page.evaluate(in_sight), name
        seen.append(name)
        if name == "Lanjutkan":
            break
    assert {"title", "body", "attachments", "email", "Lanjutkan"} <= set(seen)


def test_a_page_that_does_not_fit_is_noticed(page):
    """The measure itself: it sees what is too wide, what is cut, and what is too small to hit."""
    page.evaluate("document.querySelector('h1').style.width = '30rem'")
    assert page.evaluate(CUT)
    page.reload()
    cut = "n => Object.assign(n.style, {overflow: 'hidden', whiteSpace: 'nowrap'})"
    page.locator("h1").evaluate(cut)
    assert page.evaluate(CUT)
    page.reload()
    assert page.evaluate(CUT) == []
    small = "n => n.innerHTML = '<a href=/a>a</a><a href=/b>b</a>'"
    page.locator("h1").evaluate(f"n => ({small})(n)")
    page.add_style_tag(content="h1 a { display: inline-block; font-size: 8px; width: 9px }")
    assert "target-size" in [rule for rule, _ in barriers(page)]
