"""The same matter in other words is one; another place, count, time or wish is none."""

from __future__ import annotations

import pytest

from normalizer.fingerprint import Words, fingerprint, judge

JOINED = {"repeat", "supported"}


def verdict(one: str, other: str, *, same_reporter: bool) -> str:
    """Judge two texts as processing would."""
    read = [fingerprint(Words("", text, "", "sms")) for text in (one, other)]
    return judge(read[0], read[1], same_reporter=same_reporter).verdict


HOLE = "Jalan Raya Cisarua depan SPBU Megamendung berlubang besar, semalam dua motor jatuh"
WATER = "Air PDAM di Perumahan Mekarsari Indah Blok D Cileunyi tidak mengalir sudah 6 hari"
WASTE = "Sampah di TPS Pasar Bintoro Demak tidak diangkut sudah 10 hari, bau menyengat"
LIGHT = "Lampu PJU di Jalan Wirajaya RT 04 Kelurahan Sokanegara padam sejak 5 Oktober"
AID = "Bantuan PKH atas nama Suryani Desa Karangtalun Bobotsari belum cair dari Juli"
DOCTOR = "Di Puskesmas Sidareja tidak ada dokter jaga malam, pasien ditolak pulang"
FEE = "Petugas loket 4 Samsat Kepanjen minta uang 75 ribu untuk cek fisik tanpa kuitansi"
FLOOD = "Banjir di Underpass Gatsu Denpasar setinggi 50 cm, pompa tidak jalan, motor mogok"
TREE = "Pohon asem di depan SDN Patikraja 2 miring mau roboh, membahayakan murid"
SLIDE = "Tebing di Dusun Kaliputih Desa Wanayasa longsor menimpa 3 rumah warga"
NOISE = "Karaoke Bintang di Jalan Sulawesi Sampit musik keras sampai jam 3 pagi tiap malam"
SMOKE = "Pabrik tahu di Desa Kalisari Cilongok membuang limbah ke sungai, airnya hitam dan bau"

AGAIN = [
    (HOLE, "lubang gede di jl raya cisarua dpn pom bensin megamendung, td malem ada 2 mtr jatoh"),
    (HOLE, "sudah saya laporkan jalan cisarua depan spbu megamendung masih bolong kapan ditambal"),
    (WATER, "ledeng perum mekarsari indah blok d cileunyi mati udah 6 hr pak"),
    (WATER, "laporan saya soal air mekarsari indah blok D cileunyi belum ada tindakan, masih mati"),
    (WASTE, "tps pasar bintoro demak numpuk ga diangkut2 10 hari baunya minta ampun"),
    (LIGHT, "pju jl wirajaya rt 4 sokanegara mati dr tgl 5 okt, gelap"),
    (AID, "pkh an Suryani karangtalun bobotsari kok blm masuk juga dr juli"),
    (DOCTOR, "puskesmas sidareja malam ga ada dokternya, org sakit disuruh pulang"),
    (FEE, "samsat kepanjen loket 4 minta 75rb buat cek fisik ga dikasih kwitansi"),
    (FLOOD, "underpass gatsu denpasar kerendem 50 senti, pompanya mati, motor pd mogok"),
    (TREE, "LAPOR pohon asem dpn SDN Patikraja 2 miring mau roboh, membahay"),
    (SLIDE, "longsor di dsn kaliputih wanayasa, 3 rumah ketimpa tebing"),
    (SMOKE, "limbah pabrik tahu kalisari cilongok dibuang ke kali, aernya item bau"),
]
BY_ANOTHER = [
    (HOLE, "tolong tambal lubang di cisarua dekat spbu megamendung, anak saya tadi jatuh"),
    (WATER, "kran di mekarsari indah cileunyi kering, kami di blok D mandi pakai galon"),
    (WASTE, "pasar bintoro demak tps nya meluber, lalat sampai warung, truk sampah kemana"),
    (LIGHT, "jalan wirajaya sokanegara gelap gulita lampu jalannya mati, warga rt 4 takut"),
    (FLOOD, "underpass gatsu terendam sore ini, banyak motor mogok, pompa tidak dinyalakan"),
    (SLIDE, "rumah mertua saya di kaliputih wanayasa ketimbun longsoran tebing"),
    (SMOKE, "sungai kalisari cilongok hitam kena limbah tahu, ikan mati semua"),
]
APART = [
    (HOLE, HOLE.replace("Cisarua", "Ciwidey").replace("Megamendung", "Soreang")),
    (WATER, WATER.replace("Blok D", "Blok G")),
    (WASTE, WASTE.replace("Bintoro", "Jebor")),
    (LIGHT, LIGHT.replace("Wirajaya", "Gerilya")),
    (LIGHT, LIGHT.replace("RT 04", "RT 09")),
    (LIGHT, LIGHT.replace("5 Oktober", "21 November")),
    (AID, AID.replace("Suryani", "Partini")),
    (AID, AID.replace("Karangtalun", "Gandasuli")),
    (DOCTOR, DOCTOR.replace("Sidareja", "Kroya")),
    (FEE, FEE.replace("Kepanjen", "Singosari")),
    (FEE, FEE.replace("loket 4", "loket 1")),
    (FLOOD, "Parkir liar di Underpass Gatsu Denpasar bikin macet setiap sore"),
    (TREE, TREE.replace("SDN Patikraja 2", "SDN Patikraja 5")),
    (TREE, "Toilet SDN Patikraja 2 rusak dan tidak ada air, murid pulang ke rumah"),
    (SLIDE, "Warga Dusun Kaliputih Desa Wanayasa belum terima bantuan sembako"),
    (NOISE, NOISE.replace("Bintang", "Mutiara").replace("Sulawesi", "Sumbawa")),
    (SMOKE, "Jembatan di Desa Kalisari Cilongok putus, anak sekolah memutar 5 km"),
]
LATER = [
    (
        HOLE,
        "Jalan Cisarua depan SPBU Megamendung baru ditambal bulan lalu, sekarang berlubang lagi",
    ),
    (WATER, "Air PDAM Mekarsari Indah Blok D minggu lalu sudah mengalir, hari ini mati lagi"),
    (FLOOD, "Underpass Gatsu Denpasar banjir lagi, kali ini 80 cm, bulan lalu sudah diperbaiki"),
    (WASTE, "TPS Pasar Bintoro Demak kemarin sudah dibersihkan sekarang menumpuk lagi"),
    (
        FLOOD,
        "Underpass Gatsu Denpasar sempat surut seminggu, eh hari ini banjir 50 cm lagi",
    ),
    (FLOOD, "Di Underpass Gatsu Denpasar giliran mobil lain mogok kena banjir 50 cm"),
]
WISHES = [
    (WATER, "Terima kasih PDAM, air di Mekarsari Indah Blok D Cileunyi sudah mengalir lancar"),
    (LIGHT, "alhamdulillah lampu jl wirajaya rt 4 sokanegara sudah menyala, matur nuwun"),
    (AID, "pak mau tanya, kalau PKH Karangtalun Bobotsari sudah cair ambilnya di mana?"),
    (FEE, "apakah laporan saya tentang loket 4 samsat kepanjen sudah diproses?"),
    (TREE, "pohon asem SDN Patikraja 2 sudah dipangkas, mantap DLH"),
]

