"""The graph taken along: read back from the clipboard by another program, and from the files that were saved."""
import difflib
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from harness import Portlight, run, screenshot, xdotool

REPORT = os.environ['PORTLIGHT_REPORT']
FOLDER = tempfile.mkdtemp(dir=os.environ['HOME'])
CAPTURE = os.path.join(FOLDER, 'office.pcap')
fixture.office().write(CAPTURE)
SECRETS = ['93.184.216.34', '198.51.100.7', '192.168.1.', '203.0.113.9', 'office']


def clipboard(kind):
    """What another program gets from the clipboard, in that format."""
    return subprocess.run(['xclip', '-selection', 'clipboard', '-o', '-t', kind], capture_output=True, timeout=15,
                          check=False).stdout


def png_size(data):
    assert data[:8] == b'\x89PNG\r\n\x1a\n' and data[12:16] == b'IHDR', data[:32]
    return struct.unpack('>II', data[16:24])


def colours(data):
    counted = subprocess.run(['identify', '-format', '%k', 'png:-'], input=data, capture_output=True, check=True)
    return int(counted.stdout)


def svg_size(data):
    root = xml.etree.ElementTree.fromstring(data)
    assert root.tag == '{http://www.w3.org/2000/svg}svg', root.tag
    return round(float(root.get('width'))), round(float(root.get('height')))


def opened(capture=CAPTURE, shows=':8080', env=None):
    portlight = Portlight(capture, env=env)
    portlight.wait_for('push button', name=shows)
    return portlight


def busy():
    """Some 500 flows to seven hosts: what is folded is folded alike, too, but a low window shows fewer hosts than the report."""
    capture = fixture.Capture()
    for i in range(400):
        time = fixture.T0 + i / 100
        capture.talk(time, fixture.HERE, 40000 + i * 13 % 20000, f'93.184.{i % 3}.{i * 7 % 2}', (443, 80, 993, 22)[i % 4], 1 + i % 9)
        if i % 5 == 0:
            capture.udp(time, fixture.HERE, 30000 + i, '192.168.1.1', 53, b'q' * 30)
    return capture.write(os.path.join(FOLDER, 'busy.pcap'))


def test_copy():
    """PNG and SVG of the same graph, the PNG at twice the size."""
    portlight = opened()
    try:
        portlight.key('ctrl+shift+c')
        portlight.wait_for('label', text='Picture copied')
        assert {b'image/png', b'image/svg+xml'} <= set(clipboard('TARGETS').split())
        png, svg = clipboard('image/png'), clipboard('image/svg+xml')
        width, height = svg_size(svg)
        assert png_size(png) == (2 * width, 2 * height), (png_size(png), width, height)
        assert colours(png) > 100
        assert b'93.184.216.34' in svg and b':8080' in svg
        portlight.quit()
    finally:
        portlight.kill()


def remembered(**choices):
    """As if an earlier run had left these choices."""
    folder = os.path.join(os.environ['XDG_CONFIG_HOME'], 'glib-2.0', 'settings')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'keyfile'), 'w', encoding='utf-8') as file:
        file.write('[io/github/portlight/portlight]\n')
        for key, value in choices.items():
            file.write(f'picture-{key}={str(value).lower() if isinstance(value, bool) else repr(value)}\n')


def finish(portlight):
    """Ends it. GTK's file chooser complains of a file system that it cannot measure; that is not the program's."""
    portlight.key('ctrl+q')
    assert portlight.process.wait(atspi.PATIENCE_S) == 0
    complaints = [line for line in portlight.complaints() if 'measure available space' not in line]
    assert not complaints, complaints


def export(portlight, path, choose=None):
    portlight.key('ctrl+e')
    dialog = atspi.wait(lambda: atspi.find(portlight.app, name='Export Picture'), 'the dialog')
    if choose:
        choose(dialog)
    save = atspi.wait(lambda: atspi.find(dialog, 'push button', name='Save…'), 'Save…')
    assert atspi.name_of(save) == 'Save…', f'a button is called “{atspi.name_of(save)}”'
    atspi.press(save)
    chooser = atspi.wait(lambda: atspi.find(portlight.app, name='Save the Picture'), 'the file chooser')
    entry = atspi.wait(lambda: atspi.find(chooser, 'text'), 'the name')
    atspi.wait(lambda: entry.enter(path), 'a name')
    atspi.press(atspi.wait(lambda: atspi.find(chooser, 'push button', name='Save'), 'Save'))


