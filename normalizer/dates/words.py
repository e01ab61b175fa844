"""The words of dates as citizens write them: Indonesian, its SMS spellings, and its neighbours."""

from __future__ import annotations


def listed(row: str) -> frozenset[str]:
    """Give the words of a row as a set."""
    return frozenset(row.split())


def _numbered(first: int, *rows: str) -> dict[str, int]:
    return {word: number for number, row in enumerate(rows, first) for word in row.split()}


MONTHS = _numbered(
    1,
    "januari jan jnuari januri january",
    "februari pebruari feb peb febuari pebuari febr februwari",
    "maret mar mrt maart march",
    "april apr aprl",
    "mei may",
    "juni jun june",
    "juli jul july",
    "agustus agust agu agt ags agst aug agus agustuss august agts agsts",
    "september sept sep septmber",
    "oktober okt oct october oktobr",
    "november nopember nov nop nofember novmber",
    "desember des dec december disember",
)
# What means a month without a day before it: "des" and "mar" may be other words.
PLAIN_MONTHS = frozenset(
    word
    for word in MONTHS
    if len(word) > len("mei") or word in ("mei", "agt", "ags", "okt", "nov", "feb")
)
ORDINALS = _numbered(
    1, "pertama kesatu i", "kedua ii", "ketiga iii", "keempat iv", "kelima terakhir v"
)
WEEKDAYS = _numbered(
    0,
    "senin snin senen",
    "selasa slasa salasa",
    "rabu rebo",
    "kamis kmis kemis",
    "jumat jum'at jumaat jum\u2019at jum`at jumuah jemuah",
    "sabtu saptu setu sbtu",
    "minggu ahad mgg mnggu",
)
SUNDAY = 6
NUMBERS = _numbered(
    1,
    "satu siji hiji ciek setunggal",
    "dua loro rong duo due kalih du",
    "tiga telu telung tilu tigo tige tigang talu tolu",
    "empat papat patang opat ampek ampat sekawan",
    "lima limang limo gangsal",
    "enam enem nem genep anam enim",
    "tujuh pitu pitung tujuah",
    "delapan wolu wolung dalapan lapan",
    "sembilan sanga sangang sambilan salapan",
    "sepuluh sapuluh sapuluah sedasa",
    "sebelas",
)
TEENS, TENS = "belas", "puluh"

UNITS = {
    word: unit
    for unit, row in {
        "day": "hari hr hri ari dina dino poe dinten areh uroe peuting wengi bengi harian"
        " malam mlm malem",
        "week": "minggu mgg mggu mnggu pekan mingguan mgguan mggan minggon",
        "month": "bulan bln wulan sasi bulanan blan bulanen",
        "year": "tahun thn th taun tahunan taon",
        "hour": "jam jm",
        "minute": "menit mnt",
    }.items()
    for word in row.split()
}
ONE = {
    word: unit
    for unit, row in {
        "day": "sehari sahari saharian sedina sapoe seharian",
        "week": "seminggu sepekan sapakan sepeken semingguan saminggu smgg semgg smggu",
        "month": "sebulan sebln sebulanan sawulan sesasi sakwulan sabulan",
        "year": "setahun setaun sethn setahunan sataun sataon",
        "hour": "sejam",
    }.items()
    for word in row.split()
}
YESTERDAY = listed(
    "kemarin kemaren kmrn kmren kmarin kmaren kemrin kmrin kmrn2 kemarn kelmarin wingi"
    " kamari kamarin kapatang kalamareng kamareng kmaring kmarn kemaring kmrnya kemarinnya"
    " ibi baroe"
)
AGO = YESTERDAY | listed(
    "lalu lau silam kepungkur kapungkur lewat liwat terakhir trakhir trkhr terahir"
    " lepas belakangan blakangan blkangan yll yl sebelumnya katukang tukang llu lalau kemaren"
)
LINKS = listed("yang yg yng nan sing nu ingkang ke lebih lbh an kurang ini")
NIGHT = listed("malam mlm malem mlam mlem bengi wengi peuting dalu malm malamnya")
DAYTIME = listed(
    "pagi pg siang sore subuh shubuh sg isuk esuk enjing beurang sonten pagii sore2 dini"
    " maghrib magrib zuhur dzuhur ashar asar pagie awan"
)
EARLIER = listed("tadi td tdi mau wau cako tadinya")
DAY = listed("hari hr hri dina dino poe ari dinten")
THIS = listed("ini iki niki ieu ko ni")
DATED = listed("tanggal tgl tggl tg tgal tnggal tanggalnya tglnya ttgl")
YEAR = listed("tahun thn th taun taon")
MONTH = listed("bulan bln wulan sasi blan")
WEEK = listed("minggu pekan mgg mggu mnggu minggon")
PART = listed("awal akhir pertengahan tengah penghujung medio awl")

SINCE = listed(
    "sejak kaet sjk sjak semenjak dari dr dri mulai mulae kawit wiwit ti sedari ket jak"
    " sajak awit ngawitan mimiti uling tumatan"
)
BEGAN = listed("sejak semenjak sjk sjak kaet sedari sajak")
UNTIL = listed("sampai hingga smp sampe ampe sampek ampek nepi tekan nganti s sd smpe smpai hngga")
NOW = listed("sekarang skrg skr skrng skarang skg kini saiki ayeuna niki ini")
LASTED = SINCE | listed(
    "sudah sdh udah udh dah wis wes uwis uwes sampun suba atos tos geus parantos alah lah su so"
    " nunga slm selama hampir hmpr sekitar kira genap masuk lebih sampai lama jalan mau nyaris"
    " telah tlh ampir skitar kurleb"
)
NOT = listed(
    "tidak tdk gak ga nggak ngga enggak belum blm blom blum tak ora teu ndak indak kagak"
    " kaga gk g tdak durung ra rung mboten nda dak kada kda inda trada tra tara"
    " sonde acan tacan can ngga engga ngak ndk ndag boten dereng"
)
# What fails, waits or is left lying.
STUCK = listed(
    "dibiarkan dibiarin dibiar biarkan dibiarkn terbengkalai terbengkelai mangkrak terlantar"
    " ditelantarkan ditinggal ditinggalkan menganggur nganggur mandek mandeg terhenti berhenti"
    " tertunda ditunda molor telat terlambat nunggak menunggak ditahan tertahan digantung tunggu"
    " menunggu nunggu nungguin menanti menumpuk numpuk putus terputus hilang kosong langka kering"
    " keruh ngilang raib lenyap banjir tergenang terendam kebanjiran"
    " hancur ambruk roboh jebol bolong berlubang bocor mampet"
    " tersumbat buntu gelap pareum pejah peteng error eror ngadat offline dirumahkan"
    " terisolasi terisolir berturut beruntun berlarut masih msh tetap ttp terus trs melulu isih"
    " stop setop mogok libur vakum"
    " mati padam macet rusak keneh ngelupas mengelupas terkelupas ngelotok retak pecah amblas"
    " ambles longsor ambrol rontok jeblos copot brodol mbrodol rompal"
    " nutup menutup ditutup tertutup dilarang diblokir diblokade disegel dihentikan"
)
TO_COME = listed(
    "lagi kerja depan kedepan mendatang nanti penjara sekali dtg datang berikutnya besok kali"
    " kedepannya"
)
BESIDE = DATED | DAY | BEGAN | frozenset({"pada", "pd", "tepatnya", "persisnya"})
CLOCK = listed("jam jm pukul pkl")