RAID = (
    "Lapor, Rabu malam di pos Karanganom Klaten polisi minta 150 ribu, katanya STNK saya mati, "
    "padahal masih berlaku. Tolong Propam."
)
STALL = (
    "di dusun Sumberwuni Nongkojajar ada warung jual tuak sampai subuh tiap malem minggu, resah pak"
)
FILLED_IN = [
    (RAID, RAID.replace("Rabu", "Minggu")),
    (RAID, RAID.replace("STNK saya mati", "lampu saya mati")),
    (STALL, STALL.replace("warung jual tuak", "orang buka sabung ayam")),
    (
        (
            "min di SMAN 2 Bumiayu iuran perpisahan wajib 450rb per anak, "
            "yang tidak bayar tidak dapat ijazah"
        ),
        "min di SMAN 2 Bumiayu study tour wajib 1,2jt per anak, yang tidak ikut tidak dapat ijazah",
    ),
    (
        "Jembatan Kali Ngalang di Desa Patuk putus diterjang banjir, anak sekolah memutar 7 km",
        "Jembatan Kali Kedokan di Desa Patuk putus diterjang banjir, anak sekolah memutar 7 km",
    ),
]
NO_SECOND_TIME = [
    (
        "Dana stimulan gempa di Desa Pendolo Poso yang cair 4 Maret dipotong 500 ribu per rumah",
        "Desa Pendolo Poso: dana stimulan gempa cair tgl 4 maret, sekarang kembali dipotong 500 rb",
    ),
    (
        (
            "Bantuan alat tani 3 juta untuk Pak Wagiyo Desa Ngerangan Bayat "
            "ditarik lagi oleh ketua kelompok"
        ),
        (
            "saya Wagiyo Ngerangan Bayat, bantuan alat tani 3 juta yang baru saya terima "
            "diambil kembali ketua kelompok"
        ),
    ),
    (
        "Kebakaran kios di sebelah Pasar Ngablak Magelang, pemadam datang 2 jam kemudian",
        "kios sebelah pasar Ngablak Magelang kebakar, pemadam baru datang 2 jam kemudian pak",
    ),
    (
        "posko pengungsi Sembalun Lombok Timur dapat beras berkutu, air bersih kurang",
        (
            "posko pengungsi Sembalun lg pak, beras berkutu blm diganti, "
            "sdh lapor 5 hari lalu belum ada jawaban"
        ),
    ),
]


@pytest.mark.parametrize(("one", "other"), FILLED_IN)
def test_a_form_letter_filled_in_by_another_for_something_else_joins_nothing(one, other):
    assert verdict(one, other, same_reporter=False) not in JOINED


@pytest.mark.parametrize(("one", "other"), NO_SECOND_TIME)
def test_what_is_taken_back_or_was_reported_before_did_not_happen_twice(one, other):
    assert verdict(one, other, same_reporter=True) == "repeat"


@pytest.mark.parametrize(("one", "other"), AGAIN)
def test_what_the_same_reporter_tells_again_is_a_repeat(one, other):
    assert verdict(one, other, same_reporter=True) == "repeat"


@pytest.mark.parametrize(("one", "other"), BY_ANOTHER)
def test_what_another_tells_in_own_words_supports(one, other):
    assert verdict(one, other, same_reporter=False) == "supported"


@pytest.mark.parametrize("same_reporter", [True, False])
@pytest.mark.parametrize(("one", "other"), APART)
def test_another_place_number_person_or_trouble_joins_nothing(one, other, same_reporter):
    assert verdict(one, other, same_reporter=same_reporter) not in JOINED


@pytest.mark.parametrize(("one", "other"), LATER + WISHES)
def test_what_happened_later_and_thanks_and_questions_join_nothing(one, other):
    assert verdict(one, other, same_reporter=True) not in JOINED
