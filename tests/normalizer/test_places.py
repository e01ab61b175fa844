"""Where it happened: the gazetteer, and the areas that texts support."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.gazetteer import LEVELS, gazetteer, known_region, zone_of
from normalizer.places.aliases import aliases, known_places
from normalizer.places.location import incident_location


@pytest.mark.parametrize(
    ("level", "count"), list(zip(LEVELS, (38, 514, 7285, 83762), strict=True)), ids=LEVELS
)
def test_all_areas_are_there_each_within_another(level, count):
    codes = gazetteer().codes_of_level(level)
    assert len(codes) == count
    assert all(gazetteer().knows(code.rpartition(".")[0]) for code in codes if "." in code)


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("31", "Asia/Jakarta"),
        ("51.71", "Asia/Makassar"),
        ("73.71.11", "Asia/Makassar"),
        ("81.71", "Asia/Jayapura"),
        ("94.04", "Asia/Jayapura"),
    ],
)
def test_a_place_has_a_time_zone(code, zone):
    assert zone_of(code) == zone


def test_a_region_of_a_nik_is_that_of_a_district():
    assert known_region("337405")
    assert not known_region("999999")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lampu mati di kel. Kedaton bandar lampung", "18.71.01.1003"),
        ("Jalan rusak di Kec. Genuk Kota Semarang", "33.74.05"),
        ("pungli di kantor kecamatan Jagakarsa", "31.74.09"),
        ("sampah di Kab. Bandung tidak diangkut", "32.04"),
        ("sampah di Kota Bandung tidak diangkut", "32.73"),
        ("banjir di jaksel", "31.74"),
        ("jalan berlubang jl Surabaya no 17 kota Pekanbaru", "14.71"),
        ("desa Batu Putih? bukan, desa Oebobo TTS, tambang pasir", "53.02.14.2004"),
    ],
)
def test_the_deepest_area_that_the_text_supports_is_found(text, code):
    found = incident_location(text)
    assert found.code == code
    assert found.origin == "extracted"
    assert 0 < found.confidence < 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("got mampet di kebonjeruk jakbar", "31.73.05"),
        ("antre lama di puskesmas Kramat Jati", "31.75.04"),
        ("air keruh di gunung kidul", "34.03"),
        ("macet di Tj. Priok", "31.72.02"),
        ("banjir di Kec. Seberang Ulu II Palembang", "16.71.03"),
    ],
)
def test_names_are_compared_without_blanks_and_with_abbreviations_written_out(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("trotoar di Purwokerto dipakai parkir", "33.02"),
        ("pabrik di cikarang bau sekali", "32.16"),
        ("listrik padam di Takengon", "11.04.17"),
        ("lampu mati di marelan medan", "12.71.12"),
    ],
)
def test_what_areas_of_several_sides_are_called_is_the_area_around_them(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sampah di kel Ketawanggede lowokwaru malang", "35.73.05.1006"),
        ("bau limbah desa Bulusari tarik sidoarjo", "35.15.01"),
        ("lubang di jalan Tempurejo Jember", "35.09.18"),
        ("lubang di jalan Tempurejo", None),
        ("meteran dicabut di kel. Bendungan cilegon", "36.72.02.1003"),
    ],
)
def test_a_doubtful_name_is_a_place_beside_the_area_around_or_within_it(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Rumah saya di Klaten, dompet hilang di terminal Tirtonadi Surakarta", "33.72"),
        ("warga Bantul dipungut uang di kecamatan Mlati Sleman", "34.04.06"),
        ("petugas samsat di Garut lambat, saya dari Cikajang", "32.05"),
        ("bus mogok di Majenang Cilacap jurusan Bandung - Jogja", "33.01.14"),
        ("KUA di kota Kediri tutup, bukan di Tulungagung", "35.71"),
        ("nama saya Rini Surabaya, jalan di Kab. Magetan rusak", "35.20"),
        ("sy dr Cikajang, petugas samsat di Garut lambat", "32.05"),
        ("Air meluap dari bak Rusunawa Cigugur Tengah, Cimahi", "32.77.02.1002"),
        ("atas nama Bambang Malang Prasetyo, kartunya hilang", None),
    ],
)
def test_where_people_live_come_from_and_go_to_is_not_where_it_happened(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kepala desa Karangrejo, Kecamatan Kampak, Trenggalek, memungut iuran", "35.03.07.2005"),
        ("Dusun Krajan Desa Sidorejo. Kecamatan Mojo, Kediri", "35.06.02"),
        ("pungli di Kuta Alam, Kota Banda Aceh", "11.71.02"),
        ("jadwal ujian di Kota Padang berubah", "13.71"),
        ("lampu mati di kotabaru", "63.02"),
        ("lampu mati di kota baru", None),
        ("toko di Pasar Senen terbakar", "31.71.04"),
        ("kios di pasar pagi tutup", None),
        ("truk melewati jalan desa setiap hari", None),
    ],
)
def test_a_cue_counts_more_than_a_name_elsewhere(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lapangan merdeka Medan kotor", "12.71"),
        ("ayunan di taman kencana kota bogor patah", "32.71"),
        ("lampu jalan bantargebang redup", "32.75.07"),
        ("antre di gerbang tol Cileunyi", "32.04.05"),
        ("Jembatan Batang Kasai roboh", None),
        ("parkir di Gajah Mada semrawut", None),
    ],
)
def test_what_is_called_after_a_place_is_none(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("loket stasiun Pekalongan tutup", "33.75"),
        ("loket di Pekalongan tutup", "33"),
        ("sawah di Pekalongan kering", "33"),
        ("Bima kota banjir", "52.72"),
        ("lampu padam di Jalan Kartika, Pekalongan", "33.75"),
        ("jalan rusak di Pekalongan", "33"),
    ],
)
def test_a_town_is_meant_where_the_text_speaks_of_one(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lampu mati di singaraja", "51.08"),
        ("sampah di pantai nusa dua", "51.03.05"),
        ("parkir liar di malioboro", "34.71"),
        ("BBM di anambas langka", "21.05"),
        ("Macet di Puncak sejak pagi", "32.01"),
        ("antre di puncak acara", None),
        ("sekolah di Kabupaten Puncak tutup", "94.05"),
    ],
)
def test_what_everybody_knows_lies_where_it_lies(text, code):
    assert incident_location(text).code == code


def test_known_places_and_aliases_are_in_the_gazetteer():
    codes = {*known_places().values(), *(code for of in aliases().values() for code in of)}
    assert all(gazetteer().knows(code) for code in codes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bau limbah haurgeulis tiap sore", "32.12.01"),
        ("got mampet samarinda ulu", "64.72.03"),
        ("lampu padam di Panunggangan", "36.71.11.1009"),
        ("copet di halte transjakarta Cengkareng", "31.73.01"),
        ("Kasihan anak itu, sekolah jauh", None),
        ("matur suwun, dalane wis apik", None),
        ("tulung pak, banyu mati ning omahku", None),
    ],
)
def test_a_rare_name_is_a_place_by_itself_and_a_word_is_none(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("genset Pulau Panggang mati", "31.01.01.1001"),
        ("undangan di balai desa", None),
        ("bus Semarang-Surabaya ugal-ugalan", None),
        ("kapal Tual-Dobo kelebihan penumpang", None),
    ],
)
def test_an_island_may_be_one_and_the_ends_of_a_route_are_none(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("macet di Curug @PolresBogor", "32"),
        ("banjir di Gayamsari @pemkotsmg", "33.74.04"),
        ("Tegalsari banjir @pemkotsurabaya", "35.78.05"),
        ("mohon bantuan @PemkabSleman", None),
    ],
)
def test_a_handle_helps_what_is_named_and_names_nothing(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Antre paspor di imigrasi Madiun. Bolak balik Magetan-Madiun 2 jam", "35.77"),
        ("Lubang di dekat pasar Lasem - Rembang", "33.17.14"),
        ("jalan di Jonggol - Cariu, Kabupaten Bogor", "32.01"),
        ("kapal rute Bitung-Tahuna batal", None),
        ("jalan Mambi-Mamasa tertutup longsor", "76.03.01"),
    ],
)
def test_the_ends_of_a_route_are_elsewhere(text, code):
    assert incident_location(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lampu mati di sukamaju",
        "Jl. Bandung berlubang",
        "mohon maju terus pantang mundur, sejahtera dan makmur",
        "pasar baru tutup, tolong",
    ],
)
def test_what_may_be_anywhere_is_nowhere(text):
    assert incident_location(text).code is None


def test_a_typed_place_stays_as_it_was_typed():
    found = incident_location("lampu padam", typed="dpn balai desa, Kec. Sewon Bantul")
    assert (found.text, found.origin) == ("dpn balai desa, Kec. Sewon Bantul", "reporter")
    assert found.code == "34.02.15"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Jl Raya Bogor km 30, Cimanggis, Depok", "32.76.02"),
        ("RT 3 RW 5 Kelurahan Baru, Kec Pasar Rebo, Jakarta Timur", "31.75.05.1002"),
        ("jalan kebon jeruk raya", None),
        ("Karangpandan, Karangpandan, Kabupaten Karanganyar", "33.13.08.2007"),
        ("Jalan Brawijaya, Kota Kediri", "35.71"),
        ("Posyandu Anggrek RW 04", None),
        ("Pergudangan Kosambi, Kabupaten Tangerang", "36.03.14"),
    ],
)
def test_a_typed_place_is_read_as_one(typed, code):
    assert incident_location("lampu padam", typed=typed).code == code


@settings(deadline=None, max_examples=200, derandomize=True, database=None)
@given(st.text(max_size=300))
def test_no_text_raises(text):
    incident_location(text)
    incident_location("", typed=text)
