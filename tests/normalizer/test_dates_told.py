"""When it happened, where the words around a date say which date it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest

from normalizer.dates import feasts, incident_date

AT = datetime(2026, 8, 19, 10, 0, tzinfo=timezone(timedelta(hours=7)))  # a Wednesday

LASTING = [
    ("angkutan desa mogok 4 hari", "2026-08-15", "day"),
    ("ini hari ke-3 asap masuk rumah", "2026-08-17", "day"),
    ("sudah hari ketiga air tidak jalan", "2026-08-17", "day"),
    ("honor guru ngaji blm dibayar 4 bln", "2026-04-01", "month"),
    ("puskesmas pembantu mangkrak 3 tahun", "2023-01-01", "year"),
    ("jalan ini sudah 5 tahun rusak", "2021-01-01", "year"),
    ("pos ronda dibiarin ambruk 6 bulan", "2026-02-01", "month"),
    ("galian kabel dibiarkan terbuka dua minggu", "2026-08-03", "week"),
    ("hajatan nutup jalan 3 hari", "2026-08-16", "day"),
    ("2 taun saya nunggu sertipikat", "2024-01-01", "year"),
    ("2 hr berturut2 air keruh", "2026-08-17", "day"),
    ("mati lampu 5 jam woy", "2026-08-19", "day"),
    ("sertifikat diproses 1,5 tahun blm kelar", "2025-02-01", "month"),
    ("gelap begini ada kali 2 mingguan", "2026-08-03", "week"),
    ("dalam seminggu terakhir banyak begal", "2026-08-10", "week"),
    ("be 3 dina mati lampu nang kene", "2026-08-16", "day"),
    ("sampun tigang dinten toya mboten mili", "2026-08-16", "day"),
    ("banyu leding kada mangalir sudah talu hari ni", "2026-08-16", "day"),
    ("gurandil dibiarkeun, cai kotor geus lima poe", "2026-08-14", "day"),
    ("aia indak iduik sajak kapatang", "2026-08-18", "day"),
    ("pungutan komite terjadi 2021 sampai sekarang", "2021-01-01", "year"),
    ("jembatan putus 2022 hingga kini", "2022-01-01", "year"),
    ("tidak terima gaji Januari s/d sekarang", "2026-01-01", "month"),
    ("semenjak ganti kades tahun 2023 tertutup", "2023-01-01", "year"),
    ("paving anyar seminggu wis ambles", "2026-08-10", "week"),
    ("tangki air proyek 2023 tidak pernah terisi", "2023-01-01", "year"),
    ("dari jaman 2018 begini terus", "2018-01-01", "year"),
    ("tanah wakaf dijual th 2025", "2025-01-01", "year"),
    ("tahun 2025 kemarin tidak dapat bibit", "2025-01-01", "year"),
    ("kejadiannya Maret tahun lalu", "2025-03-01", "month"),
    ("24 jam terakhir 3 kali mati lampu", "2026-08-18", "day"),
    ("belum singgah di dermaga kampung tua kami 2 bulan, beras habis", "2026-06-01", "month"),
    # no onset
    ("aula 2024 tidak dipinjamkan satu hari pun", "2024-01-01", "year"),
    ("pernah mati 3 hari berturut turut", None, None),
    ("STNK mati 2 tahun, petugas minta uang", None, None),
    ("triwulan 2 tahun 2026 belum cair", None, None),
    ("anggaran tahun 2025 tidak dibuka", None, None),
    ("ibu penerima bansos sejak 2019", None, None),
    ("usul bus 24 jam lewat jalan Merdeka", None, None),
    ("air mati 3 kali sebulan", None, None),
    ("sehari mati lampu bisa 5 kali", None, None),
    ("istri hamil 7 bulan tidak dilayani", None, None),
    ("bapak 67 tahun tidak dapat bansos", None, None),
    ("cucu saya 2 tahun tidak diimunisasi", None, None),
    ("disuruh menunggu lagi 2 minggu, antrian macet", None, None),
    ("belum genap 3 bulan dipakai sudah rusak", None, None),
    ("cuma tahan 2 minggu rusak", None, None),
    ("garansi 1 tahun tidak berlaku", None, None),
    ("kami sudah 20 tahun tinggal di sini", None, None),
    ("kotak sabun 1 x 24 jam belum ada", None, None),
    ("sejak pandemi tutup malam", None, None),
]
STRETCHES = [
    ("dari pagi smp malam tambang jalan terus", None, None),
    ("buka dr sore sampe subuh", None, None),
    ("padam tadi malam sampai pagi tadi", "2026-08-18", "day"),
    ("pada minggu ke-2 Juli tagihan naik", "2026-07-06", "week"),
    ("minggu pertama bulan lalu", "2026-06-29", "week"),
    ("mati listrik dr jam 2 siang sampe skrg", "2026-08-18", "day"),
    ("banjir sejak jam 3 pagi", "2026-08-19", "day"),
    ("padam dari pukul 04.30 belum nyala", "2026-08-19", "day"),
    ("sejak jam 9 malam kemarin padam", "2026-08-18", "day"),
    ("loket buka dari jam 8 sampai jam 3", None, None),
    ("Tadi ada mobil plat merah parkir di trotoar", "2026-08-19", "day"),
    ("ledakan tiap subuh, terakhir tdi", "2026-08-19", "day"),
    ("lampu jalan yang tadi itu", None, None),
    ("baru saja terjadi tabrakan", "2026-08-19", "day"),
    ("pulsa listrik dibeli jam 9 tadi", "2026-08-19", "day"),
    ("kios pindah sejak pasar terbakar 3/7", "2026-07-03", "day"),
    ("loket tutup 17 Agustus padahal jadwal saya tgl 18", "2026-08-17", "day"),
    ("Minggu 16 Agust jam 4 sore", "2026-08-16", "day"),
    ("skrg tgl 19 gaji blm juga turun", None, None),
    ("syarat nikah utk tgl 12 desember", None, None),
    ("Jumat kliwon kemarin ada pungutan", "2026-08-14", "day"),
    ("tabrakan tadi pagi karena lampu mati dr kemarin", "2026-08-18", "day"),
    ("ditelantarkan selama 6 jam, Sabtu malam", "2026-08-15", "day"),
    ("ambruk Rabu dini hari pekan kemarin", "2026-08-12", "day"),
    ("lampu pareum tilu peuting", "2026-08-16", "day"),
    ("Sabtu ini libur", None, None),
    ("Senin ini tidak diangkut", "2026-08-17", "day"),
    ("kabel putus pukul 08.15 WIB tadi", "2026-08-19", "day"),
    ("menunggu sejak surat kami masuk 20 Juli", "2026-07-20", "day"),
    ("katanya 17 Agustus gratis", None, None),
    ("kena banjir kemarin siang", "2026-08-18", "day"),
    ("kawit poso kemarin ora ono sinyal", None, None),
    ("sinyal ilang wis meh sak wulan", "2026-07-01", "month"),
    ("gas oplosan sdh 3 mgguan", "2026-07-27", "week"),
    ("baru saja diaspal", None, None),
    ("lusa kemarin motor dirampas", "2026-08-17", "day"),
    ("kmrn malam minggu dipukul", "2026-08-15", "day"),
    ("Kamis dua minggu yang lalu terjatuh", "2026-08-06", "day"),
    ("ribut tiap sabtu mlm. td mlm juga ada", "2026-08-18", "day"),
    ("saya bisanya sabtu", None, None),
    ("dokter tidak ada hari Senin & Selasa kemarin", "2026-08-17", "day"),
    ("Selasa minggu kemarin", "2026-08-11", "day"),
    ("ribut di pasar kemarin", "2026-08-18", "day"),
    ("gelap di km 50 semalam", "2026-08-18", "day"),
    ("beras habis 3 hari lalu", "2026-08-16", "day"),
    ("paspor habis 3 Agustus", None, None),
    ("di pasar Senin dan lapangan 5 Agustus", None, None),
    ("info jadwal SIM keliling bulan ini", None, None),
    ("loket tutup hari ini", "2026-08-19", "day"),
    ("kantor tutup hari Minggu", None, None),
]
REPORTS = [
    ("mau lapor tadi pagi ada truk tumpah oli", "2026-08-19", "day"),
    ("Izin melaporkan, kemarin sore pohon tumbang", "2026-08-18", "day"),
    ("Lapor pak semalam ada balap liar", "2026-08-18", "day"),
    ("saat melapor ke polsek tgl 5 Agustus saya dimintai uang", "2026-08-05", "day"),
    ("kemarin waktu lapor ke kelurahan saya dibentak", "2026-08-18", "day"),
    ("dengan ini saya mengadukan bahwa pada 2 Agustus toko dibakar", "2026-08-02", "day"),
    ("Laporan: kemarin ada pungli di terminal", "2026-08-18", "day"),
    ("saya sudah lapor tgl 10 Agustus tapi lampu tetap mati", None, None),
    ("laporan saya 2 minggu lalu belum ditindaklanjuti", None, None),
    ("lapor tgl 3 tapi tidak dijawab", None, None),
    ("sudah lapor 3 kali: 1 Mei, 1 Juni dan 1 Juli 2026", None, None),
    ("sudah lapor 1 Juli, kemarin rusak lagi", "2026-08-18", "day"),
    ("kami telah bersurat pada 1 Juli 2026", None, None),
    ("Jalan rusak. Usulan ini sudah kami sampaikan dalam rapat 4 Agustus 2026", None, None),
    ("proposal bantuan diajukan 7 Juli 2026 belum dibalas", None, None),
    ("kerupuk yang dikirim 3 Agustus berjamur", "2026-08-03", "day"),
    ("dua hari lalu lapor ke RT, preman masih minta jatah", None, None),
]
OTHERS = [
    ("akta kematian ditolak kemarin oleh petugas", "2026-08-18", "day"),
    ("meteran dicabut tanpa surat tgl 3 kemarin", "2026-08-03", "day"),
    ("lewat surat Nomor 021/AB-CD/VIII/2026 tanggal 17 Agustus", None, None),
    ("sejak Ahad, 2 Agustus tanggul bocor, kemarin makin parah", "2026-08-02", "day"),
    ("kejadian terakhir 9-8, ikan mati", "2026-08-09", "day"),
    ("belum diperbaiki sebelum puncak hujan pada Oktober", None, None),
    ("tahun lalu 48rb skrg 192rb", None, None),
    ("katanya bulan Juni cair", None, None),
    ("seharusnya April 2026 naik pangkat", None, None),
    ("talud TA 2025 tidak sesuai gambar", None, None),
    ("tidak cair padahal bulan kmrn ada", None, None),
    ("bukan hari ini saja, sejak tahun 2020 dibiarkan", "2020-01-01", "year"),
    ("sejak gudang itu berdiri thn 2024 sumur kering", "2024-01-01", "year"),
    ("sejak direnovasi Maret kemarin bocor", "2026-03-01", "month"),
    ("dari awal tahun ajaran belum dapat buku", None, None),
    ("surat yang ditandatangani 3 Agustus", None, None),
    ("dibanding tahun lalu pajak naik", None, None),
    ("beda dengan tahun lalu pupuk susah", None, None),
    ("bulan lalu masih dapat beras, sekarang tidak", None, None),
    ("diperbaiki 3 bulan lalu, padam lagi sejak Minggu malam", "2026-08-16", "day"),
    ("terakhir diaspal bulan Maret 2026", None, None),
    ("tidak pernah diperbaiki sejak Juli", "2026-07-01", "month"),
    ("jadwal vaksin tgl 30 Agustus", None, None),
    ("pendaftaran 1 Oktober kok bayar", None, None),
    ("sejak 30 Agustus tahun lalu", "2025-08-30", "day"),
    ("agustusan nanti jangan ditutup", None, None),
    ("air keruh tadi pagi, padahal rekening sudah dibayar tgl 5", "2026-08-19", "day"),
    (
        "papan: mulai 3 Maret 2026. Pekerja pergi sejak pertengahan Juni",
        "2026-06-01",
        "month",
    ),
    ("KTP anak diajukan tanggal 3 Agustus, belum jadi", None, None),
    ("anak saya nikah 12 Juli 2026, apa syarat pecah KK", None, None),
    ("guru honorer sejak 2012 belum diangkat", None, None),
    ("lampu mati dari siang kemarin", "2026-08-18", "day"),
    ("gudang kebanjiran kmrn lusa", "2026-08-17", "day"),
    ("sakit dari jam 4 pagi di IGD dibiarkan", "2026-08-19", "day"),
    ("dua hari lepas perahu karam", "2026-08-17", "day"),
    ("tarif air baru berlaku sejak 1 Agustus 2026 tanpa pemberitahuan", "2026-08-01", "day"),
    ("SIM saya berlaku sejak 1 Agustus 2026", None, None),
    ("sapi liar masuk ladang sejak hari Minggu, 3 petak habis", "2026-08-16", "day"),
    ("ruang operasi padam 2 jam tadi malam", "2026-08-18", "day"),
    ("saya antar ibu ke pustu tadi disuruh pulang", "2026-08-19", "day"),
]
FEASTS = [
    ("sejak malam takbiran kemarin lampu padam", "2026-03-20", "day"),
    ("sejak lebaran air keruh", "2026-03-21", "day"),
    ("sejak lebaran tahun lalu air keruh", "2025-03-31", "day"),
    ("pas lebaran hari kedua saya dipukul preman", "2026-03-22", "day"),
    ("hari raya idul adha jalan ditutup", "2026-05-27", "day"),
    ("waktu lebaran haji listrik padam", "2026-05-27", "day"),
    ("H+2 lebaran petugas minta uang", "2026-03-23", "day"),
    ("H-1 Natal antre bensin", "2025-12-24", "day"),
    ("sejak Natal air keruh", "2025-12-25", "day"),
    ("malam tahun baru ada petasan", "2025-12-31", "day"),
    ("sejak tahun baru sampah menumpuk", "2026-01-01", "day"),
    ("pas 17an kemarin panggung dibubarkan", "2026-08-17", "day"),
    ("malam 17 agustusan listrik padam", "2026-08-16", "day"),
    ("pada hari nyepi ojek dirazia", "2026-03-19", "day"),
    ("dari taon baru sampah kagak diangkut", "2026-01-01", "day"),
    ("hari raya kedua puskesmas tutup", "2026-05-28", "day"),
    ("jalan raya kedua rusak", None, None),
    ("mau 17 September lho", None, None),
    ("THR lebaran belum dibayar", None, None),
    ("libur lebaran kemarin macet", None, None),
    ("sejak tahun baru islam", None, None),
    ("lomba 17-an dipungut iuran", None, None),
    ("pas lebaran nanti", None, None),
    ("H+99 lebaran, h ke 2, h+ lebaran", None, None),
]


@pytest.mark.parametrize(
    ("text", "value", "precision"), [*LASTING, *STRETCHES, *REPORTS, *OTHERS, *FEASTS]
)
def test_words_around_a_date_tell_which_it_is(text, value, precision):
    read = incident_date(text, AT)
    assert (read.value, read.precision) == (value, precision)


def test_feast_that_has_just_been_needs_no_other_word():
    june = AT.replace(month=6, day=3)
    assert incident_date("lebaran haji kmrn tamu muntah", june).value == "2026-05-27"


def test_movable_feast_of_a_year_that_is_not_in_the_table_is_not_guessed():
    later = AT.replace(year=2028)
    assert incident_date("sejak lebaran air keruh", later).value is None
    assert incident_date("sejak natal air keruh", later).value == "2027-12-25"


def test_movable_feasts_come_each_lunar_or_saka_year():
    for days in feasts._MOVABLE.values():
        gaps = [(later - one).days for one, later in pairwise(days)]
        assert all(340 < gap < 400 for gap in gaps)
