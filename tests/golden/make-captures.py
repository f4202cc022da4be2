#!/usr/bin/env python3
"""Writes the golden captures and what they should read as.

    make-captures.py DIRECTORY

For each scenario NAME.pcap (or .pcapng, each also .gz) and NAME.json: the flows with their ends, roles, counters and
states, and the totals, all counted while the packets were made (facts.py). Plain Python, no clock, no chance: the same
bytes every time."""
import os
import sys

import scenarios_files
import scenarios_link
import scenarios_net
import scenarios_tcp


def all_files():
    """{name: bytes} of all scenarios."""
    out = {}
    for module in (scenarios_link, scenarios_net, scenarios_tcp, scenarios_files):
        for scenario in module.SCENARIOS:
            made = scenario().files()
            assert not made.keys() & out.keys(), 'two scenarios of one name'
            out.update(made)
    return out


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: make-captures.py DIRECTORY')
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, data in all_files().items():
        with open(os.path.join(sys.argv[1], name), 'wb') as file:
            file.write(data)


if __name__ == '__main__':
    main()
