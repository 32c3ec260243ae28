"""Benchmarks: one module each; ``python -m bench NAME`` prints a table, then one JSON line of figures."""
