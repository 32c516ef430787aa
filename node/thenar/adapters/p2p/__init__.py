"""The peer-to-peer edge: the only folder that knows libp2p."""
