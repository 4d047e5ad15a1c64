"""`python -m pyrpl_remote` is `pyrpl-remote`."""

from .cli import main

if __name__ == "__main__":
    main()
