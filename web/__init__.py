"""The site. Imports `kb` only."""
