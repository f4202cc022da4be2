"""Test Anything Protocol, for the Python tests."""
import sys
import traceback


class Skip(Exception):
    """Raised with the reason why a test can't run here."""


def run(tests):
    """tests: [(name, function)]. A test fails by AssertionError, whose text says what differs."""
    failed = 0
    print('1..%d' % len(tests))
    for i, (name, function) in enumerate(tests, 1):
        try:
            function()
            print('ok %d - %s' % (i, name))
        except Skip as reason:
            print('ok %d - %s # SKIP %s' % (i, name, reason))
        except AssertionError as error:
            failed += 1
            print('not ok %d - %s' % (i, name))
            print('\n'.join('# ' + line for line in (str(error) or traceback.format_exc()).splitlines()))
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
