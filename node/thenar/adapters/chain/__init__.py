"""The chain: contracts, logs and transactions. Hex strings, tuples and vendor types end in this folder."""
