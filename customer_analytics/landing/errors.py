"""Why a day's delivery cannot be opened, for the person who reads it."""


class DeliveryError(Exception):
    """A day cannot be loaded; the message says what, where and what to do."""


class LandingUnreadableError(DeliveryError):
    """Which days have landed cannot be seen: the landing area, or a source's folder in it, cannot be read."""


class NotLandedError(DeliveryError):
    """The day has no delivery yet: its flag is missing."""


class DeliveryRefusedError(DeliveryError):
    """The delivery as a whole cannot be trusted; nothing of it is published."""
