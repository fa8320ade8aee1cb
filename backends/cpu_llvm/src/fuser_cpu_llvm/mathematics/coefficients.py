"""Coefficients of the polynomials and split constants: printed by tools/fit_polynomials.py, not typed."""

from __future__ import annotations

from fuser_cpu_llvm.mathematics.evaluation import Polynomial, numbers

LN2 = numbers("0x1.62e42fefa3800p-1 0x1.ef35793c76730p-45 0x1.f97b57a079a19p-103")
"""log(2); the first part has 42 bits, so that its product with an exponent is exact."""

PI_PARTS = numbers("0x1.921fb54440000p+1 0x1.68c234c4c0000p-38 0x1.98a2e03707345p-76")
"""pi; the first two parts have 36 bits, so that products with 17 bits are exact."""

HALF_PI_PARTS = numbers("0x1.921fb54440000p+0 0x1.68c234c4c0000p-39 0x1.98a2e03707345p-77")
"""pi / 2 likewise."""

PI = numbers("0x1.921fb54442d18p+1 0x1.1a62633145c07p-53")
"""pi."""

HALF_PI = numbers("0x1.921fb54442d18p+0 0x1.1a62633145c07p-54")
"""pi / 2."""

QUARTER_PI = numbers("0x1.921fb54442d18p-1 0x1.1a62633145c07p-55")
"""pi / 4."""

THREE_QUARTER_PI = numbers("0x1.2d97c7f3321d2p+1 0x1.a79394c9e8a0ap-54")
"""3 * pi / 4."""

INV_LN2 = numbers("0x1.71547652b82fep+0 0x1.777d0ffda0d24p-56")
"""1 / log(2)."""

INV_LN10 = numbers("0x1.bcb7b1526e50ep-2 0x1.95355baaafad3p-57")
"""1 / log(10)."""

LOG10_2 = numbers("0x1.34413509f7800p-2 0x1.fef311f12b358p-46 0x1.6f922f04d5a62p-102")
"""log10(2); the first part has 42 bits."""

TWO_THIRDS = numbers("0x1.5555555555555p-1 0x1.5555555555555p-55")
"""2 / 3."""

ONE_LESS_EULER = numbers("0x1.b0ee6072093cep-2 0x1.6cb90701fbfabp-58")
"""1 - euler, the slope of gammaln at 2."""

STIRLING_CONSTANT = numbers("0x1.acfe390c97d69p-2 0x1.3494bc9001442p-56")
"""log(2 * pi) / 2 - 1/2."""

ERFC_CENTRE = numbers("0x1.ed97d5d390a80p-1 -0x1.e9248ab7cc78cp-55")
"""exp(x**2) * erfc(x) * (x + 3.5) at 1 / (x + 3.5) = 125 / 1024."""

EXP = Polynomial.read(
    """
    0x1.0000000000000p-1 0x1.5555555555557p-3 0x1.5555555555556p-5 0x1.11111111100dfp-7
    0x1.6c16c16c162d6p-10 0x1.a01a01abe62ddp-13 0x1.a01a01a6d7808p-16 0x1.71de02375656cp-19
    0x1.27e4db67b4306p-22 0x1.af4ddd84882fep-26 0x1.1f72fc730b043p-29
    """,
    """
    0x1.0000000b8f62bp-1 0x1.5555555a78232p-3 0x1.5554e9114ecf9p-5 0x1.1110e0f726534p-7
    0x1.6d431504c53d3p-10 0x1.a124e3f154d32p-13
    """,
)
"""(exp(r) - 1 - r) / r**2, abs(r) <= log(2) / 2."""

TANH = Polynomial.read(
    """
    0x1.0000000000000p+0 0x1.555555555553fp-1 0x1.5555555556997p-2 0x1.111111109f4e7p-3
    0x1.6c16c194ff7c1p-5 0x1.a019f90e3e281p-7 0x1.a01b1f8f1c745p-9 0x1.71c65e22862fbp-11
    0x1.292ab8aeda55cp-13 0x1.9909bb1acd1d9p-16 0x1.81a00b6028692p-18
    """,
    """
    0x1.ffffffe2d49d8p-1 0x1.55556cfae7567p-1 0x1.554f25e60c687p-2 0x1.11a7a9568d3bfp-3
    0x1.5f45e0dceac31p-5 0x1.0ed4af5579410p-6
    """,
)
"""(exp(2 * r) - 1 - 2 * r) / (2 * r**2), 0 <= r <= log(2) / 2."""

