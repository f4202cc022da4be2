"""The graph taken along: read back from the clipboard by another program, and from the files that were saved."""
import os
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from harness import Portlight, run, screenshot

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


def opened():
    portlight = Portlight(CAPTURE)
    portlight.wait_for('push button', name=':8080')
    return portlight


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
        file.write('[io/github/portlight/Portlight]\n')
        for key, value in choices.items():
            file.write(f'picture-{key}={value!r}\n')


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
    atspi.press(atspi.find(dialog, 'push button', name='Save…'))
    chooser = atspi.wait(lambda: atspi.find(portlight.app, name='Save the Picture'), 'the file chooser')
    entry = atspi.wait(lambda: atspi.find(chooser, 'text'), 'the name')
    atspi.wait(lambda: entry.enter(path), 'a name')
    atspi.press(atspi.wait(lambda: atspi.find(chooser, 'push button', name='Save'), 'Save'))


def whole(path):
    with open(path, 'rb') as file:
        return file.read()


def test_png():
    """At the scale that was chosen, and the window says where it is; what cannot be written is said, too."""
    path = os.path.join(FOLDER, 'graph.png')
    remembered(scale=1, style='dark')
    portlight = opened()
    try:
        export(portlight, path)
        portlight.wait_for('label', text='Saved as “graph.png”')
        portlight.wait_for('push button', name='Show in Folder')
        screenshot('window-export')
        png = whole(path)
        assert 800 < png_size(png)[0] <= 1280 and colours(png) > 100, png_size(png)
        export(portlight, '/proc/graph.png')
        portlight.wait_for('label', text='The picture could not be saved')
        finish(portlight)
    finally:
        portlight.kill()


def test_redacted():
    """In a file; and the choice is remembered: what another run copies is redacted, too."""
    path = os.path.join(FOLDER, 'redacted.svg')
    remembered(format='svg')
    portlight = opened()
    try:
        export(portlight, path, lambda dialog: atspi.press(atspi.find(dialog, 'check box', name='Redact')))
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


run(test_copy, test_png, test_redacted)
