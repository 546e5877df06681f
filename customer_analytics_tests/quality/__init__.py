"""Behaviour of the room quality."""
