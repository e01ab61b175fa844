"""The web form in a real browser: no scripts, keyboard alone, a narrow screen, every reader."""

from __future__ import annotations

import re

import pytest
from hostile import NEEDLES
from looking import CUT, a_file, barriers, fill, is_headed, press
from playwright.sync_api import expect

SIZES = {"phone": (320, 640), "desktop": (1100, 800)}
MOST_TABS = 40
# A place of its own for each, so that none sees the others' reports.
DISTRICTS = {
    ("phone", "light"): "Patuk, Gunungkidul",
    ("phone", "dark"): "Kalibawang, Kulon Progo",
    ("desktop", "light"): "Cangkringan, Sleman",
    ("desktop", "dark"): "Imogiri, Bantul",
}
TEXT_FIELDS = ("Judul laporan", "Isi laporan", "Lokasi kejadian", "Instansi tujuan", "Nama")


@pytest.fixture
def watched(open_page, size, scheme, request):
    """Open a window, and give what looks at a page: for barriers, for what is cut, for pictures."""
    width, height = SIZES[size]
    page = open_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    folder = request.config.getoption("--screenshots", None)

    def look(name, heading):
        is_headed(page, heading)
        assert barriers(page) == [], name
        assert page.evaluate(CUT) == [], name
        if folder and scheme == "light":
            page.screenshot(path=f"{folder}/{name}-{size}.png", full_page=True)

    return page, look


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_journey_has_no_barrier(watched, url, scheme):
    """Fill nothing, mend it, check, send, read the number, open the status page."""
    page, look = watched
    look("form", "Sampaikan laporan Anda")
    press(page, "Lanjutkan")
    look("errors", "Ada yang perlu diperbaiki")
    fill(page)
    files = [a_file("lampu.jpg"), a_file("tiang.jpg")] if scheme == "light" else []
    page.get_by_label("Lampiran").set_input_files(files)
    press(page, "Lanjutkan")
    expect(page.get_by_text("Siap dikirim")).to_have_count(len(files))
    look("check", "Periksa kembali laporan Anda")
    before = page.url
    press(page, "Kirim laporan")
    look("receipt", "Laporan Anda sudah kami terima")
    number = page.locator(".number").inner_text()
    page.go_back()
    page.goto(before)
    is_headed(page, "Laporan Anda sudah kami terima")
    assert number in page.url
    page.get_by_role("link", name="Lihat status").click()
    look("find", "Lihat status laporan")
    page.get_by_label("Nomor laporan").fill(number.lower())
    press(page, "Lihat status")
    look("status", "Status laporan")
    assert page.locator(".number").inner_text() == number
    page.goto(f"{url}/laporan/0000-000-000")
    look("missing", "Tidak ditemukan atau dirahasiakan")


def bridge(district):
    return {
        "Judul laporan": "Jembatan Kali Pentung putus",
        "Isi laporan": f"Jembatan Kali Pentung di Kecamatan {district} putus diterjang banjir, "
        "anak sekolah harus memutar 7 km.",
        "Lokasi kejadian": f"Kecamatan {district}",
    }


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_in_process_is_found_supported_and_said_to_differ(
    watched, url, gateway, size, scheme
):
    """See what is alike, support it, then say on the own page that it is something else."""
    page, look = watched

    def say(**changed):
        page.goto(url)
        fill(page, **{**bridge(DISTRICTS[size, scheme]), **changed})
        press(page, "Lanjutkan")

    say()
    press(page, "Kirim laporan")
    first = page.locator(".number").inner_text()
    gateway.processing.run_once()
    say(**{"Judul laporan": "Jembatan ke sekolah putus"})
    page.get_by_label(f"Sama dengan laporan {first}").check()
    look("alike", "Periksa kembali laporan Anda")
    press(page, "Kirim laporan")
    is_headed(page, "Laporan Anda sudah kami terima")
    gateway.processing.run_once()
    page.goto(page.url.partition("?")[0])
    look("joined", "Hal yang sama sedang diproses")
    press(page, "Laporan saya berbeda")
    expect(page.get_by_role("status")).to_contain_text("Permintaan Anda kami terima")
    assert barriers(page) == []
    gateway.processing.run_once()
    page.goto(page.url.partition("?")[0])
    is_headed(page, "Status laporan")
    expect(page.get_by_role("button", name="Laporan saya berbeda")).to_have_count(0)


def test_words_changed_in_another_tab_after_sending_are_kept_and_told(open_page):
    page = open_page(bypass_csp=True)
    fill(page)
    press(page, "Lanjutkan")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("link", name="Ubah isi laporan").click()
    press(page, "Kirim laporan")
    number = page.locator(".number").inner_text()
    other.get_by_label("Isi laporan").fill("Tiang lampunya juga miring.")
    press(other, "Lanjutkan")
    is_headed(other, "Laporan ini sudah terkirim sebelumnya")
    assert barriers(other) == []
    expect(other.get_by_label("Isi laporan")).to_have_value("Tiang lampunya juga miring.")
    other.get_by_role("link", name=number).click()
    expect(other.get_by_text("sejak seminggu lalu")).to_be_visible()


