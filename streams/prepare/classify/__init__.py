"""Filing: wire codes, rules and the statistical model give each item its categories."""
