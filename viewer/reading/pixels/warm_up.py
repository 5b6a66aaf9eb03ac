"""Small images of 16 x 16, decoded once when a child starts: what a codec loads on its first image is there then.

After that a child may open no file any more, not even one of its own libraries.
"""

import contextlib
from base64 import b85decode

from viewer.core.registry import load
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoder import DecodeFailed
from viewer.reading.pixels.decoders import DECODERS

BASE = "1.2.840.10008.1.2."
SIZE_PX = 16

# Transfer syntax -> a ramp, as imagecodecs writes it.
RAMPS: dict[str, str] = {
    BASE + "4.50": (
        "|JeWF01!$>Nk#wx0RR9200961|JwjV00smF1_cBL1_cHO2L=cV5DE$j2?`Vr4-"
        "60&6c`v66c!d59VH(c8zUSR79cDjBPJ&)Dk&KsEif%8FeNA{DF46!3kU!Z01yEI5di<h03QGV0R;g80RaI400000000000RjUA1q"
        "KHQ2?`7U!~nGr00IF60|EpC1qB2I0004f0RjU61Q7)iAu&M)6H#FYB5@QlfsvsIBSNvk6;jdgBr{@if(Z&17Z@2DB_<~*DJnEIHa"
        "9pqIzvQ7Mn_0VN>fx-"
        "R##YAT4Q8oW@l(=YIAgTc6WGrdV_?8hKGoWijtF*m6n&7nVO=bq@|{(sHv*5v$VCgx45~w!o$SH#>dFX%F@%+)z;V8+1laa<K*S$"
        "=jiF`@$&QZ_4fDp`TGCb00;pA002J#@<_Z3{{T$CO0^e(f9aR$Ur<HhU;1VGRk*wh{{T$CO8?m"
    ),
    BASE + "4.51": (
        "|JeWF01!$>Nk#wx0RR9200961|JwjV00smF1_cBL1_cHO2L=cV5DE$j2?`Vr4-"
        "60&6c`v66c!d59VH(c8zUSR79cDjBPJ&)Dk&KsEif%8FeNA{DF49#3k(1d01yEI5di<h02TlN0RaF20000000000000083k?6n02"
        ">eh00#j80000000000000002MQ-ML{Z`Y+5iXv0RR9$0FqH`g{YeBp}?vwkhK$ClsGj27RXwOuF4z=ve^q!HQ7Uh|Je"
    ),
    BASE + "4.70": (
        "|JeWF01!$>Nk#wx0RR9200961|HA+a3;+-"
        "S5CH)Z0RO}Q761VO0RR910000000000000FE4FB2y2mt{A0RRBc{(=Y~f(Rgj2q1z8Py`S`1Q0<45J3bGLVzHG2q1z8Ac6=Wf)oJ"
        "+5J3bGK?D#%1Q4JIAc6=Wf(Rgj2q1+3K?D#%1Q0<45J3be0tg_22q1z8Ac6=XKoCI$5J3bGK?D#%3IKu#Ac6=Wf(Rgj2v7tNK?D#"
        "%1Q0<45JG?;f(Rgj2q1z8Ac7PD1Q0<45J3bGK?D$>2q1z8Ac6=Wf(Rgm06_#0K?D#%1Q0<4C;|u|f(Rgj2q1z8AwUp81Q0<45J3b"
        "GK@b1g"
    ),
    BASE + "4.80": (
        "|JeWN03cIPNk&Eh0ssI30000G0000G3J?YX0003j0003j|L6b+00001|JeWc01FTR5C9MX0TBTI_y7$7|Nj6I07C&306_oR00;pA"
        "00000p!^?$@OB%6@OB%9V)0m<Mm{$HLI^z$Ls5vdQY9fB85tE72rvXhL_|br(W6F<5+q2FdjBFsi4r78ks(5gD58fy$fAlUqKYV@"
        "iYTInzo?>$D58oeqKYV>jDHY95QHHJLJ))^-"
        "?SkJLJ))@2tpB0(h!6p5fKp)5iiOjA|fIpA|gZZh=_=Yi6oKVbdpIVl1Ul%NhFd<B}RQ!RaI3L^i@?=R9DSk{|Nut"
    ),
    BASE + "4.90": (
        "|4;u>04V?f0000G0000G00000000000000G0000G0000000000009pH0sm3}3;+NC0RRC61ONg5TmT0^fQX2Y|6~9q00BdCWnpw>"
        "WFTUBAWv{*Zc0!^M<8}(a&u{KZXhx)H7+#&kN^q*00000asUDUli&D~coHjT7LSjif*2N28h|j5G<;f8bJU9tRb>T=051@b06$_M"
        "MF{@KT?GnjEvPFt$7`#DACJaV4fA=x4?x9kxHPe6`I-J^f0>`=XZfHXzyb4wfIl!$Hldl%J*G5Z&;Qu"
    ),
    BASE + "4.110": (
        "0000CN?1%F4GM<}0000KW^{RQYItlQ00000YItlQ00009YItmH3IG5Af@*kdWB&?6@B<Vr0tf^F0I&f|IB1x{gZCvAM2uK_F$Oan"
        "V=&W$01yC>od*B_0000006;Y|0000000000000000Cdg(000000000000000Kn*Pb00000000000001Ff&u^l0000000000008VM"
        "00000000000000"
    ),
}


def warm_up() -> None:
    """Load every decoder, and let those with a codec decode a whole image and a broken one."""
    import viewer.reading.pixels.fallback  # noqa: F401  # what a decoder asks for in the midst of its work

    for uid in DECODERS:
        load(DECODERS, uid)
    for uid, text in RAMPS.items():
        data = b85decode(text)
        for stream in (data, data[: len(data) // 2] + data[-2:]):
            with contextlib.suppress(DecodeFailed):
                load(DECODERS, uid)(stream, _coding(8 if uid == BASE + "4.50" else 12))


def _coding(bits: int) -> Coding:
    return Coding(
        rows=SIZE_PX,
        cols=SIZE_PX,
        frames=1,
        samples=1,
        bits_allocated=8 if bits <= 8 else 16,
        bits_stored=bits,
        high_bit=bits - 1,
        signed=False,
        photometric="MONOCHROME2",
        planar=False,
    )
