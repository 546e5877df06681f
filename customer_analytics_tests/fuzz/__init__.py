"""Coverage-guided fuzzing of what reads delivered bytes; the fuzzer itself (atheris) is optional."""
