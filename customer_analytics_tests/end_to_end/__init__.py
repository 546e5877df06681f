"""Whole programs at work: the daemon, killed runs, runs at the same time."""
