"""`python -m gateway.cli`, the same as `lapor`."""

from gateway.cli import main

main()
