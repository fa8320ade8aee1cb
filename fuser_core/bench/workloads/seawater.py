"""The equation of state of sea water: a rational function of over a hundred terms."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import workload

__all__: list[str] = []

# The coefficients of IOC, SCOR and IAPSO (2010), the international thermodynamic equation of seawater, in the
# expression of 48 terms (McDougall et al., 2013): V01 to V20 above the line, V21 to V48 below.
V01 = 9.998420897506056e2
V02 = 2.839940833161907
V03 = -3.147759265588511e-2
V04 = 1.181805545074306e-3
V05 = -6.698001071123802
V06 = -2.986498947203215e-2
V07 = 2.327859407479162e-4
V08 = -3.988822378968490e-2
V09 = 5.095422573880500e-4
V10 = -1.426984671633621e-5
V11 = 1.645039373682922e-7
V12 = -2.233269627352527e-2
V13 = -3.436090079851880e-4
V14 = 3.726050720345733e-6
V15 = -1.806789763745328e-4
V16 = 6.876837219536232e-7
V17 = -3.087032500374211e-7
V18 = -1.988366587925593e-8
V19 = -1.061519070296458e-11
V20 = 1.550932729220080e-10
V21 = 1.0
V22 = 2.775927747785646e-3
V23 = -2.349607444135925e-5
V24 = 1.119513357486743e-6
V25 = 6.743689325042773e-10
V26 = -7.521448093615448e-3
V27 = -2.764306979894411e-5
V28 = 1.262937315098546e-7
V29 = 9.527875081696435e-10
V30 = -1.811147201949891e-11
V31 = -3.303308871386421e-5
V32 = 3.801564588876298e-7
V33 = -7.672876869259043e-9
V34 = -4.634182341116144e-11
V35 = 2.681097235569143e-12
V36 = 5.419326551148740e-6
V37 = -2.742185394906099e-5
V38 = -3.212746477974189e-7
V39 = 3.191413910561627e-9
V40 = -1.931012931541776e-12
V41 = -1.105097577149576e-7
V42 = 6.211426728363857e-10
V43 = -1.119011592875110e-10
V44 = -1.941660213148725e-11
V45 = -1.864826425365600e-14
V46 = 1.119522344879478e-14
V47 = -1.200507748551599e-15
V48 = 6.057902487546866e-17


def _waters(rng: np.random.Generator, n: int) -> tuple[Any, ...]:
    """Make salinities (g/kg), temperatures (degrees Celsius) and pressures (dbar) as they are found in oceans."""
    return rng.uniform(30, 40, n), rng.uniform(-2, 30, n), rng.uniform(0, 5000, n)


@workload(_waters, "arithmetic")
def sea_water(sa: Any, ct: Any, p: Any) -> Any:
    """Density and thermal expansion of sea water by the 48 terms of TEOS-10 (IOC et al., 2010; after pyhpc's)."""
    root = np.sqrt(sa)
    upper = (
        V01
        + ct * (V02 + ct * (V03 + V04 * ct))
        + sa * (V05 + ct * (V06 + V07 * ct) + root * (V08 + ct * (V09 + ct * (V10 + V11 * ct))))
        + p * (V12 + ct * (V13 + V14 * ct) + sa * (V15 + V16 * ct) + p * (V17 + ct * (V18 + V19 * ct) + V20 * sa))
    )
    salty = V26 + ct * (V27 + ct * (V28 + ct * (V29 + V30 * ct))) + V36 * sa
    salty = salty + root * (V31 + ct * (V32 + ct * (V33 + ct * (V34 + V35 * ct))))
    pressed = V43 + ct * (V44 + V45 * ct + V46 * sa) + p * (V47 + V48 * ct)
    pressed = V37 + ct * (V38 + ct * (V39 + V40 * ct)) + sa * (V41 + V42 * ct) + p * pressed
    lower = V21 + ct * (V22 + ct * (V23 + ct * (V24 + V25 * ct))) + sa * salty + p * pressed
    # Both, differentiated by the temperature.
    upper_by_ct = (
        V02
        + ct * (2 * V03 + 3 * V04 * ct)
        + sa * (V06 + 2 * V07 * ct + root * (V09 + ct * (2 * V10 + 3 * V11 * ct)))
        + p * (V13 + 2 * V14 * ct + sa * V16 + p * (V18 + 2 * V19 * ct))
    )
    salty = V27 + ct * (2 * V28 + ct * (3 * V29 + 4 * V30 * ct))
    salty = salty + root * (V32 + ct * (2 * V33 + ct * (3 * V34 + 4 * V35 * ct)))
    pressed = V38 + ct * (2 * V39 + 3 * V40 * ct) + sa * V42 + p * (V44 + 2 * V45 * ct + V46 * sa + p * V48)
    lower_by_ct = V22 + ct * (2 * V23 + ct * (3 * V24 + 4 * V25 * ct)) + sa * salty + p * pressed
    return upper / lower, lower_by_ct / lower - upper_by_ct / upper
