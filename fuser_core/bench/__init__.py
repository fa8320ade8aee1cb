"""Benchmarks: workloads, the contenders that evaluate them, and how contenders are timed against each other.

What ``fuser-core bench`` runs; the suites in the repository's ``benchmarks`` take their workloads from here. Nothing
else of the core imports this package.
"""
