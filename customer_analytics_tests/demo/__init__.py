"""The demo's landing data: what the generator promises, read back from its files."""
