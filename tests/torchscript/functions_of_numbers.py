"""Pointwise functions for PyTorch to script; parameters are named as in `samples`."""

import torch


def sums(x, y):
    return x + y, x - y, x * y, x / y


def with_alpha(x, y, w: float):
    return torch.add(x, y, alpha=2), torch.sub(x, y, alpha=0.5), torch.add(x, y, alpha=w), torch.rsub(x, y, alpha=3)


def with_numbers(x):
    return x + 1, 2.5 - x, 3 * x, 1 / x, x / 4, 1e-8 * x, x * 1e20


def with_scalars(x, w: float, k: int):
    return x * w + k, (w + 1) * x, x - k * 2, w * k * x


def integer_sums(i, j):
    return i + j, i - j, i * j, i / j, i + 1, i * 2.5, i / 2, -i


def mixed_dtypes(x, a, i, m):
    return x + a, x * i, i + m, a * m, m + m, m * m, x + m


def zero_dimensional(x, a, i, s, d, t):
    return x * d, a * s, i * s, i + t, x + t, d * s, t * d, (i > 0) * t


def narrow_integers(u, r):
    return u + 300, u * 2, r + 1, u + r, r * 0.5, u - 250


def half_precision(h, x):
    return h * h + 1, h + x, torch.exp(h), h * 0.1


def floor_division(x, y, i, j):
    return x // y, i // j, torch.div(i, j, rounding_mode="floor"), torch.div(x, y, rounding_mode="floor"), i // 2


def truncated_division(x, y, i, j):
    return torch.div(i, j, rounding_mode="trunc"), torch.div(x, y, rounding_mode="trunc"), torch.div(i, 2.5)


def remainders(x, y, i, j):
    return x % y, i % j, torch.fmod(x, y), torch.fmod(i, j), torch.remainder(x, -2.0), torch.fmod(i, 3)


def tiny_remainder(x):
    return torch.remainder(x * -1e-20, 1), 1 + torch.remainder(x, 0.5) - 1


def powers(x, y, z):
    return x**2, x**3, x**0.5, x**-1, x**-0.5, x**-2, x**1.7, torch.pow(2, x), torch.pow(x, y), z**0


def integer_powers(i, j, x):
    return i**2, i**3, i**j, 2**j, i**0.5, torch.pow(x, j), torch.pow(i, x), torch.pow(3, j)


def host_numbers(x, w: float, k: int):
    scale = (w * 2 + k) / 4 - 0.5
    return x * scale, x + k // 2, x - k % 2, x * (-w), x + w**2


def exponentials(x, a, i):
    return torch.exp(x), torch.expm1(a), torch.exp2(x), torch.exp(i)


def logarithms(x, a, i):
    return torch.log(x), torch.log2(a), torch.log10(x), torch.log1p(a), torch.log(i)


def trigonometry(z, c, i):
    return torch.sin(z), torch.cos(c), torch.tan(z), torch.asin(z), torch.acos(c), torch.atan(z), torch.sin(i)


def hyperbolic(z, c, x):
    return torch.sinh(z), torch.cosh(c), torch.tanh(x), torch.asinh(z), torch.acosh(1 + z * z), torch.atanh(c)


def arctangent(x, y, i):
    return torch.atan2(x, y), torch.atan2(x, i), torch.atan2(i, i)


def roots(x, a, i):
    return torch.sqrt(x), torch.rsqrt(a), torch.reciprocal(x), torch.sqrt(i), torch.reciprocal(i), torch.rsqrt(i + 10)


def rounding(x, a, i):
    return torch.ceil(x), torch.floor(a), torch.round(x * 2), torch.trunc(a), torch.frac(x), torch.round(i)


def rounding_to_decimals(x):
    return torch.round(x, decimals=1), torch.round(x * 10, decimals=-1)


def half_to_even(x):
    return torch.round(x * 0 + 0.5), torch.round(x * 0 + 1.5), torch.round(x * 0 - 2.5)


def magnitudes(x, i, m):
    return torch.abs(x), torch.abs(i), torch.sign(x), torch.sign(i), torch.sign(m), torch.neg(x), torch.square(i)


def logistic(x, z, i):
    return torch.sigmoid(x), x.sigmoid() * z, torch.logit(torch.sigmoid(z)), torch.sigmoid(i)


