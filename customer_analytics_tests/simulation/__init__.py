"""Long stretches of a company's life in little time: arrivals, restarts and crashes against the real automation."""
