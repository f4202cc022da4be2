#!/usr/bin/env python3
"""The golden facts against a second opinion: packets and bytes of each conversation as tshark counts them.

    test-tshark.py DIRECTORY

Where tshark rightly counts otherwise, NAME.json says so under "tshark", by table: ["more", why] means that tshark has
conversations beside ours, ["skip", why] that its numbers are about something else."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

import tap

TABLES = {'tcp': 'TCP', 'udp': 'UDP', 'sctp': 'SCTP', 'ip': 'IPv4', 'ipv6': 'IPv6'}
PROTOS_AS_TSHARK = {'udplite': 'udp'}  # its table of UDP holds both
# "A <-> B  frames bytes  frames bytes  frames bytes  start  duration"; bytes are cut to kB or MB from 10 kB on.
ROW = re.compile(r'^(\S+)\s+<->\s+(\S+)\s+(\d+) (\d+) (bytes|kB|MB)\s+(\d+) (\d+) (bytes|kB|MB)\s')
UNITS = {'bytes': 1, 'kB': 1000, 'MB': 1000000}


def read_tables(text):
    """{title: {(A, B): [[packets, bytes, unit] from A, … from B]}}, one entry a row: rows of a reused tuple repeat."""
    tables, title = {}, None
    for line in text.splitlines():
        if line.endswith(' Conversations'):
            title = line[:-len(' Conversations')]
            tables[title] = []
        row = ROW.match(line)
        if row:
            a, b, to_a, to_a_bytes, to_a_unit, to_b, to_b_bytes, to_b_unit = row.groups()
            tables[title].append(((a, b), (int(to_b), int(to_b_bytes), UNITS[to_b_unit]),
                                  (int(to_a), int(to_a_bytes), UNITS[to_a_unit])))
    return tables


def sums(rows):
    """{(sender, receiver): [packets, bytes, what the cutting may have lost]}."""
    out = {}
    for (a, b), from_a, from_b in rows:
        for key, (packets, count, unit) in (((a, b), from_a), ((b, a), from_b)):
            total = out.setdefault(key, [0, 0, 0])
            total[0] += packets
            total[1] += count * unit
            total[2] += unit - 1
    return {key: total for key, total in out.items() if total[0]}


def expected(flows, table):
    """{(sender, receiver): [packets, bytes]} of the facts, as the table would name the ends."""
    out = {}
    for flow in flows:
        v6 = ':' in flow['local']['addr']
        if table in ('ip', 'ipv6'):
            if v6 != (table == 'ipv6'):
                continue
            ends = [flow[end]['addr'] for end in ('local', 'remote')]
        elif PROTOS_AS_TSHARK.get(flow['proto'], flow['proto']) != table:
            continue
        else:
            ends = ['%s:%d' % (flow[end]['addr'], flow[end]['port']) for end in ('local', 'remote')]
        for key, way in ((tuple(ends), 'out'), (tuple(reversed(ends)), 'in')):
            total = out.setdefault(key, [0, 0])
            total[0] += flow[way]['packets']
            total[1] += flow[way]['bytes']
    return {key: total for key, total in out.items() if total[0]}


def compare(ours, theirs, more):
    wrong = []
    for key in sorted(set(ours) | set(theirs)):
        mine, yours = ours.get(key), theirs.get(key)
        if mine is None:
            if not more:
                wrong.append('%s > %s: only tshark has it: %s' % (*key, yours))
        elif yours is None:
            wrong.append('%s > %s: tshark has it not, we %s' % (*key, mine))
        elif mine[0] != yours[0] or not yours[1] <= mine[1] <= yours[1] + yours[2]:
            wrong.append('%s > %s: we %s, tshark %s' % (*key, mine, yours))
    return wrong


def check(directory, facts):
    command = ['tshark', '-n', '-q', '-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE', '-r',
               os.path.join(directory, facts['file'])]
    for table in TABLES:
        command += ['-z', 'conv,' + table]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert facts['status'] != 0 or run.returncode == 0, run.stderr
    tables = read_tables(run.stdout)
    wrong = []
    for table, title in TABLES.items():
        assert title in tables, 'tshark printed no table of %s:\n%s%s' % (title, run.stdout, run.stderr)
        mode, why = facts['tshark'].get(table, ('same', ''))
        found = compare(expected(facts['flows'], table), sums(tables[title]), mode == 'more')
        if mode == 'skip':
            print('# %s, %s not compared: %s%s' % (facts['file'], table, why, '' if found else ' (this tshark agrees)'))
        else:
            wrong += [table + ' ' + line for line in found]
    assert not wrong, '\n'.join(wrong)


def main():
    directory = sys.argv[1]

    def test(facts):
        def run():
            if shutil.which('tshark') is None:
                raise tap.Skip('tshark is not installed')
            check(directory, facts)
        return run
    tests = []
    for path in sorted(glob.glob(os.path.join(directory, '*.json'))):
        with open(path, encoding='utf-8') as file:
            facts = json.load(file)
        tests.append((facts['file'], test(facts)))
    tap.run(tests)


if __name__ == '__main__':
    main()
