"""Figures that bundled data must give, each beside what this installation makes of the same data."""
