"""How the documents become a site: `scripts/docs`. The sources are the repository itself, so that every link in it
holds there and here.
"""

from __future__ import annotations

project = "Belong"
author = "the Belong contributors"
copyright = "the Belong contributors, MIT licence"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**", "*.md", "plugins/*/README.md", "bench/*.md"]
exclude_patterns = [".*", "build", "dist", "node_modules", "**/node_modules"]
html_theme = "furo"
html_title = "Belong"
html_copy_source = False
html_show_sphinx = False
# The address of the folder leads to the first page.
html_extra_path = ["site"]
# Links to a heading are written as on the pages of a repository: docs/page.md#the-heading.
myst_heading_anchors = 4
