"""From feeds and documents to posts with their quotes. Imports `kb` only."""
