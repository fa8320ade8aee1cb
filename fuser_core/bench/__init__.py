"""Benchmarks: workloads, the contenders that evaluate them, how contenders are timed against each other, and reports.

What ``fuser-core bench`` runs; the suites in the repository's ``benchmarks`` take their workloads from here. Nothing
else of the core imports this package.
"""
