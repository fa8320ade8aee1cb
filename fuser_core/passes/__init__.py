"""Passes: what the core does to a typed plan before it is cut into groups, once for all backends."""

from fuser_core.passes.motion import move_views
from fuser_core.passes.placement import place_parts
from fuser_core.passes.reshaping import move_reshapes
from fuser_core.passes.simplification import simplify

__all__ = ["move_reshapes", "move_views", "place_parts", "simplify"]
