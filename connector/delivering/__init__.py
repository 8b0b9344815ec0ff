"""What stores and members are told: snapshots, codes, programmes, removals, mail and notices."""
