"""Behaviour of the room warehouse."""
