//! Commands to a running site through a socket in its data directory.
