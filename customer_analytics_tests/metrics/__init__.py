"""Tests of the derived assets, asserted from the published tables."""
