"""The icon of a program that really listens, in the picture that the window copies and in the report's: the same file, by the same
rules; and in neither where it must not tell which app it is."""
import atexit
import base64
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from harness import Portlight, run, screenshot

REPORT = os.environ['PORTLIGHT_REPORT']
DATA = os.environ['XDG_DATA_HOME']
LISTEN = ("use IO::Socket::INET; $| = 1; $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die; "
          "print $s->sockport, \"\\n\"; sleep 600;")
ICON = ('<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><circle cx="24" cy="24" r="23" fill="#ffbe6f"/>'
        '<path d="M12 34L24 10L36 34Z" fill="#26a269"/></svg>')
HOSTILE = '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><script>alert(1)</script></svg>'


def put(path, text):
    whole = os.path.join(DATA, path)
    os.makedirs(os.path.dirname(whole), exist_ok=True)
    with open(whole, 'w', encoding='utf-8') as file:
        file.write(text)


def start(name, icon):
    """A program with a desktop file and an icon of its own, which listens; returns its process and its port."""
    program = os.path.join(DATA, name, name.lower())
    os.makedirs(os.path.dirname(program))
    shutil.copy(shutil.which('perl'), program)
    put(f'applications/{name}.desktop', f'[Desktop Entry]\nType=Application\nName={name}\nExec={program}\nIcon={name.lower()}-icon\n')
    put(f'icons/hicolor/scalable/apps/{name.lower()}-icon.svg', icon)
    process = subprocess.Popen([program, '-e', LISTEN], stdout=subprocess.PIPE)
    return process, int(process.stdout.readline())


def images(svg):
    return re.findall(r'<image [^>]*xlink:href="([^"]*)"', svg)


def report(*arguments):
    """The report's graph once it knows who listens, and what it said: a busy machine is slow to tell."""
    for seconds in '1', '3', '8', '20':
        done = subprocess.run([REPORT, '--sockets', '-d', seconds, '--graph=-', *arguments], capture_output=True, check=True)
        if b'>:%d<' % FINE[1] in done.stdout and b'nknown app' not in done.stdout:
            return done.stdout.decode(), done.stderr.decode()
    raise AssertionError(done.stdout.decode())


def remembered(is_redacted):
    folder = os.path.join(os.environ['XDG_CONFIG_HOME'], 'glib-2.0', 'settings')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'keyfile'), 'w', encoding='utf-8') as file:
        file.write(f'[io/github/portlight/portlight]\npicture-redacted={str(is_redacted).lower()}\n')


def copied(is_redacted, check):
    """What a window copies, once check() is content with it."""
    remembered(is_redacted)
    portlight = Portlight()
    try:
        portlight.wait_for('push button', name='Frobnicator')

        def copy():
            portlight.key('ctrl+shift+c')
            svg = subprocess.run(['xclip', '-selection', 'clipboard', '-o', '-t', 'image/svg+xml'], capture_output=True, timeout=15,
                                 check=False).stdout.decode()
            return svg if svg and check(svg) else None
        svg = atspi.wait(copy, 'the picture in the clipboard')
        screenshot('window-icons-redacted' if is_redacted else 'window-icons')
        portlight.quit()
    finally:
        portlight.kill()
    return svg


FINE, EVIL = start('Frobnicator', ICON), start('Hostile', HOSTILE)


def test_same_icon():
    """The icon's own file; the one with a script is not taken along, which is said, and its app has its letter."""
    wanted = 'data:image/svg+xml;base64,' + base64.b64encode(ICON.encode()).decode()
    svg, said = report()
    assert images(svg) == [wanted], svg
    assert '>H<' in svg and '>F<' not in svg, svg
    assert '1 icon is not in the picture' in said, said
    assert images(copied(False, images)) == [wanted]


def test_redacted():
    """No icon, and the circle has the app's number."""
    svg, said = report('--redact')
    assert not images(svg) and '>app 2<' in svg and 'robnicator' not in svg and not said, (svg, said)
    svg = copied(True, lambda svg: '>app 2<' in svg)
    assert not images(svg) and 'robnicator' not in svg, svg


atexit.register(lambda: [process.kill() for process, _ in (FINE, EVIL)])
run(test_same_icon, test_redacted)
