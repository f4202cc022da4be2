"""One password for the whole run: an ordinary user, the real pkexec and polkitd. A program before pkexec in PATH counts how
often it is asked and becomes the real one."""
import os
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from harness import Portlight, run, screenshot
from notifications import NotificationServer, look_away


def counting_pkexec():
    """An environment, and how often pkexec was started in it."""
    folder = tempfile.mkdtemp(dir=os.environ['HOME'])
    count = os.path.join(folder, 'count')
    path = os.path.join(folder, 'pkexec')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\necho asked >>{count}\nexec /usr/bin/pkexec "$@"\n')
    os.chmod(path, 0o755)

    def asked():
        return len(open(count, encoding='utf-8').readlines()) if os.path.exists(count) else 0
    return {'PATH': folder + ':' + os.environ['PATH']}, asked


def helpers_of(pid):
    """Helpers that this process started."""
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
        children = [int(child) for child in file.read().split()]
    return [child for child in children if open(f'/proc/{child}/comm', encoding='utf-8').read().startswith('portlight-help')]


def cpu_s(pid):
    with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def talk(n):
    """n datagrams between two sockets of ours; returns the sender's port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        receiver.bind(('127.0.0.1', 0))
        sender.connect(receiver.getsockname())
        for _ in range(n):
            sender.send(b'x' * 100)
        return sender.getsockname()[1]


def captures(portlight):
    portlight.wait_for('push button', name='Capturing')
    atspi.wait(lambda: portlight.alive() and talk(20) and portlight.shows('push button', name='packets'), 'a count of packets')


def is_running(pid):
    """A zombie that nobody has reaped yet has no command line."""
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            return file.read() != b''
    except FileNotFoundError:
        return False


def at_rest(pid):
    """Its processor time, once that stands still: on a busy machine it may take a while to hear that it is to rest."""
    before = None
    while (now := cpu_s(pid)) != before:
        before = now
        time.sleep(0.2)
    return now


def test_one_prompt():
    env, asked = counting_pkexec()
    portlight = Portlight('--capture', env=env)
    try:
        atspi.press(portlight.wait_for('push button', name='Continue'))
        captures(portlight)
        first = helpers_of(portlight.process.pid)
        assert len(first) == 1, first
        portlight.key('F5')  # stop: the helper stays and rests
        portlight.wait_for('push button', name='Capture')
        portlight.wait_for('label', text='Sockets of this computer')
        before = at_rest(first[0])
        for _ in range(20):
            talk(500)
            time.sleep(0.05)
        print(f'# at rest the helper took {cpu_s(first[0]) - before:.2f} s of 10,000 packets')
        assert cpu_s(first[0]) - before <= 0.01, 'the helper works while nobody captures'
        portlight.key('F5')
        captures(portlight)
        assert not portlight.shows('label', text='You Will Be Asked for a Password')
        portlight.key('ctrl+n')  # another window: nobody is asked, and the capture goes over to it
        other = atspi.wait(lambda: [window for window in atspi.children(portlight.app) if window != portlight.window] or None,
                           'another window')[0]
        atspi.press(atspi.wait(lambda: atspi.find(other, 'push button', 'Capture') or atspi.find(other, 'toggle button', 'Capture'),
                               'its button'))
        portlight.wait_for('label', text='Another Window Captures Now')
        atspi.wait(lambda: atspi.find(other, 'push button', 'Capturing') or atspi.find(other, 'toggle button', 'Capturing'),
                   'a capture in the other window')
        atspi.press(portlight.wait_for('push button', name='Capture Here'))
        captures(portlight)
        assert helpers_of(portlight.process.pid) == first, (helpers_of(portlight.process.pid), first)
        assert asked() == 1, f'asked {asked()} times'
    finally:
        portlight.kill()
    atspi.wait(lambda: not is_running(first[0]), 'the end of the helper, whose app was killed', 2)


def test_killed_helper():
    """It is said, to who does not look by the desktop; another try asks anew and works, and what was said is taken back."""
    env, asked = counting_pkexec()
    server = NotificationServer()
    portlight = Portlight('--capture', env=env)
    try:
        atspi.press(portlight.wait_for('push button', name='Continue'))
        captures(portlight)
        look_away()
        os.kill(helpers_of(portlight.process.pid)[0], signal.SIGKILL)
        portlight.wait_for('label', text='The Capture Stopped')
        portlight.wait_for('label', text='portlight-helper was stopped by signal 9')
        title, body = server.wait()
        assert title == 'The Capture Stopped' and body, (title, body)
        screenshot('window-helper-killed')
        atspi.press(portlight.wait_for('push button', name='Try Again'))
        captures(portlight)
        portlight.wait_until_gone('label', text='The Capture Stopped')
        server.wait_until_closed()
        assert asked() == 2, f'asked {asked()} times'
        portlight.quit()
    finally:
        portlight.kill()
        server.leave()


run(test_one_prompt, test_killed_helper)