def whole(path):
    with open(path, 'rb') as file:
        return file.read()


def expect_spoken(dialog, **chosen):
    """What a screen reader says of each row beside its name is what is chosen there."""
    for name, words in chosen.items():
        row = atspi.wait(lambda name=name: atspi.find(dialog, 'combo box', name=name), name)
        said = row.get(atspi.ACCESSIBLE, 'Description')
        assert said == words, f'{name} says “{said}”, not “{words}”'


def test_png():
    """At the scale that was chosen, and the window says where it is; what cannot be written is said, too."""
    path = os.path.join(FOLDER, 'graph.png')
    remembered(scale=1, style='dark')
    portlight = opened()
    try:
        export(portlight, path, lambda dialog: expect_spoken(dialog, Format='PNG, of pixels', Scale='1×', Style='Dark'))
        portlight.wait_for('label', text='Saved as “graph.png”')
        portlight.wait_for('push button', name='Show in Folder')
        screenshot('window-export')
        png = whole(path)
        assert 800 < png_size(png)[0] <= 1280 and colours(png) > 100, png_size(png)
        export(portlight, '/proc/graph.png')
        portlight.wait_for('label', text='The picture could not be saved')
        portlight.wait_for('label', text='“graph.png” cannot be reached')
        export(portlight, '/sys/graph.png')
        portlight.wait_for('label', text='“graph.png” may not be written there. Save it in another folder.')
        export(portlight, os.path.join(FOLDER, 'other.png'))
        portlight.wait_for('label', text='Saved as “other.png”')
        portlight.wait_until_gone('label', text='The picture could not be saved')
        finish(portlight)
    finally:
        portlight.kill()


def test_redacted():
    """In a file; and the choice is remembered: what another run copies is redacted, too."""
    path = os.path.join(FOLDER, 'redacted.svg')
    remembered(format='svg')
    portlight = opened()
    try:
        export(portlight, path, lambda dialog: atspi.press(
            atspi.wait(lambda: atspi.find(dialog, 'check box', name='Redact'), 'Redact')))
        portlight.wait_for('label', text='Saved as “redacted.svg”')
        finish(portlight)
    finally:
        portlight.kill()
    portlight = opened()
    try:
        portlight.key('ctrl+shift+c')
        portlight.wait_for('label', text='Picture copied, redacted')
        for svg in whole(path).decode(), clipboard('image/svg+xml').decode():
            svg_size(svg)
            assert not [secret for secret in SECRETS if secret in svg], svg
            assert ':8080' in svg and 'address 1' in svg, svg
        portlight.quit()
    finally:
        portlight.kill()


def copied(portlight, check):
    """The clipboard's SVG, copied until check() is content with it."""
    def copy():
        portlight.key('ctrl+shift+c')
        svg = clipboard('image/svg+xml').decode()
        return svg if svg and check(svg) else None
    return atspi.wait(copy, 'the picture in the clipboard')


def with_font(points):
    folder = os.path.join(os.environ['XDG_CONFIG_HOME'], 'gtk-4.0')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'settings.ini'), 'w', encoding='utf-8') as file:
        file.write(f'[Settings]\ngtk-font-name=Sans {points:.2f}\n')


def points_for(title_px):
    """The size of the window's font for titles as large as the report's: told from a large one, whose lines are rounded least."""
    with_font(30)
    portlight = opened()
    try:
        svg = copied(portlight, lambda svg: True)
        portlight.quit()
    finally:
        portlight.kill()
    return 30 * title_px / title_size(svg)


def title_size(svg):
    return float(re.search(r'<text [^>]*font-size="([\d.]+)" font-weight="700"', svg)[1])


def test_as_the_report():
    """The same file in a window and without a screen is the same picture, but for the name of the window's own font."""
    remembered()
    with_font(points_for(title_size(report_of(CAPTURE))))
    is_alike(CAPTURE, ':8080')
    is_alike(busy(), ':443')
    remembered(redacted=True, style='dark')
    is_alike(CAPTURE, ':8080', '--redact', '--graph-style=dark')


