"""Planted defects: backends that are wrong in one way each, and the standard test that must notice it."""

from planted.arrays import ARRAYS
from planted.base import Defect
from planted.conduct import CONDUCT
from planted.processes import PROCESSES
from planted.values import VALUES

__all__ = ["DEFECTS", "Defect"]

DEFECTS = (*VALUES, *ARRAYS, *CONDUCT, *PROCESSES)
"""All of them, in the order of the documentation."""
