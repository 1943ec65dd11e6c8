"""Writers, one for each wire format: they turn an issue of a story into bytes and headers like the real wire's."""
