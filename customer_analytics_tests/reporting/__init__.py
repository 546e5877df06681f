"""Tests of what leaves the house: the serving snapshot, the summary, what depends on what."""