def report_of(capture, *options):
    done = subprocess.run([REPORT, '--graph=-', *options, capture], capture_output=True, check=True)
    assert not done.stderr, done.stderr
    return done.stdout.decode()


def is_alike(capture, shows, *options):
    report = report_of(capture, *options)
    width, _ = svg_size(report)
    portlight = opened(capture, shows)
    try:
        window = xdotool('search', '--onlyvisible', '--class', 'portlight').split()[0]
        now, _ = svg_size(copied(portlight, lambda svg: True))
        size = re.search(r'(\d+)x(\d+)', xdotool('getwindowgeometry', window))
        xdotool('windowsize', window, str(int(size[1]) + width - now), size[2])
        svg = copied(portlight, lambda svg: svg_size(svg)[0] == width)
        portlight.quit()
    finally:
        portlight.kill()
    own, theirs = (re.sub(r' font-family="[^"]*"', '', text, count=1).splitlines() for text in (svg, report))
    assert own == theirs, '\n'.join(difflib.unified_diff(theirs, own, 'report', 'window', n=0, lineterm=''))


def endpoint_beside(svg, port):
    """What the endpoint says that is at the height of a remote port."""
    texts = [(float(node.get('y')), node.text) for node in xml.etree.ElementTree.fromstring(svg).iter('{http://www.w3.org/2000/svg}text')]
    height = next(y for y, text in texts if text == port)
    return min((abs(y - height), text) for y, text in texts if text.startswith('address '))[1]


def test_redacted_alike():
    """Two pictures of one window speak of the same: what was "address 4" among others is "address 4" alone."""
    remembered(redacted=True)
    portlight = opened()
    try:
        first = copied(portlight, lambda svg: ':993' in svg)
        wanted = endpoint_beside(first, ':993')
        assert wanted != 'address 1', first
        atspi.press(portlight.wait_for('push button', name=':993'))
        portlight.wait_for('panel', name='Details')
        atspi.wait(lambda: atspi.find_action(portlight.window, 'chosen.filter'), 'the filter').act('chosen.filter')
        portlight.wait_until_gone('push button', name=':53760')
        second = copied(portlight, lambda svg: ':53760' not in svg)
        assert endpoint_beside(second, ':993') == wanted, (wanted, second)
        assert len(re.findall('>address [0-9]+<', second)) == 1 and '198.51' not in first + second, second
        portlight.quit()
    finally:
        portlight.kill()


def test_ended_while_copying():
    """It ends when the picture is drawn: a thread that drew on while the libraries went has crashed."""
    portlight = opened(env={'LD_PRELOAD': os.environ['PL_SLOW_PICTURE']})
    try:
        portlight.key('ctrl+shift+c')
        portlight.quit()
        portlight.errors.seek(0)
        assert b'picture drawn' in portlight.errors.read()
    finally:
        portlight.kill()


def test_closed_meanwhile():
    """Whoever saves a picture and closes the window at once has it."""
    path = os.path.join(FOLDER, 'late.png')
    remembered(scale=4)
    portlight = opened()
    try:
        export(portlight, path)
        atspi.wait(lambda: atspi.find(portlight.app, name='Save the Picture') is None, 'the end of the file chooser')
        portlight.key('ctrl+w')
        deadline = time.monotonic() + atspi.PATIENCE_S
        while portlight.process.poll() is None:
            assert time.monotonic() < deadline, f'still there, {"with" if portlight.alive() else "without"} a window'
            time.sleep(0.5)
            if portlight.process.poll() is None and portlight.alive() and portlight.focused():
                portlight.key('ctrl+w')  # keys may be nobody's for a moment, once the file chooser is gone
        assert portlight.process.wait() == 0
        complaints = [line for line in portlight.complaints() if 'measure available space' not in line]
        assert not complaints, complaints
        assert png_size(whole(path))[0] > 3000
    finally:
        portlight.kill()


run(test_copy, test_png, test_redacted, test_as_the_report, test_redacted_alike, test_ended_while_copying,
    test_closed_meanwhile)
