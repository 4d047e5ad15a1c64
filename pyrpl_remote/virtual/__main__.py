"""`python -m pyrpl_remote.virtual`: a virtual Red Pitaya without the rest of the command line."""
import typer

from pyrpl_remote.cli.virtual_board import virtual_board

typer.run(virtual_board)
