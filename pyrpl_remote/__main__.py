"""`python -m pyrpl_remote` runs the command `pyrpl-remote`."""

from .cli import main

if __name__ == "__main__":
    main()
