"""Words around the names of places, and other names for them, as tables."""

from __future__ import annotations

from collections.abc import Mapping

# What a word says of the level of the name that follows.
CUES: Mapping[str, int] = {
    word: level
    for level, some in enumerate(
        (
            "provinsi prov propinsi prop gubernur",
            "kab kabupaten kota kotamadya kodya pemkot pemkab bupati walikota wali kabkota kotif",
            (
                "kec kecamatan camat kcmtn kecmatan distrik kecamatn kapanewon kemantren polsek "
                "koramil"
            ),
            (
                "kel kelurahan desa ds lurah nagari gampong kades kalurahan kelurhan dsa klurahan "
                "pekon"
            ),
        )
    )
    for word in some.split()
}
CITY_CUES = frozenset("kota kotamadya kodya pemkot walikota wali".split())
REGENCY_CUES = frozenset("kab kabupaten pemkab bupati".split())
# Between a cue and the name.
FILLERS = frozenset(". , : - / adm administrasi".split())
# After one of these a name is that of a street or a housing estate, not of where it is.
STREETS = frozenset(
    "jl jln jalan jlan gg gang perum perumahan komplek kompleks komp "
    "tol bus trayek merk toko warung bank soto sate nasi ayam universitas univ sungai kali tukad "
    "dusun dukuh dsn lingkungan ling cluster apartemen apt blok gedung tower pt cv hotel "
    "aplikasi sistem server program masjid gereja gor stadion monumen plaza persib liga kapal km "
    "kereta ka ruas arah jurusan rute tim suku bahasa orang".split()
)
# A public place mostly bears the name of where it is.
FACILITIES = frozenset(
    "pasar psr puskesmas pkm pustu rsud rs sd sdn smp smpn sma sman smk smkn mts min mtsn tk paud "
    "polsek polres samsat terminal stasiun pelabuhan bandara pantai alun-alun kua kantor "
    "disdukcapil "
    "dukcapil pln pdam kpp bpn rusunawa igd posyandu inpres negeri simpang lapas rutan dinas "
    "dinsos "
    "waduk danau alun kpu jembatan jmbtn kampung kp simpang simp flyover underpass halte "
    "pulau gt bundaran tugu bypass terowongan exit".split()
)
# An island is no building: "Pulau Panggang" is a kelurahan.
BUILDINGS = FACILITIES - {"pulau"}
LOCATIVE = frozenset(
    "di d daerah wilayah sekitar ning nang dek neng ring dpn depan didaerah se kawasan seputaran "
    "area lokasi disekitar dekat".split()
)
# Who says so means the place of the incident, whatever else is named.
INCIDENT = frozenset(
    "kejadian kejadiannya lokasi lokasinya tkp tempatnya terjadi kejadianya".split()
)
HOME = frozenset(
    "warga wong urang asal asli domisili ktp alamat lahir kelahiran penduduk berdomisili pindahan "
    "dari dr rumah kelahiranku orang tinggal ngontrak kampung merantau".split()
)
TOWARDS = frozenset("ke menuju arah jurusan tujuan sampai pindah".split())
# What is passed over between "warga" and the name of where they live.
PASSED_OVER = (
    LOCATIVE
    | CUES.keys()
    | frozenset(
        "saya sy aku ku ane gue gw kami kita beta ulun abdi kulo kula ambo awak mereka dia beliau "
        "yang yg . / adm administrasi itu".split()
    )
)
# "di depan rumah saya di Beji" tells of Beji.
BESIDE = frozenset("depan dpn belakang blkg samping sebelah dekat dkt sekitar di".split())
NOT = frozenset("bukan bkn".split())
PERSON = frozenset(
    "nama bernama namanya sdr sdri saudara saudari alm almarhum almarhumah haji hajah "
    "ustad ustadz".split()
)
SENTENCE_ENDS = frozenset('. ! ? : ; ) - ( " \u201c'.split())
# Whose handle names the area that they are of: "@pemkotsmg", "@PolresBogor".
HANDLES = (
    "pemkot pemkab pemprov polrestabes polresta polres polda dishub dinkes dlh pdam perumda "
    "satpolpp diskominfo kominfo humas disdik dinsos bpbd dpupr pupr dpu rsud samsat "
    "infokota info kab kota"
).split()
# Between "nama" and the name.
OWN = frozenset("saya sy ibu bapak ayah istri suami anak adik kakak nya lengkap".split())
# A road may lie in what it is called after.
ROADS = frozenset("jl jln jalan jlan ruas".split())
# "gerbang tol Cileunyi" is at Cileunyi.
GATES = frozenset("gerbang exit pintu gt".split())
# A park is hardly called after a village.
PARKS = frozenset("lapangan taman".split())
ROUTES = frozenset(
    "rute jurusan trayek ruas jl jln jalan tol bus bis kereta ka krl kapal ferry feri travel "
    "pesawat angkot speedboat".split()
)
# "lampu jalan Airmadidi" tells of no street.
LAMPS = frozenset("lampu penerangan pju marka bahu perbaikan pengaspalan".split())
# Between "puskesmas" and the name of where it is.
KINDS = frozenset(
    "transjakarta busway tj krl lrt mrt kecamatan kec kelurahan kel desa kota kabupaten kab negeri "
    "lama baru induk pembantu".split()
)
BETWEEN = frozenset(", . - / ( kec kecamatan kab kabupaten kota kel kelurahan desa".split())
# What there is in towns, and what is there in the country.
URBAN = frozenset(
    "jl stasiun terminal samsat imigrasi mall mal trotoar walikota pemkot perum "
    "perumahan komplek kompleks rusun angkot busway flyover underpass gang bandara".split()
)
RURAL = frozenset(
    "kebun ladang hutan petani gampong nagari pekon desa ds kades dusun dsn bupati "
    "pemkab kab kabupaten sawah kec kecamatan".split()
)
NOT_SO = frozenset("bukan nggak ngga gak tidak eh maksudnya salah".split())
AWAY = TOWARDS | HOME
AWAY_FROM_HERE = AWAY - {"dari", "dr", "rumah"}  # they tell nothing of what stands further on
TAKEN_BACK = NOT_SO | {","}
ON_THE_WAY = ROUTES | LOCATIVE
LIT_OR_GATES = LAMPS | GATES

