"""Qt: bridge, main window, pages, item models, charts, tray, theme."""
