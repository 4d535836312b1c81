"""The tests: they mirror the rooms; tests/support is what they stand on, tests/acceptance is the whole house."""
