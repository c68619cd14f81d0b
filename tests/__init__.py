"""The tests, mirroring the packages; a package itself so that `tests.signatures` is never mistaken for `signatures`."""