LOG = Polynomial.read(
    """
    0x1.5555555555558p-1 0x1.99999999952e2p-2 0x1.2492492df148dp-2 0x1.c71c62e5800a1p-3
    0x1.7462b4ab2ef6bp-3 0x1.39fe606542ddep-3 0x1.2b584aae78a57p-3
    """,
    """
    0x1.5555554bb2b2cp-1 0x1.9999eb5d84f14p-2 0x1.245c438323e9ap-2 0x1.ddced7078dd3ap-3
    """,
)
"""(log((1 + s) / (1 - s)) / s - 2) / s**2 in s**2, abs(s) <= 3 - 2 * sqrt(2)."""

POWER_LOG = Polynomial.read(
    """
    0x1.999999999999ap-2 0x1.2492492492521p-2 0x1.c71c71c6eaa8dp-3 0x1.745d177a8f200p-3
    0x1.3b1395d4f9e5fp-3 0x1.1118c74823a2ep-3 0x1.df7ce9a6bcccbp-4 0x1.e02d197c00c78p-4
    """,
    """

    """,
)
"""((log((1 + s) / (1 - s)) / s - 2) / s**2 - 2/3) / s**2 in s**2, abs(s) <= 3 - 2 * sqrt(2)."""

INVERSE_CBRT = Polynomial.read(
    """
    0x1.ffe6a592b19cfp-1 -0x1.5709c20e8bd3cp-2 0x1.e51d66f8f86fep-3 -0x1.3c363c29aaeb1p-3
    """,
    """
    0x1.ffe6a592b19cfp-1 -0x1.5709c20e8bd3cp-2 0x1.e51d66f8f86fep-3 -0x1.3c363c29aaeb1p-3
    """,
)
"""(1 + f)**(-1/3), sqrt(1/2) <= 1 + f <= sqrt(2)."""

ERF = Polynomial.read(
    """
    0x1.06eba8214db68p-3 -0x1.812746b0379ddp-2 0x1.ce2f21a0423a4p-4 -0x1.b82ce3125cdc6p-6
    0x1.565bcd06dfe47p-8 -0x1.c02db277f7b5ap-11 0x1.f9a2f4593c006p-14 -0x1.f4ce0c39124f9p-17
    0x1.b9a7c8e9601e1p-20 -0x1.5d0fb53b59221p-23 0x1.ded5fef765a48p-27 -0x1.c4a4ee62ffbb0p-31
    """,
    """
    0x1.06eba820de3b3p-3 -0x1.812746907c0a7p-2 0x1.ce2f15bc93a70p-4 -0x1.b82b2f2b49e1cp-6
    0x1.563cffee16dc0p-8 -0x1.bdcbef90022e4p-11 0x1.df20c3981592ap-14 -0x1.55a4acdfd037ep-17
    """,
)
"""erf(x) / x - 1 in x**2, abs(x) <= 15/16."""

ERF_TAIL = Polynomial.read(
    """
    -0x1.d97fbf27aa2a1p+0 -0x1.51c9b0006c23cp+1 -0x1.afabc11a28eb0p-1 -0x1.5477f09cb476fp-5
    0x1.48c9d40b7affbp-7 -0x1.033f691b725afp-9 0x1.f1b475e26f800p-13 0x1.b8c8ee8b0bbcbp-16
    -0x1.c77a84717c7bbp-16 0x1.41e46a40593a1p-17 -0x1.121bf236ec78ap-19 0x1.13ca80c7ac1cdp-23
    0x1.c92176ed7ef84p-24 -0x1.e1bcc11003ef3p-25 0x1.173004cf8c612p-26 -0x1.b4ac5acfe0210p-29
    0x1.caa45f4523a55p-32 -0x1.2598d986678d0p-35 0x1.5a9814cc856a0p-40
    """,
    """
    -0x1.d97fbf27e148ap+0 -0x1.51c9aff14017ap+1 -0x1.afabc0115853fp-1 -0x1.547b31b7be412p-5
    0x1.49224af1935f6p-7 -0x1.0762627f8304bp-9 0x1.2e1be3ff9d262p-12 -0x1.66d1c7b78ac41p-16
    """,
)
"""log(erfc(1 + t)), -1/16 <= t <= 5."""

