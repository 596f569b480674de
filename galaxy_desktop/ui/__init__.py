"""Qt: bridge, main window, pages, item models, charts, tray, theme."""

from galaxy_desktop.ui.import_hook import read_no_sources

read_no_sources()
