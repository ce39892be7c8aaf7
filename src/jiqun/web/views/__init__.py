"""Pages, one module for each thing they are about; every view stands behind a door of `web.frame`."""