def error_functions(x, a, i):
    return torch.erf(x), torch.erfc(a), torch.lgamma(x), torch.erf(i), torch.relu(torch.erf(x) - torch.erfc(x))


def comparisons(x, y, i):
    return x == y, x != y, x < y, x <= 2, x > 0.1, i >= x, i == 3, i > 2.5


def comparison_with_a_literal(x, a):
    return x == 0.1, a == 0.1, x < float("inf"), x != float("nan")  # noqa: PLW0177


def narrow_comparisons(u, r):
    return u == -1, u > 100, r < 2.5, u != r


def masks_as_numbers(x, y):
    return (x > 0).type_as(x) * y, (x == y).to(x.dtype), (x != 0).float() + 1


def logic(m, n, x, i):
    return torch.logical_and(m, n), torch.logical_or(m, x), torch.logical_xor(i, n), torch.logical_not(i), ~m


def bits(i, j, m, n):
    return i & j, i | j, i ^ j, m & n, m | n, m ^ n, ~i, m & i


def shifts(i, k: int):
    return i << 2, i >> 1, i << k, i << 70, i >> 70, torch.bitwise_left_shift(i, 3)


def classification(x, i):
    return torch.isnan(x), torch.isinf(x), torch.isfinite(x), torch.isnan(i), torch.signbit(x)


def choices(x, y, i, m):
    return torch.where(x > 0, x, y), torch.where(m, x, i), torch.where(m, x, 0.5), torch.where(m, i, 0.5)


def choices_of_numbers(m, x):
    return torch.where(m, 1.0, 0.0), torch.where(m, 1, 0), torch.where(m, 2, x), x.masked_fill(m, -1.0)


def extrema(x, y, i, m):
    return torch.max(x, y), torch.min(x, i), torch.maximum(i, i), torch.minimum(m, m), torch.fmax(x, y)


def clamps(x, i, a):
    return x.clamp(0.1, 2.0), x.clamp(min=0), x.clamp(max=1), i.clamp(0, 3), i.clamp(0.5, 3.5), torch.clamp_min(a, 1)


def clamps_between_arrays(x, y, a):
    return torch.clamp(x, y, None), torch.clamp(x, y, y + 1), torch.clamp(x, None, a)


def clamps_by_scalars(x, w: float):
    return torch.clamp(x, min=-w, max=w * 2 + 1)


def clamps_upside_down(x):
    return x.clamp(2, 1), x.clamp(float("nan"), 1.0), x.clamp(float("-inf"), float("inf"))


def rectified(x, i):
    return torch.relu(x), x.relu() + 1, i.relu(), torch.relu(x - 0.0)


def thresholds(x, i):
    return torch.threshold(x, 0.0, -10.0), torch.threshold(x, 0.5, 0.5), torch.threshold(i, 1, -7)


def interpolation(x, y, z, a, b, w: float):
    return torch.lerp(x, y, 0.25), torch.lerp(x, y, 0.75), torch.lerp(x, y, z), torch.lerp(a, b, w)


def interpolation_by_scalar(x, y, s, d):
    return torch.lerp(x, y, s), torch.lerp(x, y, d)


def multiply_accumulate(x, y, z, i, j):
    return torch.addcmul(x, y, z), torch.addcmul(x, y, z, value=0.1), torch.addcmul(i, j, i, value=2)


def divide_accumulate(x, y, z, a):
    return torch.addcdiv(x, y, z), torch.addcdiv(a, y, z, value=-0.5)


def casts(x, a, i, m):
    return x.double(), a.float(), i.float(), m.int(), x.to(torch.float64), i.to(x.dtype), x.half(), m.long()


def casts_by_example(x, a, i):
    return x.type_as(a), a.type_as(x), i.type_as(x), x.to(x), i.to(a), x.to("cpu")


def old_casts(i, a, m):
    return torch._cast_Float(a), torch._cast_Double(i), torch._cast_Long(m)


def fillings(x, i):
    return torch.zeros_like(x), torch.ones_like(i), torch.full_like(x, 2.5), torch.zeros_like(x, dtype=torch.int64)


def a_small_tensor(x, i):
    return x * torch.tensor(2.0), i * torch.tensor(3), i + torch.tensor(0.5)
