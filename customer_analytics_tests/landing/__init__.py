"""Behaviour of the room landing."""
