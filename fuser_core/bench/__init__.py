"""Benchmarks that ship with the core: loaded by ``fuser-core bench`` and by the suites in ``benchmarks/`` only."""