def test_it_works_without_scripts(open_page):
    page = open_page(java_script_enabled=False)
    press(page, "Lanjutkan")
    page.get_by_role("link", name="Tulis judul laporan").click()
    fill(page)
    press(page, "Lanjutkan")
    is_headed(page, "Periksa kembali laporan Anda")
    page.get_by_role("link", name="Ubah judul laporan").click()
    page.get_by_label("Judul laporan").fill("Lampu pasar padam")
    press(page, "Lanjutkan")
    press(page, "Kirim laporan")
    is_headed(page, "Laporan Anda sudah kami terima")
    expect(page.get_by_text("Lampu pasar padam")).to_be_visible()


def test_it_works_by_keyboard_alone(open_page):
    page = open_page()

    def tab_to(**wanted):
        """Press Tab until what has this id, or says this, has the focus."""
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "(e => ({id: e.id, says: e.innerText}))(document.activeElement)"
            )
            if wanted.items() <= focused.items():
                return
        raise AssertionError(wanted)

    tab_to(id="jenis-complaint")
    page.keyboard.press("ArrowDown")
    for field, said in {
        "title": "Lampu jalan padam",
        "body": "Lampu di depan pasar padam sejak seminggu lalu.",
        "incident_date": "11112025",  # in whatever order the browser asks,
        "incident_location": "Jalan Melati, Sukamaju",
    }.items():
        tab_to(id=field)
        page.keyboard.type(said)
    tab_to(id="confidential")
    page.keyboard.press("Space")
    tab_to(says="Lanjutkan")
    page.keyboard.press("Enter")
    is_headed(page, "Periksa kembali laporan Anda")
    answers = page.locator(".answers")
    for said in ("Aspirasi", "11 November 2025"):
        expect(answers.get_by_text(said, exact=True)).to_be_visible()
    tab_to(says="Kirim laporan")
    page.keyboard.press("Enter")
    is_headed(page, "Laporan Anda sudah kami terima")


def test_counters_count_as_the_server_does(open_page):
    page = open_page()
    title = page.get_by_label("Judul laporan")
    count = page.locator("#title-count")
    expect(count).to_have_text("Sisa 150 huruf")
    title.fill("  Lampu \N{ELECTRIC LIGHT BULB}  ")
    expect(count).to_have_text("Sisa 143 huruf")
    expect(page.locator("#body-count")).to_have_text("Sisa 10.000 huruf")
    title.fill("x" * 151)
    expect(count).to_have_text("Kelebihan 1 huruf")
    expect(title).to_have_accessible_description(re.compile("misalnya.*Kelebihan 1 huruf"))


def test_files_that_are_too_large_are_told_before_they_are_sent(open_page):
    page = open_page()
    fill(page)
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    large = {"name": "besar.jpg", "mimeType": "image/jpeg", "buffer": b"x" * (2 * 1024 * 1024 + 1)}
    page.get_by_label("Lampiran").set_input_files([a_file("kecil.jpg"), large])
    press(page, "Lanjutkan")
    expect(page.get_by_text("Terlalu besar: besar.jpg. Pilih lagi.")).to_be_visible()
    assert "POST" not in sent


@pytest.mark.parametrize("scripts", [True, False])
def test_files_stay_when_the_words_have_mistakes(open_page, scripts):
    page = open_page(java_script_enabled=scripts)
    page.get_by_label("Lampiran").set_input_files([a_file("lampu.jpg"), a_file("tiang.jpg")])
    press(page, "Lanjutkan")
    is_headed(page, "Ada yang perlu diperbaiki")
    fill(page)
    page.get_by_label("Hapus tiang.jpg").check()
    press(page, "Lanjutkan")
    is_headed(page, "Periksa kembali laporan Anda")
    press(page, "Kirim laporan")
    is_headed(page, "Laporan Anda sudah kami terima")
    expect(page.get_by_text("lampu.jpg", exact=True)).to_be_visible()


def test_no_script_of_a_stranger_runs(open_page):
    """A sample of hostile texts, without the content security policy that would stop them too."""
    page = open_page(bypass_csp=True)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    start = page.url
    for needle in NEEDLES[::47]:
        page.goto(start)
        fill(page)
        for name in TEXT_FIELDS:
            page.get_by_label(name, exact=False).first.fill(needle)
        page.get_by_label("Alamat surel").fill(needle)
        press(page, "Lanjutkan")
        is_headed(page, "Ada yang perlu diperbaiki")
        page.get_by_label("Alamat surel").fill("")
        press(page, "Lanjutkan")
        press(page, "Kirim laporan")
        is_headed(page, "Laporan Anda sudah kami terima")
    assert dialogs == []
