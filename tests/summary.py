"""summary.py BROKEN-BUILDS TESTLOG.json…: counts TAP points over meson's test logs, says each skip's reason and each
failure, and ends with "N passed, N failed, N skipped". Exit status 1 when anything failed, when a program ran no test,
or when nothing ran at all."""
import json
import re
import sys

broken = int(sys.argv[1])
passed, failed, skipped = 0, broken, 0
skips, failures = {}, ['%d build(s) failed' % broken] if broken else []
POINT = re.compile(r'^(not )?ok\b\s*\d*\s*-?\s*(.*?)\s*(?:#\s*(SKIP|[T]ODO)\b\s*(.*))?$', re.I)
PLAN_SKIP = re.compile(r'^1\.\.0\s*#\s*SKIP\b\s*(.*)$', re.I)

for path in sys.argv[2:]:
    build = path.split('/')[0]
    try:
        lines = open(path, encoding='utf-8', errors='replace').read().splitlines()
    except OSError as e:
        failed += 1
        failures.append('%s: no test log (%s)' % (build, e.strerror))
        continue
    for line in lines:
        test = json.loads(line)
        name, points, bad = '%s %s' % (build, test['name'].split(' / ')[-1]), 0, 0
        for out in (test.get('stdout') or '').splitlines():
            plan = PLAN_SKIP.match(out)
            point = POINT.match(out)
            if plan:
                points += 1
                skipped += 1
                skips.setdefault(plan.group(1) or 'no reason given', []).append(name)
            elif point:
                points += 1
                if point.group(3) and point.group(3).upper() == 'SKIP':
                    skipped += 1
                    skips.setdefault(point.group(4) or 'no reason given', []).append('%s %s' % (name, point.group(2)))
                elif point.group(1):
                    bad += 1
                    failed += 1
                    failures.append('%s %s' % (name, point.group(2)))
                else:
                    passed += 1
        if test['result'] in ('OK', 'EXPECTEDFAIL') and points == 0:
            passed += 1  # a plain program judged by its exit status
        elif test['result'] == 'SKIP' and points == 0:
            skipped += 1
            skips.setdefault('exit status 77', []).append(name)
        elif test['result'] not in ('OK', 'SKIP', 'EXPECTEDFAIL') and bad == 0:
            failed += 1
            failures.append('%s: %s (status %s)' % (name, test['result'].lower(), test.get('returncode')))

for reason, names in sorted(skips.items()):
    print('skipped: %s: %s' % (reason, ', '.join(names)))
for failure in failures:
    print('FAILED: %s' % failure)
if passed + failed == 0:
    failed = 1
    print('FAILED: no test ran')
print('%d passed, %d failed, %d skipped' % (passed, failed, skipped))
sys.exit(1 if failed else 0)
