"""What the measurements run as processes of their own: each prints ``{"seconds": ...}`` as its last line."""
