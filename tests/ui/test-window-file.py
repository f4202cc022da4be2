"""A capture file in the window: what is in it can be found, picked and read, by mouse and by accessibility tree; what is wrong
with it is said in the window."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from harness import Portlight, in_one_window, run, screenshot

FOLDER = tempfile.mkdtemp(dir=os.environ['HOME'])
OFFICE = fixture.office().write(os.path.join(FOLDER, 'office.pcap'))


def write(name, data):
    path = os.path.join(FOLDER, name)
    with open(path, 'wb') as file:
        file.write(data)
    return path


class Office(Portlight):
    def __init__(self):
        super().__init__(OFFICE)

    def begin(self):
        self.key('Escape', 'Escape', 'Escape')
        self.wait_until_gone('panel', name='Details')


with_office = in_one_window(Office)


@with_office
def test_counters(portlight):
    status = portlight.wait_for('push button', name='8 flows ·')
    assert '132 packets' in atspi.name_of(status), atspi.name_of(status)
    portlight.wait_for('label', text='office.pcap · 3.0 s of traffic')
    atspi.press(status)
    portlight.wait_for('label', text='not Internet traffic (ARP and the like)')
    portlight.key('Escape')


@with_office
def test_nodes(portlight):
    """All four lanes are there for who cannot see them."""
    for name in ('Unknown app, app, 8 flows', ':50112, local temporary port, dynamic range', ':993, remote port, well-known range',
                 '198.51.100.7, endpoint', ':41873, local temporary port, registered range', '203.0.113.9, endpoint, 1 flow, failed'):
        portlight.wait_for('push button', name=name)


def assert_texts(portlight, *expected):
    for text in expected:
        portlight.wait_for('label', text=text)


@with_office
def test_flow(portlight):
    """A click on a port tells the whole story of its flow, and the facts are those that were written into the file."""
    portlight.click(portlight.wait_for('push button', name=':50112,'))
    portlight.wait_for('panel', name='Details')
    assert_texts(portlight, '192.168.1.20 → 198.51.100.7', 'TCP · established · lasted 450 ms',
                 '192.168.1.20 used port 50112 to reach the imaps service (port 993) of 198.51.100.7.',
                 '192.168.1.20 :50112', '198.51.100.7 :993',
                 'dynamic range (49152–65535), temporary port of the caller',
                 'well-known range (0–1023), the service that was called: imaps',
                 '6 packets, 6.0\u00a0kB of payload', '7 packets, 500 bytes of payload',
                 'SYN-ACK: port 993 is open')
    screenshot('window-flow')
    portlight.key('Escape')
    portlight.wait_until_gone('panel', name='Details')


@with_office
def test_failed_flows(portlight):
    atspi.press(portlight.wait_for('push button', name=':56002,'))
    assert_texts(portlight, 'It was refused: nothing listens on that port there, or a firewall rejects it.', 'TCP · refused')
    atspi.press(portlight.wait_for('push button', name=':33333,'))
    assert_texts(portlight, 'No answer came to 3 attempts')
    atspi.press(portlight.wait_for('push button', name=':8080,'))
    assert_texts(portlight, '192.168.1.31 on the local network used its port 62110 to reach port 8080 (http-alt)')


@with_office
def test_list(portlight):
    """A node of many flows lists them; one can be picked, and the list is still there on the way back."""
    atspi.press(portlight.wait_for('push button', name='Unknown app, app'))
    assert_texts(portlight, '8 flows, through 8 local ports to 6 endpoints. 2 of them failed.')
    portlight.click(portlight.wait_for('label', text=':53760 → :22 ssh'))
    assert_texts(portlight, '192.168.1.20 :53760')
    atspi.press(portlight.wait_for('push button', name='Back to the List'))
    assert_texts(portlight, ':53760 → :22 ssh', ':41873 → :53 dns')
    screenshot('window-list')
    atspi.press(portlight.wait_for('push button', name='Close the Details'))
    portlight.wait_until_gone('panel', name='Details')
    portlight.quit()


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


def test_name_is_no_markup():
    assert_page(os.path.join(FOLDER, 'R&D <b>1.pcap'), 'There Is No Such File', 'R&D <b>1.pcap: check the name')


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
        portlight.wait_for('push button', name='8 flows ·')
        portlight.quit()
    finally:
        portlight.kill()


def test_sorted_at_its_end():
    """What comes while a file is read stands below what was there; once all of it is read, the service that was called most is first."""
    path, capture = os.path.join(FOLDER, 'slow.pcap'), fixture.Capture()
    os.mkfifo(path)
    slow = os.open(path, os.O_RDWR)
    portlight = Portlight(path)

    def is_above(upper, lower):
        (_, upper_y, width, _), (_, lower_y, _, _) = (atspi.box_of(portlight.wait_for('push button', name=name)) for name in (upper, lower))
        return width > 0 and upper_y < lower_y
    try:
        portlight.wait_for('label', text='Nothing has come from “slow.pcap” yet.')
        capture.talk(fixture.T0, fixture.HERE, 50001, '198.51.100.7', 993, 1)
        first = capture.to_bytes()
        os.write(slow, first)
        portlight.wait_for('push button', name=':993,')
        for number in range(3):
            capture.talk(fixture.T0 + 1 + number, fixture.HERE, 50002 + number, '93.184.216.34', 443, 1)
        os.write(slow, capture.to_bytes()[len(first):])
        portlight.wait_for('push button', name='93.184.216.34, endpoint, 3 flows')
        assert is_above(':993,', ':443,')
        os.close(slow)
        atspi.wait(lambda: is_above(':443,', ':993,'), 'the graph is sorted')
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


run(test_counters, test_nodes, test_flow, test_failed_flows, test_list, test_missing, test_name_is_no_markup, test_folder, test_empty, test_text, test_no_packets, test_cut, test_sorted_at_its_end,
    test_sources)
