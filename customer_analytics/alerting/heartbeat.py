"""A sign of life to a monitor outside, which tells people when it stays away."""

import httpcore

SECONDS = 5.0


def ping(url: str) -> list[str]:
    """Get the URL; says what went wrong, if anything, without the URL: it may have a token in it."""
    timeouts = {"connect": SECONDS, "read": SECONDS, "write": SECONDS, "pool": SECONDS}
    try:
        with httpcore.stream("GET", url, extensions={"timeout": timeouts}) as response:
            status = response.status
    except Exception as error:  # Whatever it is, the look was taken; its words may have the URL in them.
        return [f"The heartbeat was not sent: {type(error).__name__}."]
    return [] if 200 <= status < 300 else [f"The heartbeat was answered with {status}."]
