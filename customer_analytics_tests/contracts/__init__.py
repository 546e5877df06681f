"""Behaviour of the room contracts."""
