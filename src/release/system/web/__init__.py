"""Files behind http and https: fetched within limits, and from where that does no harm."""
