#!/usr/bin/env python3
"""portlight-report against the golden facts: every flow, every field, the totals, and how it ends.

    test-report.py PORTLIGHT-REPORT DIRECTORY

Flows are paired by their ends and start; their ids must be unique, their order is the report's own."""
import glob
import json
import os
import subprocess
import sys

import tap


def run_report(program, directory, facts):
    command = [program, '--format', 'jsonl', *facts['args'], os.path.join(directory, facts['file'])]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (run.returncode != 0) == (facts['status'] != 0), 'exit status %d: %s' % (run.returncode, run.stderr)
    if facts['status'] == 0:
        assert run.stderr == '', 'unexpected on stderr: ' + run.stderr
    else:
        assert run.stderr.count('\n') == 1 and run.stderr.endswith('\n'), 'not one line on stderr: %r' % run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert lines and list(lines[-1]) == ['summary'], 'the last line is no summary: ' + run.stdout[-300:]
    return lines[:-1], lines[-1]['summary']


def identity(flow):
    ends = [(flow[end]['addr'], flow[end].get('port', -1)) for end in ('local', 'remote')]
    return (flow['proto'], *ends, flow['first_us'])


def differences(want, got, path=''):
    """Every field of want must be in got; ends and counters hold nothing but what is wanted."""
    wrong = []
    for key, value in want.items():
        if isinstance(value, dict):
            there = got.get(key)
            if not isinstance(there, dict):
                wrong.append('%s%s: want %s, got %r' % (path, key, value, there))
                continue
            wrong += differences(value, there, path + key + '.')
            if key in ('local', 'remote', 'out', 'in', 'undecodable'):
                wrong += ['%s%s.%s: not wanted, got %r' % (path, key, extra, there[extra])
                          for extra in sorted(set(there) - set(value))]
        elif got.get(key) != value:
            wrong.append('%s%s: want %r, got %r' % (path, key, value, got.get(key)))
    return wrong


def check(program, directory, facts):
    flows, summary = run_report(program, directory, facts)
    ids = [flow.pop('id') for flow in flows]
    assert len(set(ids)) == len(ids), 'an id twice'
    want = {identity(flow): flow for flow in facts['flows']}
    assert len(want) == len(facts['flows']), 'two flows of one identity: change the scenario'
    got = {identity(flow): flow for flow in flows}
    assert len(got) == len(flows), 'two flows of one identity'
    wrong = []
    for key in sorted(set(want) | set(got)):
        if key not in got:
            wrong.append('%s: missing' % (key,))
        elif key not in want:
            wrong.append('%s: not wanted: %s' % (key, json.dumps(got[key])))
        else:
            wrong += ['%s: %s' % (key, line) for line in differences(want[key], got[key])]
            # App names belong to live captures, interface names to those that know one.
            wrong += ['%s: has %s' % (key, name) for name in ('app', 'remote_app') if name in got[key]]
    wrong += differences(facts['summary'], summary, 'summary.')
    assert not wrong, '\n'.join(wrong)


def main():
    program, directory = sys.argv[1:3]

    def test(facts):
        return lambda: check(program, directory, facts)
    tests = []
    for path in sorted(glob.glob(os.path.join(directory, '*.json'))):
        with open(path, encoding='utf-8') as file:
            facts = json.load(file)
        tests.append((facts['file'], test(facts)))
    assert tests, 'no facts in ' + directory
    tap.run(tests)


if __name__ == '__main__':
    main()
