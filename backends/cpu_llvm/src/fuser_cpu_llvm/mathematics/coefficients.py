"""Coefficients of the polynomials and split constants: printed by tools/fit_polynomials.py, not typed."""

from __future__ import annotations

from fuser_cpu_llvm.mathematics.evaluation import Polynomial

LN2 = (
    float.fromhex("0x1.62e42fefa3800p-1"),
    float.fromhex("0x1.ef35793c76730p-45"),
    float.fromhex("0x1.f97b57a079a19p-103"),
)
"""log(2); the first part has 42 bits, so that its product with an exponent is exact."""

PI = (
    float.fromhex("0x1.921fb54442d18p+1"),
    float.fromhex("0x1.1a62633145c07p-53"),
    float.fromhex("-0x1.f1976b7ed8fbcp-109"),
)
"""pi in three parts (Cody and Waite 1980, chapter 8; the products are exact by FMA)."""

HALF_PI = (
    float.fromhex("0x1.921fb54442d18p+0"),
    float.fromhex("0x1.1a62633145c07p-54"),
    float.fromhex("-0x1.f1976b7ed8fbcp-110"),
)
"""pi / 2 likewise."""

QUARTER_PI = (
    float.fromhex("0x1.921fb54442d18p-1"),
    float.fromhex("0x1.1a62633145c07p-55"),
    float.fromhex("-0x1.f1976b7ed8fbcp-111"),
)
"""pi / 4 likewise."""

THREE_QUARTER_PI = (
    float.fromhex("0x1.2d97c7f3321d2p+1"),
    float.fromhex("0x1.a79394c9e8a0ap-54"),
    float.fromhex("0x1.456737b06ea1ap-108"),
)
"""3 * pi / 4 likewise."""

INV_LN2 = (
    float.fromhex("0x1.71547652b82fep+0"),
    float.fromhex("0x1.777d0ffda0d24p-56"),
    float.fromhex("-0x1.60bb8a5442ab9p-110"),
)
"""1 / log(2)."""

INV_LN10 = (
    float.fromhex("0x1.bcb7b1526e50ep-2"),
    float.fromhex("0x1.95355baaafad3p-57"),
    float.fromhex("0x1.ee191f71a3012p-112"),
)
"""1 / log(10)."""

LOG10_2 = (
    float.fromhex("0x1.34413509f7800p-2"),
    float.fromhex("0x1.fef311f12b358p-46"),
    float.fromhex("0x1.6f922f04d5a62p-102"),
)
"""log10(2); the first part has 42 bits."""

LN10 = (
    float.fromhex("0x1.26bb1bbb55516p+1"),
    float.fromhex("-0x1.f48ad494ea3e9p-53"),
    float.fromhex("-0x1.9ebae3ae0260cp-107"),
)
"""log(10)."""

EXP = Polynomial(
    double=(
        float.fromhex("0x1.0000000000000p-1"),
        float.fromhex("0x1.5555555555557p-3"),
        float.fromhex("0x1.5555555555556p-5"),
        float.fromhex("0x1.11111111100dfp-7"),
        float.fromhex("0x1.6c16c16c162d6p-10"),
        float.fromhex("0x1.a01a01abe62ddp-13"),
        float.fromhex("0x1.a01a01a6d7808p-16"),
        float.fromhex("0x1.71de02375656cp-19"),
        float.fromhex("0x1.27e4db67b4306p-22"),
        float.fromhex("0x1.af4ddd84882fep-26"),
        float.fromhex("0x1.1f72fc730b043p-29"),
    ),
    single=(
        float.fromhex("0x1.0000000b8f62bp-1"),
        float.fromhex("0x1.5555555a78232p-3"),
        float.fromhex("0x1.5554e9114ecf9p-5"),
        float.fromhex("0x1.1110e0f726534p-7"),
        float.fromhex("0x1.6d431504c53d3p-10"),
        float.fromhex("0x1.a124e3f154d32p-13"),
    ),
)
"""(exp(r) - 1 - r) / r**2, abs(r) <= log(2) / 2."""

LOG = Polynomial(
    double=(
        float.fromhex("0x1.5555555555558p-1"),
        float.fromhex("0x1.99999999952e2p-2"),
        float.fromhex("0x1.2492492df148dp-2"),
        float.fromhex("0x1.c71c62e5800a1p-3"),
        float.fromhex("0x1.7462b4ab2ef6bp-3"),
        float.fromhex("0x1.39fe606542ddep-3"),
        float.fromhex("0x1.2b584aae78a57p-3"),
    ),
    single=(
        float.fromhex("0x1.5555554bb2b2cp-1"),
        float.fromhex("0x1.9999eb5d84f14p-2"),
        float.fromhex("0x1.245c438323e9ap-2"),
        float.fromhex("0x1.ddced7078dd3ap-3"),
    ),
)
"""(log((1 + s) / (1 - s)) / s - 2) / s**2 in s**2, abs(s) <= 3 - 2 * sqrt(2)."""

