"""Faults that are really made to happen, one at a time, each with the outcome that is declared for it."""
