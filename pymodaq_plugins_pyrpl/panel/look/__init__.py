"""The Look pages: scope, spectrum analyser and network analyser of an open board.

The pages show what runs, whoever started it, and what they started themselves they stop again.

- curves, reduction: what is shown, and fewer points of it for a screen; numpy only
- canvas, plot, abscissa, grid, cursors, readings: how it is drawn and read
- export: CSV and npz files
- stream: follows the curves and settings of one module
- acquisition: starts and stops its acquisition
- settings_form, editors: the settings of a module, made from the schema
- actions, status_line: buttons and keys; the line below the plots
- look_page: what the pages have in common; scope_page, spectrum_page, network_page
"""