ERFC = Polynomial.read(
    """
    0x1.54dde09179511p+2 0x1.9f9d4ba6fadc7p+4 0x1.b98ee3b269af3p+6 0x1.900c5e0de3c11p+8
    0x1.295661af362adp+10 0x1.4da5b4b593f5ep+11 0x1.ae0aecea18dc3p+11 -0x1.3f4661342fee9p+11
    -0x1.6e2bc43b2a736p+14 -0x1.20f84b2251809p+15 0x1.098ae659b1149p+16 0x1.545379234f4bbp+18
    0x1.372b7c3c6236ap+15 -0x1.2b0b56e800986p+21 -0x1.4e9b37c3cb10dp+21 0x1.06585915d6a7fp+24
    0x1.e1b031b3f61e9p+24 -0x1.f69ceef19393cp+26 -0x1.b1b9054c1406bp+27 0x1.b893ba60a4a78p+29
    """,
    """
    0x1.54dde0916f492p+2 0x1.9f9d4bb052843p+4 0x1.b98ee3ce1af02p+6 0x1.900c58fa441a5p+8
    0x1.295658e1b8be2p+10 0x1.4da74ab1f50bep+11 0x1.ae11d181850fcp+11 -0x1.40f8fcf5479ccp+11
    -0x1.6eb100627cc57p+14 -0x1.1309c5bb64607p+15 0x1.10f853416d78bp+16 0x1.d52230b244d92p+17
    """,
)
"""(exp(x**2) * erfc(x) * (x + 3.5) - ERFC_CENTRE[0]) / t, t = 1 / (x + 3.5) - 125 / 1024, 0.65 <= x <= 27.3."""

GAMMALN = Polynomial.read(
    """
    0x1.4a34cc4a60fa6p-2 -0x1.13e001a557607p-4 0x1.51322ac7d8333p-6 -0x1.e404fc218f370p-8
    0x1.7add6eadfcc7bp-9 -0x1.38ac5c2c3ba16p-10 0x1.0b36af5972ed1p-11 -0x1.d3fd4c217341ep-13
    0x1.a127cd91ac95bp-14 -0x1.78de7721ff5a0p-15 0x1.5808af19fa483p-16 -0x1.3cb7b3b3125e1p-17
    0x1.2620de1c78d97p-18 -0x1.1235bb6eb9201p-19 0x1.f038cb2f6a913p-21 -0x1.d295ec4df68f0p-22
    0x1.2703c6effc4ebp-22 -0x1.17d0781c44b2ep-23
    """,
    """
    0x1.4a34cc4b2623bp-2 -0x1.13e001a6c303ep-4 0x1.51322129f7120p-6 -0x1.e404ea6500016p-8
    0x1.7ae6febb2693dp-9 -0x1.38b52d8b973efp-10 0x1.098f9482bf48ap-11 -0x1.d0f11e42338aap-13
    0x1.dbf0833dddc72p-14 -0x1.af0c24c2ebf68p-15
    """,
)
"""(gammaln(2 + t) / t - 1 + euler) / t, abs(t) <= 1/2."""

STIRLING = Polynomial.read(
    """
    0x1.555555555554fp-4 -0x1.6c16c16b8843fp-9 0x1.a019fd60befcbp-11 -0x1.3810704043cb5p-11
    0x1.b84036fc746acp-11 -0x1.dd829261e8010p-10 0x1.075d939db164bp-8
    """,
    """
    0x1.5555552a252c1p-4 -0x1.6c0b3e96f1bd8p-9 0x1.91625203cb32cp-11
    """,
)
"""(gammaln(x) - (x - 1/2) * (log(x) - 1) - log(2 * pi) / 2 + 1/2) * x in 1 / x**2, x >= 5.5."""

