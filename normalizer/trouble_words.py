"""Words of trouble and of public matters: they tell what a report is about from how it begins."""

from __future__ import annotations

import re

TROUBLE = frozenset(
    """rusak mati banjir kebanjiran bau macet lubang berlubang bolong roboh rubuh ambruk ambrol
    jebol longsor bocor sumbat tersumbat mampet kotor keruh padam putus terputus diputus hilang raib
    dicuri maling pungli dipungli dipotong potongan ditolak tolak ditutup tutup tumbang mogok telat
    terlambat lambat lelet antre antri antrean mahal langka kosong habis kering kekeringan tercemar
    cemar pencemaran limbah asap asep bising ribut gelap liar korupsi dikorupsi dipersulit dipungut
    memungut kebakaran terbakar kecelakaan jatuh jatoh tabrak nabrak ditabrak digigit gigit
    meninggal ditinggal dibongkar galian dibuang buang numpuk menumpuk tumpukan error eror gagal
    gangguan batal dihentikan berhenti disegel mengganggu ganggu meluap luapan genangan tergenang
    tenggelam retak miring amblas amblos hancur ancur rawan begal dibegal tawuran penipuan ditipu
    nipu menipu penyalahgunaan diskriminasi dipukul pelecehan dilecehkan dianiaya diancam ancam
    ditahan diambil diserobot penyerobotan sengketa ditebang gundul kritis terlantar telantar
    mangkrak terbengkalai molor tertunda ditunda nunggak tunggakan ganda salah palsu kadaluarsa
    kedaluwarsa bolos mangkir judi narkoba miras mabuk kutu lalat tikus nyamuk dbd keracunan
    dipecat phk dipalak palak premanisme preman pemalakan dibebani naik melonjak digusur penertiban
    parah jorok lumutan bangkai nyangkut anjlok tutup dicabut diderek kabel menjuntai nggak gak ga
    tak tidak blm belum blum ora durung teu teuing kagak kaga ndak""".split()
)
MATTER = frozenset(
    """jalan jln dalan dalane lampu air listrik pln pdam sampah selokan got drainase saluran irigasi
    sungai kali jembatan trotoar sekolah sd sdn smp smpn sma sman guru siswa zonasi puskesmas rsud
    obat bidan posyandu pustu dokter pasien bpjs kis pkh bansos blt bst bpnt pip kip kks santunan
    klaim ktp kk akta dukcapil sim samsat pajak pbb izin sertifikat tanah sawah pupuk solar gas
    elpiji lpg bensin bbm angkot bus kapal kereta halte terminal parkir trayek ojol pasar pedagang
    pabrik tambang proyek kontraktor galian pipa sumur hutan pohon kandang monyet anjing gaji thr
    umr upah lembur pensiun mutasi pns cpns pppk seleksi kolam taman balai atap rumah perumahan
    billiard karaoke petugas oknum lurah kades loket aplikasi paspor imigrasi polisi polsek geng
    kebakaran damkar pohon telaga waduk tanggul bendungan""".split()
)
ASKING = frozenset(
    """usul usulan saran mengusulkan aspirasi tanya bertanya syarat cara caranya kapan bagaimana
    gimana apakah informasi info permohonan mengadukan melaporkan""".split()
)
# How people introduce themselves, and what they say before they come to the point.
INTRODUCTION = re.compile(
    r"^\W*(?:(?:perkenalkan|nama\s+(?:saya|sy|ku)|(?:saya|sy|sya|sa|aku|abdi|ane|kami|nyong|hamba)"
    r"\s+(?:ini\s+|adalah\s+|salah\s+satu\s+)?(?:h\.|hj\.?|pak|bu|ibu|oma|opa|warga|penduduk|pensiunan"
    r"|mahasiswa|mahasiswi|siswa|siswi|dari|seorang|bidan|guru|nelayan|petani|pns|pedagang|masyarakat|mama))\b"
    r"|(?:bapak|ibu|bpk|pak|bu)\s+(?:bupati|wali\s?kota|gubernur|presiden|menteri|kepala|camat|lurah|di\s+pusat)"
    r"|(?:mohon|minta|mhn)\s+(?:maaf|perhatian|ijin|izin|bantuan)\b|bagi\s+yang|cek\s+dm|siapa\s+tau"
    r"|(?:sip|kak|min|mimin|mas|mba|mbak)\W+(?:admin|mimin|min)?\W*$|\W*diteruskan|forwarded"
    r"|dengan\s+(?:hormat|ini)|gini\s+ya|jadi\s+(?:begini|gini)|begini\b|ngeluh\s+dikit)",
    re.IGNORECASE,
)
