"""Work done for bounties, as pure values: jobs, classes, traces, audits and the duties they bring."""
