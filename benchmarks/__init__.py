"""Measurements that anyone can repeat: each in a folder of its own, with its results beside it."""
