"""Workloads that look at an element's neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import squares, vectors, workload

__all__: list[str] = []


@workload(squares(1), "memory", group="stencil")
def five_point(u: Any) -> Any:
    """The five-point Laplacian (Abramowitz and Stegun, 25.3.30)."""
    return u[1:-1, 1:-1] * -4.0 + u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]


@workload(vectors(1), "memory", group="stencil")
def differences(x: Any) -> Any:
    """Differences of neighbours."""
    return x[1:] - x[:-1]


@workload(squares(1, "f4"), "memory", None, 1e-4, "stencil")
def blur_single(x: Any) -> Any:
    """The binomial filter of 3 by 3 elements, as two passes."""
    rows = (x[:-2] + 2 * x[1:-1] + x[2:]) / 4
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4


@workload(squares(1), "memory", group="stencil")
def jacobi_2d(a: Any) -> Any:
    """Half a step of Jacobi's method (PolyBench's and NPBench's jacobi_2d)."""
    return 0.2 * (a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1])


@workload(squares(3), "memory", group="stencil")
def fdtd_2d(ex: Any, ey: Any, hz: Any) -> Any:
    """One step of finite differences in the time domain (Yee, 1966; NPBench's fdtd_2d), of the inner points."""
    ey = ey[1:, :] - 0.5 * (hz[1:, :] - hz[:-1, :])
    ex = ex[:, 1:] - 0.5 * (hz[:, 1:] - hz[:, :-1])
    return ex, ey, hz[1:-1, 1:-1] - 0.7 * (ex[1:-1, 1:] - ex[1:-1, :-1] + ey[1:, 1:-1] - ey[:-1, 1:-1])


@workload(squares(1, low=-1, high=1, least=8), "memory", None, 1e-9, "stencil")
def horizontal_diffusion(u: Any) -> Any:
    """Limited fourth-order diffusion (Gysi et al., 2015; NPBench's hdiff), of one level."""
    laplacian = 4 * u[1:-1, 1:-1] - (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
    across = laplacian[1:-1, 1:] - laplacian[1:-1, :-1]
    across = np.where(across * (u[2:-2, 2:-1] - u[2:-2, 1:-2]) > 0, 0, across)
    down = laplacian[1:, 1:-1] - laplacian[:-1, 1:-1]
    down = np.where(down * (u[2:-1, 2:-2] - u[1:-2, 2:-2]) > 0, 0, down)
    return u[2:-2, 2:-2] - 0.025 * (across[:, 1:] - across[:, :-1] + down[1:, :] - down[:-1, :])


@workload(squares(2), "memory", None, 1e-7, "stencil")
def cavity_pressure(u: Any, v: Any) -> Any:
    """The source of the pressure in a cavity flow (Barba and Forsyth, 2018, step 11; NPBench's cavity_flow)."""
    ux = (u[1:-1, 2:] - u[1:-1, :-2]) / 0.1
    vy = (v[2:, 1:-1] - v[:-2, 1:-1]) / 0.1
    uy = (u[2:, 1:-1] - u[:-2, 1:-1]) / 0.1
    vx = (v[1:-1, 2:] - v[1:-1, :-2]) / 0.1
    return (ux + vy) / 0.001 - ux * ux - 2 * uy * vx - vy * vy


@workload(squares(3), "memory", None, 1e-9, "stencil")
def cavity_velocity(u: Any, v: Any, p: Any) -> Any:
    """A step of the velocity in a cavity flow (Barba and Forsyth, 2018, step 11; NPBench's cavity_flow)."""
    own, down, across = u[1:-1, 1:-1], v[1:-1, 1:-1], 0.01
    left, right, below, above = u[1:-1, :-2], u[1:-1, 2:], u[:-2, 1:-1], u[2:, 1:-1]
    carried = own - own * across * (own - left) - down * across * (own - below)
    pressed = carried - 0.005 * (p[1:-1, 2:] - p[1:-1, :-2])
    return pressed + 0.1 * (0.02 * (right - 2 * own + left) + 0.02 * (above - 2 * own + below))
