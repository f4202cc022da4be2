#!/usr/bin/env python3
"""The committed captures are what make-captures.py makes today, byte for byte, and nothing else lies beside them.

    test-regenerate.py DIRECTORY"""
import importlib
import os
import sys

import tap


def main():
    directory = sys.argv[1]
    made = importlib.import_module('make-captures').all_files()

    def same(name, data):
        def run():
            path = os.path.join(directory, name)
            assert os.path.exists(path), 'missing: run make-captures.py ' + directory
            with open(path, 'rb') as file:
                there = file.read()
            assert there == data, 'differs: run make-captures.py %s and look at git diff' % directory
        return run

    def no_others():
        others = sorted(set(os.listdir(directory)) - set(made))
        assert not others, 'made by no scenario: ' + ' '.join(others)

    def enough():
        n_captures = sum(not name.endswith('.json') for name in made)
        assert n_captures >= 36, n_captures
    tests = [(name, same(name, data)) for name, data in sorted(made.items())]
    tap.run(tests + [('no other files', no_others), ('at least 36 captures', enough)])


if __name__ == '__main__':
    main()