SIN_HALF_TURN = Polynomial(
    double=(
        float.fromhex("-0x1.5555555555555p-3"),
        float.fromhex("0x1.1111111111107p-7"),
        float.fromhex("-0x1.a01a01a018aadp-13"),
        float.fromhex("0x1.71de3a5456716p-19"),
        float.fromhex("-0x1.ae6455a1d7087p-26"),
        float.fromhex("0x1.6124015b5ee3ap-33"),
        float.fromhex("-0x1.ae5138c1216b3p-41"),
        float.fromhex("0x1.89a4866f527ebp-49"),
    ),
    single=(
        float.fromhex("-0x1.5555555460530p-3"),
        float.fromhex("0x1.11110fdaaf87bp-7"),
        float.fromhex("-0x1.a01905ba4208ap-13"),
        float.fromhex("0x1.7196917ff9c49p-19"),
        float.fromhex("-0x1.9db1cc2a4cb87p-26"),
    ),
)
"""(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 2."""

SIN_QUARTER_TURN = Polynomial(
    double=(
        float.fromhex("-0x1.5555555555555p-3"),
        float.fromhex("0x1.1111111111110p-7"),
        float.fromhex("-0x1.a01a01a019938p-13"),
        float.fromhex("0x1.71de3a546095bp-19"),
        float.fromhex("-0x1.ae645412c560cp-26"),
        float.fromhex("0x1.61217f0b800d5p-33"),
        float.fromhex("-0x1.ab17d404de5b3p-41"),
    ),
    single=(
        float.fromhex("-0x1.555555545e0acp-3"),
        float.fromhex("0x1.11110def2e1c9p-7"),
        float.fromhex("-0x1.a013a793b98cep-13"),
        float.fromhex("0x1.6dbe0838a06e9p-19"),
    ),
)
"""(sin(r) / r - 1) / r**2 in r**2, abs(r) <= pi / 4."""

COS_QUARTER_TURN = Polynomial(
    double=(
        float.fromhex("0x1.5555555555555p-5"),
        float.fromhex("-0x1.6c16c16c16967p-10"),
        float.fromhex("0x1.a01a019f4eb01p-16"),
        float.fromhex("-0x1.27e4fa17da09ep-22"),
        float.fromhex("0x1.1eeb68e93b64cp-29"),
        float.fromhex("-0x1.907da367a37cbp-37"),
    ),
    single=(
        float.fromhex("0x1.5555555502cf4p-5"),
        float.fromhex("-0x1.6c16bf54e7232p-10"),
        float.fromhex("0x1.a015c47d920acp-16"),
        float.fromhex("-0x1.25244e23e6e3ap-22"),
    ),
)
"""(cos(r) - 1 + r**2 / 2) / r**4 in r**2, abs(r) <= pi / 4."""

ASIN = Polynomial(
    double=(
        float.fromhex("0x1.5555555555556p-3"),
        float.fromhex("0x1.3333333332ecap-4"),
        float.fromhex("0x1.6db6db6e31f13p-5"),
        float.fromhex("0x1.f1c71c1db0623p-6"),
        float.fromhex("0x1.6e8bb1c8209a2p-6"),
        float.fromhex("0x1.1c4d35cf95421p-6"),
        float.fromhex("0x1.c9cf07674736ap-7"),
        float.fromhex("0x1.782651caa6547p-7"),
        float.fromhex("0x1.52420b04b37bep-7"),
        float.fromhex("0x1.65a9c4dfcf8b2p-8"),
        float.fromhex("0x1.1d189408314eep-6"),
        float.fromhex("-0x1.e6aaa8a0a04ccp-7"),
        float.fromhex("0x1.d72b2bc8155f8p-6"),
    ),
    single=(
        float.fromhex("0x1.5555555c0171dp-3"),
        float.fromhex("0x1.33331ecf8b70bp-4"),
        float.fromhex("0x1.6dc0f007c13e8p-5"),
        float.fromhex("0x1.efedf83ab6506p-6"),
        float.fromhex("0x1.82db23768c84fp-6"),
        float.fromhex("0x1.5a80a068e3ee2p-7"),
        float.fromhex("0x1.fb7ca379d49c6p-6"),
    ),
)
"""(asin(x) / x - 1) / x**2 in x**2, abs(x) <= 1/2."""

ATAN = Polynomial(
    double=(
        float.fromhex("-0x1.5555555555555p-2"),
        float.fromhex("0x1.999999999934cp-3"),
        float.fromhex("-0x1.2492492436201p-3"),
        float.fromhex("0x1.c71c71853d7fap-4"),
        float.fromhex("-0x1.745d0b28a7e37p-4"),
        float.fromhex("0x1.3b1263064f6b9p-4"),
        float.fromhex("-0x1.10fa77b1a6d57p-4"),
        float.fromhex("0x1.dfe6497e96323p-5"),
        float.fromhex("-0x1.a0999c632b6edp-5"),
        float.fromhex("0x1.4162c02b1dda3p-5"),
        float.fromhex("-0x1.3a31b1c0fd3b7p-6"),
    ),
    single=(
        float.fromhex("-0x1.5555554c0aef3p-2"),
        float.fromhex("0x1.99997b13bead1p-3"),
        float.fromhex("-0x1.248a173238684p-3"),
        float.fromhex("0x1.c57bad2e925f0p-4"),
        float.fromhex("-0x1.614448bd30a84p-4"),
        float.fromhex("0x1.9d8b2344d1c3cp-5"),
    ),
)
"""(atan(t) / t - 1) / t**2 in t**2, abs(t) <= tan(pi / 8)."""