SIN_PI = Polynomial.read(
    """
    -0x1.a51a6625307d3p+0 0x1.9f9cb402bc45dp-1 -0x1.86a8e4720c749p-3 0x1.ac6805cdf308ap-6
    -0x1.33816a0620ac5p-9 0x1.3746c57917ca7p-13 -0x1.d3f28cd7ed530p-18 0x1.080d6f89e0a7bp-22
    """,
    """
    -0x1.a51a66240238ap+0 0x1.9f9cb22a548d1p-1 -0x1.86a7f7f317689p-3 0x1.ac1505939280bp-6
    -0x1.27935a1917e8cp-9
    """,
)
"""(sin(pi * r) / (pi * r) - 1) / r**2 in r**2, abs(r) <= 1/2."""

SIN_HALF_TURN = Polynomial.read(
    """
    -0x1.5555555555555p-3 0x1.1111111111107p-7 -0x1.a01a01a018aadp-13 0x1.71de3a5456716p-19
    -0x1.ae6455a1d7087p-26 0x1.6124015b5ee3ap-33 -0x1.ae5138c1216b3p-41 0x1.89a4866f527ebp-49
    """,
    """

    """,
)
"""(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 2."""

TAN = Polynomial.read(
    """
    0x1.5555555555555p-2 0x1.1111111111099p-3 0x1.ba1ba1ba29c21p-5 0x1.664f487d825e1p-6
    0x1.226e3662c71bfp-7 0x1.d6d3944502de5p-9 0x1.7da7fa99fca91p-10 0x1.351b7f935bf85p-11
    0x1.f9e369939f5edp-13 0x1.796ce0408401dp-14 0x1.d24dfe20bc85bp-15 -0x1.718e379a38132p-17
    0x1.3251e75204828p-15 -0x1.3347cc60aa3fcp-16 0x1.1ca765e4c0039p-17
    """,
    """
    0x1.5555554d5d19fp-2 0x1.11111df61b2bbp-3 0x1.ba14d740991d2p-5 0x1.66fc0a8395c25p-6
    0x1.1a1b9edf49127p-7 0x1.22047a85765d3p-8 0x1.27efb63849d09p-35 0x1.d50a9d1081545p-10
    """,
)
"""(tan(t) / t - 1) / t**2 in t**2, abs(t) <= pi / 4."""

ASIN = Polynomial.read(
    """
    0x1.5555555555556p-3 0x1.3333333332ecap-4 0x1.6db6db6e31f13p-5 0x1.f1c71c1db0623p-6
    0x1.6e8bb1c8209a2p-6 0x1.1c4d35cf95421p-6 0x1.c9cf07674736ap-7 0x1.782651caa6547p-7
    0x1.52420b04b37bep-7 0x1.65a9c4dfcf8b2p-8 0x1.1d189408314eep-6 -0x1.e6aaa8a0a04ccp-7
    0x1.d72b2bc8155f8p-6
    """,
    """
    0x1.5555555c0171dp-3 0x1.33331ecf8b70bp-4 0x1.6dc0f007c13e8p-5 0x1.efedf83ab6506p-6
    0x1.82db23768c84fp-6 0x1.5a80a068e3ee2p-7 0x1.fb7ca379d49c6p-6
    """,
)
"""(asin(x) / x - 1) / x**2 in x**2, abs(x) <= 1/2."""

ATAN = Polynomial.read(
    """
    -0x1.5555555555555p-2 0x1.999999999934cp-3 -0x1.2492492436201p-3 0x1.c71c71853d7fap-4
    -0x1.745d0b28a7e37p-4 0x1.3b1263064f6b9p-4 -0x1.10fa77b1a6d57p-4 0x1.dfe6497e96323p-5
    -0x1.a0999c632b6edp-5 0x1.4162c02b1dda3p-5 -0x1.3a31b1c0fd3b7p-6
    """,
    """
    -0x1.5555554c0aef3p-2 0x1.99997b13bead1p-3 -0x1.248a173238684p-3 0x1.c57bad2e925f0p-4
    -0x1.614448bd30a84p-4 0x1.9d8b2344d1c3cp-5
    """,
)
"""(atan(t) / t - 1) / t**2 in t**2, abs(t) <= tan(pi / 8)."""
