"""Whether a short message says where or when, and nothing else.

It decides between an answer to "where?" or "when?" and a new complaint, where nothing else tells
them apart. A new complaint that is taken for an answer would be lost in another one; an answer that
is taken for a complaint costs a number. So in doubt it is a complaint: an answer begins like one,
and no word of it names a matter or tells a story.
"""

from __future__ import annotations

import re

LONGEST_ANSWER = 100  # characters
MOST_WORDS = 14
# So many words, or fewer, may be a bare name: "Bantul"; with a comma "Kadumbul, Sumba Timur". Two
# without one are as often a matter ("permohonan fogging").
FEW, FEW_IN_A_LIST = 1, 5
_WORD = re.compile(r"[^\W_]+(?:['\u2019.-][^\W_]+)*")
_REPORT = re.compile(r"\W*LAPOR", re.IGNORECASE)


def _words(of: str) -> frozenset[str]:
    return frozenset(of.split())


_POLITE = _words(
    """pak bapak bpk bu ibu min admin mas mbak kak bang om tante terima kasih terimakasih makasih
    trims tks thx ya iya y itu tsb tersebut lokasi lokasinya tempat tempatnya alamat alamatnya
    kejadian kejadiannya waktu waktunya terjadi dan atau tepatnya persis persisnya kira kira-kira
    sekira saja aja sih kok lah dong maaf posisi posisinya daerah daerahnya wilayah area jawab
    jawaban nama namanya pada ok oke baik halo selamat"""
)
_TIMES = _words(
    """kemarin kemaren kmrn kmrin tadi td barusan sekarang lusa minggu mgg senin selasa rabu kamis
    jumat jum'at sabtu ahad tanggal tgl jam pukul pkl sejak sejk mulai hari bulan bln tahun thn
    pagi siang sore malam januari februari maret april mei juni juli agustus september oktober
    november desember satu dua tiga empat lima enam tujuh delapan sembilan sepuluh"""
)
# An answer begins with one of these, a number or a few bare names.
_BEGINNINGS = _TIMES | _words(
    """di depan dpn belakang blkg samping smp dekat dkt sebelah seberang sebrang sekitar sepanjang
    pojok ujung perempatan prapatan simpang pertigaan bundaran jl jln gang gg rt rw dusun dsn desa
    ds kampung kp kelurahan kel kecamatan kec kabupaten kab kota provinsi prov nagari pekon gampong
    banjar padukuhan dukuh perum perumahan perumnas komplek kompleks blok km distrik pulau
    disini sini sana"""
)
_BETWEEN = _words("yang yg lalu lewat sampai ini sekitar di")
# With one of these near it, a street, a school or a market is an address.
_ADDRESS = _words("no nomor rt rw km blok kel kelurahan kec kecamatan kab kabupaten kota desa ds")
_NAMED = _words(
    """jalan jln jl pasar sekolah sd sdn smp smpn sma sman smk smkn masjid puskesmas terminal
    pelabuhan stasiun bandara halte alun-alun taman jembatan sungai rsud rsup rs polsek polres
    kantor balai lapangan kampus"""
)
# Words of a story, and of every complaint; none is part of an address or a time.
_STORY = _words(
    """ada adanya saya kami kita aku warga masyarakat orang anak mereka dia sudah sdh udah udh telah
    belum blm tidak tdk gak ga nggak ngga tak jangan bukan kurang banyak bnyk sering srg selalu
    sekali bgt banget sangat terlalu terus karena krn sebab supaya agar untuk utk untk dengan dgn
    oleh akan bisa dapat dpt mau ingin masih msh harus wajib tolong tlg mohon mhn harap minta
    dimohon kapan kenapa mengapa bagaimana gimana apakah apa siapa kok segera cepat tanpa padahal
    tapi tetapi juga bahkan malah hanya cuma seperti sampai2 biar kalau kalo jika bila lagi lg
    licin becek kumuh sempit semrawut bahaya berbahaya rawan jelek buruk parah amblas ambles ambrol
    ambruk jebol putus patah roboh tumbang miring retak goyang gelap lambat lemot mahal langka habis
    kosong naik turun rusak mati padam macet bocor longsor hilang kotor keruh bau busuk mampet
    sumbat buntu telat absen bolos kasar palsu liar ilegal licik curang bising ribut gundul kering
    kekeringan kehabisan kelaparan meluap tergenang genangan berlumpur berserakan menumpuk numpuk
    bertebaran terbengkalai terlantar mangkrak macet-macetan ugal-ugalan ngebut berkeliaran"""
)
_STEMS = re.compile(
    r"""(?:di|ke|se|per|pe|me|mem|men|meng|ber|ter)?
    (?:rusak|banjir|lubang|sampah|pungli|pungut|pungutan|korupsi|suap|curi|maling|begal|rampok|
    tawuran|judi|narkoba|miras|parkir|limbah|cemar|asap|bakar|debu|antre|antri|aniaya|ancam|paksa|
    tipu|bohong|bantuan|bansos|blt|pkh|bpjs|kip|kis|kks|ktp|e-ktp|kk|akta|sertifikat|pupuk|solar|
    bensin|gas|elpiji|beras|sembako|minyak|harga|gaji|honor|tunjangan|tagih|tagihan|tarif|biaya|
    bayar|uang|dana|rp|rupiah|juta|ribu|air|pam|pdam|listrik|pln|lampu|lampunya|sinyal|internet|
    wifi|obat|dokter|perawat|bidan|guru|petugas|oknum|polisi|lurah|camat|bupati|kades|perangkat|
    pegawai|pns|asn|adu|aduan|keluh|keluhan|perbaiki|perbaikan|benah|tindak|cek|periksa|kerja|
    proyek|bangun|pembangunan|aspal|tambang|galian|pohon|selokan|got|drainase|gorong-gorong|trotoar|
    rambu|tiang|kabel|anjing|kucing|tikus|nyamuk|demam|wabah|pelayanan|layanan|ijazah|sekolahan|
    pengemis|gelandangan|pkl|reklame|baliho|truk|bus|angkot|motor|mobil|kendaraan|tabrakan|
    kecelakaan|jatuh|luka|korban|meninggal|hama|irigasi|sawah|panen|ternak|sapi|ayam)
    (?:an|kan|i|nya)?""",
    re.VERBOSE,
)


def looks_like_answer(text: str) -> bool:
    """Tell whether this only says where or when: "di Jl Melati RT 3", "kemarin pagi"."""
    if len(text) > LONGEST_ANSWER or "?" in text or _REPORT.match(text):
        return False
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) > MOST_WORDS or any(map(_tells_a_story, words)):
        return False
    told = [word for word in words if word not in _POLITE]
    if not told:
        return False
    is_list = "," in text.strip(" ,")
    if told[0] in _BEGINNINGS or told[0][0].isdigit():
        return True
    if len(told) <= (FEW_IN_A_LIST if is_list else FEW):
        return True
    is_address = is_list or any(word in _ADDRESS or word.isdigit() for word in told[1:])
    return told[0] in _NAMED and is_address


def says_when_alone(text: str) -> bool:
    """Tell whether an answer has nothing but a time: "kemarin pagi jam 7"."""
    words = [word.casefold() for word in _WORD.findall(text)]
    told = [word for word in words if word not in _POLITE]
    return all(word in _TIMES or word in _BETWEEN or word[0].isdigit() for word in told)


def _tells_a_story(word: str) -> bool:
    return word in _STORY or (word not in _BEGINNINGS and _STEMS.fullmatch(word) is not None)
