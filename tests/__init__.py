"""Tests read like sentences and touch real things. This file makes the folder a package: a library installs another `tests`."""
