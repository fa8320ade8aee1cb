"""Workloads that compute each element by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workload import affine, image, integer_pairs, pairs, squares, vectors, workload

__all__: list[str] = []


@workload(vectors(3), "memory", "a * b + c")
def triad(xp: Any) -> Callable[..., Any]:
    def f(a, b, c):
        return a * b + c

    return f


@workload(vectors(3, "f4"), "memory", "a * b + c", 1e-6)
def triad_single(xp: Any) -> Callable[..., Any]:
    def f(a, b, c):
        return a * b + c

    return f


@workload(vectors(1), "memory", "((0.25 * a + 0.75) * a - 1.5) * a - 2")
def polynomial(xp: Any) -> Callable[..., Any]:
    def f(x):
        return ((0.25 * x + 0.75) * x - 1.5) * x - 2.0

    return f


@workload(vectors(2), "memory", "where((a > 0.5) & (b < 0.5), a * 2 - b, a / (b + 1))")
def masked(xp: Any) -> Callable[..., Any]:
    def f(a, b):
        return xp.where((a > 0.5) & (b < 0.5), a * 2 - b, a / (b + 1))

    return f


@workload(vectors(8, "f4"), "memory", "a*b + c*d + e*f + g*h", 1e-5)
def many_inputs(xp: Any) -> Callable[..., Any]:
    def f(a, b, c, d, e, f, g, h):  # noqa: PLR0917 - many is the point
        return a * b + c * d + e * f + g * h

    return f


@workload(integer_pairs, "memory", "(a * 3 + b) * (a - b)")
def integers(xp: Any) -> Callable[..., Any]:
    def f(a, b):
        return (a * 3 + b) * (a - b)

    return f


@workload(image, "memory")
def blend(xp: Any) -> Callable[..., Any]:
    def f(a, b):
        return (a >> 1) + (b >> 1)

    return f


@workload(affine, "memory", None, 1e-6)
def affine_rows(xp: Any) -> Callable[..., Any]:
    def f(x, scale, shift):
        return x * scale + shift

    return f


@workload(squares(2), "memory", None)
def transposed_sum(xp: Any) -> Callable[..., Any]:
    def f(a, b):
        return a * 2.0 + b.T

    return f


@workload(squares(1), "memory", None)
def five_point(xp: Any) -> Callable[..., Any]:
    def f(u):
        return u[1:-1, 1:-1] * -4.0 + u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]

    return f


@workload(vectors(4, "f4"), "memory", None, 1e-5)
def adam_step(xp: Any) -> Callable[..., Any]:
    def f(p, g, m, v):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        return p - 0.001 * m / (xp.sqrt(v) + 1e-8)

    return f


@workload(vectors(1, "f4", -4, 4), "arithmetic", "0.5*a*(1+tanh(0.7978845608*(a+0.044715*a*a*a)))", 1e-4)
def gelu_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        return 0.5 * x * (1.0 + xp.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))

    return f


@workload(vectors(1, "f4", -4, 4), "arithmetic", "a / (1 + exp(-a))", 1e-5)
def silu_single(xp: Any) -> Callable[..., Any]:
    def f(x):
        return x / (1.0 + xp.exp(-x))

    return f


@workload(vectors(1, low=-3, high=3), "arithmetic", "exp(-0.5 * a * a) * 0.3989422804")
def gaussian(xp: Any) -> Callable[..., Any]:
    def f(x):
        return xp.exp(-0.5 * x * x) * 0.3989422804

    return f


@workload(vectors(2, low=0.1, high=4.0), "arithmetic", "log(a) * sin(b) + log1p(b)")
def logarithms(xp: Any) -> Callable[..., Any]:
    def f(a, b):
        return xp.log(a) * xp.sin(b) + xp.log1p(b)

    return f


@workload(pairs, "arithmetic")
def haversine(xp: Any) -> Callable[..., Any]:
    """The great-circle distance on a unit sphere; see `fuser_core.demo.great_circle`."""

    def f(lat1, lon1, lat2, lon2):
        a = xp.sin((lat2 - lat1) / 2) ** 2 + xp.cos(lat1) * xp.cos(lat2) * xp.sin((lon2 - lon1) / 2) ** 2
        return 2 * xp.arcsin(xp.sqrt(a))

    return f


def _black_scholes(xp: Any) -> Callable[..., Any]:
    def f(spot, strike, years):
        rate, volatility = 0.02, 0.3
        deviation = volatility * xp.sqrt(years)
        d1 = (xp.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / deviation
        d2 = d1 - deviation
        # The normal distribution by the logistic approximation of Bowling et al. (2009).
        n1 = 1.0 / (1.0 + xp.exp(-1.5976 * d1 - 0.070565992 * d1 * d1 * d1))
        n2 = 1.0 / (1.0 + xp.exp(-1.5976 * d2 - 0.070565992 * d2 * d2 * d2))
        return spot * n1 - strike * xp.exp(-rate * years) * n2

    return f


@workload(vectors(3, low=0.5, high=2.0), "arithmetic")
def black_scholes(xp: Any) -> Callable[..., Any]:
    return _black_scholes(xp)


@workload(vectors(3, "f4", 0.5, 2.0), "arithmetic", None, 1e-3)
def black_scholes_single(xp: Any) -> Callable[..., Any]:
    return _black_scholes(xp)


@workload(vectors(5, "f4", -3, 3), "arithmetic", None, 1e-4)
def lstm_gates(xp: Any) -> Callable[..., Any]:
    def f(i, f, g, o, c):
        one = 1.0
        cell = c / (one + xp.exp(-f)) + xp.tanh(g) / (one + xp.exp(-i))
        return xp.tanh(cell) / (one + xp.exp(-o))

    return f


@workload(vectors(2, low=0.5, high=3.0), "arithmetic", "a ** b")
def powers(xp: Any) -> Callable[..., Any]:
    def f(a, b):
        return a**b

    return f