# Words that are also names of places, and mostly mean something else where nothing says "desa".
ORDINARY = frozenset(
    """
    ada adil agung air akar alam alai aman amanah ambisi anak anggur angin anjir api arah arus
    asam balai
    asal asri atas aur awal bagan bagus bahagia bahari baik baja bakti bale bali banding bandar
    bangau
    bangun banjar banjaran baru barat baru batang batas batu bawah bawang bayan bebas bekas beringin
    berkah berkat besar betung biru bogor bola buah bubur budaya budi bukit bulan bulu bumi bunga
    bunut
    buru cahaya cengal cerah cinta damai danau dapur dara datang datar delima depan dewi dua durian
    emas empat gading gajah galang gandum garam garuda gedung gelam gembira gerbang golo gudang guna
    gunung hajat harapan haru hilir hidup hulu hutan ikan indah induk jambu jati jaya jenggot jernih
    jeruk jujur juru kaca kali kampung kandang kapal kapuk karang karya kasih kata kawasan kayu
    kecil
    kedai kedung kelapa keluarga kemang kembang kemuning kenari kenanga kepala keramat keras kereta
    kertas ketapang kijang kilat kilo koja kolam kopi kota kuala kubang kubu kuda kulit kuning lada
    lama lancar langgar langit lapangan laut lautan layar lebak lebar lembah lima lingkar lintang
    lontar lubang lumbung luas mahkota maju makam makmur mandiri mangga manis marga mas masjid mata
    matahari mawar mekar melati melayu menang mendung meranti merah merdeka merpati mesjid mina
    minta
    muara mudik muka mukti mulia mulya mulyo murni murah mutiara naga nanas nangka nelayan ngada
    nias
    nilam nusa padang padi pagar pahlawan pancur panjang pantai parit pasar pasir patok pauh pekan
    pelita pematang pemuda pendek pengadilan perintis periuk permai permata pesisir petir pinang
    pintu
    pisang pluit pondok pucuk pulau pulo purnama pusat putih putra putri rahayu ramai rambutan
    rantau
    rasa rata raya rejo rengas rimba rukun rumah rusa sabar sakti salam sama sampai sana sari satu
    sawah sawit sejahtera sejati sekar selamat selat selatan semangat semar semoga sempur sendang
    senang sentosa serang seri serasi seribu sero setia siang sidang sidomulyo siluman simpang sinar
    sirih subur suci suka sukamaju sukarela sukses sumber sumur sungai surya susu taman tambak tanah
    tani tanjung tapak tebing tegal teladan telaga telang teluk tembok tengah tenang tepi terang
    terusan tiga timur tinggi tirta titi tolong tua tujuh tulang tunas turi ujung ulu unggul unit
    usaha utama utara warga waru wates way wisata yang yakin sawo sederhana sekolah bersama buntu
    sepakat jalan kantor makan malam minggu senin selasa rabu kamis jumat sabtu agustus april mei
    januari pagi mohon lapor bapak ibu polisi dinas listrik sampah bansos desa kelurahan kecamatan
    kabupaten provinsi kelas guru murid siswa bidan camat lurah bupati pasien dokter tarik buka
    tutup
    kerja gotong royong anggrek flamboyan cempaka dahlia teratai seroja kamboja angsana akasia
    cendana
    mahoni salak semangka pepaya nenas melon kurma kedondong jagung gula tebu kedelai beras ketan
    ayam bebek sapi kambing kerbau macan singa rajawali elang pipit kutilang nuri cendrawasih
    bungur sono waringin randu lamtoro damar sagu enau nipah bakau rotan bambu pering
    alun bendungan benteng istana keraton museum stasiun terminal bandara pelabuhan dermaga
    hati jiwa raga cita tujuan hasil upaya daya tenaga kuasa hukum
    tinjau kelola bina sosial umum khusus tetap netral lestari abadi kekal baka
    percut sigap tanggap tangguh kumpul muda dewasa lansia kakek nenek paman bibi raja ratu
    orang banyak sedikit juli juni maret september oktober november desember februari habis masuk
    keluar naik turun maso masuk merata rata
    mati hidup lahir besi kaca mulai sejak pagi terus lagi mau tau tahu kira rasa pusing penuh
    kosong
    batubara seribu jorong matur
    gajahmada ahmadyani imambonjol hayamwuruk teukuumar cutnyakdien gatotsubroto hasanuddin
    sultanagung pattimura kartini diponegoro sudirman thamrin antasari pangeranantasari veteran
    uripsumoharjo sisingamangaraja panglimapolim wahidin juanda yossudarso slametriyadi katamso
    haryono supratman dewisartika radensaleh soekarnohatta sukarnohatta patimura
    kade hila ora ana ono opo nang ning
    """.split()
)
