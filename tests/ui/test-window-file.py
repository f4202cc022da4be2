"""A capture file in the window: what is in it can be found, picked and read, by mouse and by accessibility tree; what is wrong
with it is said in the window."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from harness import Portlight, run, screenshot

FOLDER = tempfile.mkdtemp(dir=os.environ['HOME'])
OFFICE = fixture.office().write(os.path.join(FOLDER, 'office.pcap'))


def write(name, data):
    path = os.path.join(FOLDER, name)
    with open(path, 'wb') as file:
        file.write(data)
    return path


def test_counters():
    portlight = Portlight(OFFICE)
    try:
        status = portlight.wait_for('push button', name='8 flows')
        assert '132 packets' in atspi.name_of(status), atspi.name_of(status)
        portlight.wait_for('label', text='office.pcap · 3.0 s of traffic')
        atspi.press(status)
        portlight.wait_for('label', text='not Internet traffic (ARP and the like)')
        portlight.key('Escape')
        portlight.quit()
    finally:
        portlight.kill()


def assert_page(path, title, *more):
    portlight = Portlight(path)
    try:
        portlight.wait_for('label', text=title)
        for text in more:
            portlight.wait_for('label', text=text)
        portlight.quit()
    finally:
        portlight.kill()


def test_missing():
    assert_page(os.path.join(FOLDER, 'nothing.pcap'), 'There Is No Such File', 'nothing.pcap')


def test_folder():
    assert_page(FOLDER, 'This Is a Folder')


def test_empty():
    assert_page(write('empty.pcap', b''), 'Nothing Is in It')


def test_text():
    assert_page(write('notes.txt', b'these are no packets\n' * 20), 'This Is Not a Capture')


def test_no_packets():
    assert_page(write('none.pcap', fixture.Capture().to_bytes()), 'No Packets in It')


def test_cut():
    """What came before the break stays on view, below the words that say so."""
    portlight = Portlight(write('cut.pcap', fixture.office().to_bytes()[:-20]))
    try:
        portlight.wait_for('label', text='The Capture Breaks Off')
        portlight.wait_for('push button', name='8 flows')
        portlight.quit()
    finally:
        portlight.kill()


def test_sources():
    portlight = Portlight()
    try:
        button = portlight.wait_for('push button', name='Source: All interfaces')
        atspi.press(button)
        portlight.wait_for(name='All interfaces')
        portlight.wait_for(name='lo, 127.0.0.1')
        portlight.wait_for(name='Open File…')
        screenshot('window-sources')
        portlight.key('Escape')
        portlight.quit()
    finally:
        portlight.kill()


run(test_counters, test_missing, test_folder, test_empty, test_text, test_no_packets, test_cut, test_sources)
