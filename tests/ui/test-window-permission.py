"""Capture without the right to: what will be asked is said before, and what went wrong after. The person at the prompt is a
program named pkexec that comes before the real one in PATH: it only ends as pkexec does when the prompt is closed or refused."""
import os
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from fixture import Capture
from harness import Portlight, run, screenshot


def answering(code, said=''):
    """An environment whose password prompt ends with this code."""
    folder = tempfile.mkdtemp(dir=os.environ['HOME'])
    path = os.path.join(folder, 'pkexec')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\necho "{said}" >&2\nexit {code}\n')
    os.chmod(path, 0o755)
    return {'PATH': folder + ':' + os.environ['PATH']}


def assert_heard(portlight, name, *words):
    """The keyboard is at that button, of which a screen reader says then what the page is about."""
    atspi.wait(lambda: portlight.wait_for('push button', name=name).has(atspi.State.FOCUSED), f'the focus at {name}')
    heard = portlight.wait_for('push button', name=name).get(atspi.ACCESSIBLE, 'Description')
    assert all(word in heard for word in words), (heard, words)


def test_explains():
    portlight = Portlight(env=answering(126))
    try:
        atspi.press(portlight.wait_for('push button', name='Capture'))
        portlight.wait_for('label', text='You Will Be Asked for a Password')
        prompt = portlight.wait_for('label', text='The system will ask')
        assert 'portlight-helper' in atspi.text_of(prompt)
        width = prompt.extents()[2]
        assert 0 < width <= 600, f'a long path makes the page {width} px wide'
        screenshot('window-permission')
        assert_heard(portlight, 'Continue', 'You Will Be Asked for a Password', 'The system will ask')
        atspi.press(portlight.wait_for('push button', name='Not Now'))
        portlight.wait_until_gone('label', text='You Will Be Asked for a Password')
        portlight.wait_for('push button', name='Capture')
        atspi.press(portlight.wait_for('push button', name='Capture'))
        portlight.wait_for('label', text='You Will Be Asked for a Password')
        portlight.key('Escape')
        portlight.wait_until_gone('label', text='You Will Be Asked for a Password')
        portlight.quit()
    finally:
        portlight.kill()


def pair_of_buttons(portlight, first, second):
    """How far the second stands below the first, when both are as wide."""
    boxes = [portlight.wait_for('push button', name=name).extents() for name in (first, second)]
    assert boxes[0][0] == boxes[1][0] and boxes[0][2] == boxes[1][2], boxes
    return boxes[1][1] - boxes[0][1]


def test_pages_have_one_rhythm():
    portlight = Portlight(env=answering(127, 'Error executing command as another user: Not authorized'))
    try:
        atspi.press(portlight.wait_for('push button', name='Capture'))
        before = pair_of_buttons(portlight, 'Continue', 'Not Now')
        atspi.press(portlight.wait_for('push button', name='Continue'))
        after = pair_of_buttons(portlight, 'Try Again', 'Back to the Sockets')
        assert before == after, (before, after)
        portlight.quit()
    finally:
        portlight.kill()


def dismiss(portlight, title):
    """Once more where the answer to “Try Again” comes only now: until then the page is the one from before."""
    def is_gone():
        if atspi.find(portlight.window, 'label', text=title) is None:
            return True
        button = atspi.find(portlight.window, 'push button', name='Dismiss')
        if button is not None:
            atspi.press(button)
        return False
    atspi.wait(is_gone, f'the end of “{title}”')


def assert_fails(env, title):
    """After the prompt: words, another try, and the sockets as before."""
    portlight = Portlight('--capture', env=env)
    try:
        atspi.press(portlight.wait_for('push button', name='Continue'))
        portlight.wait_for('label', text=title)
        portlight.wait_for('label', text='Sockets of this computer')
        again = portlight.wait_for('push button', name='Try Again')
        atspi.press(again)
        portlight.wait_for('label', text=title)
        dismiss(portlight, title)
        portlight.quit()
    finally:
        portlight.kill()


def test_dismissed():
    assert_fails(answering(126), 'Capture Was Not Started')


NOT_AUTHORIZED = 'Error executing command as another user: Not authorized'
# Each needs mending: what pkexec does before, how it ends, what it says, the page's title, words on it, and the line that mends it.
# What pkcheck says then is the number behind "# ".
MENDS = (
    (': # 1', 127, NOT_AUTHORIZED, 'Capture Was Not Allowed', 'do not let this user capture', None),
    (': # 2', 127, NOT_AUTHORIZED, 'The Password Was Not Accepted', 'was not given the right one', None),
    (': # 127', 127, NOT_AUTHORIZED, 'Capture Was Not Allowed', 'Either the password was wrong, or the rules of this computer', None),
    (':', 127, 'Error executing command as another user: No authentication agent found.',
     'Nothing Here Can Ask for the Password', 'a polkit agent is missing', 'pkttyagent --process {pid}'),
    (':', 127, 'Error getting authority: gone', 'Nothing Here Can Ask for the Password',
     'polkit, which asks for the password, does not run', 'sudo systemctl start polkit'),
    (':', 2, 'portlight-helper: unknown option', 'The Capture Helper Is of Another Version', 'is of another version',
     'sudo meson install -C build'),
    (':', 3, 'portlight-helper: no right', 'Capture Could Not Start', 'CAP_NET_RAW', '--cap-add=NET_RAW'),
)


def pasted():
    return subprocess.run(['xclip', '-selection', 'clipboard', '-o'], capture_output=True, text=True, timeout=15, check=False).stdout


def test_mends():
    """One page says what was tried, why it failed and how to mend it; another try works; the sockets stay."""
    env = answering(127)
    pkexec = env['PATH'].split(':')[0] + '/pkexec'
    portlight = Portlight('--capture', env=env)
    try:
        button = 'Continue'
        for number, (before, code, said, title, words, command) in enumerate(MENDS):
            with open(pkexec, 'w', encoding='utf-8') as file:
                file.write(f'#!/bin/sh\n{before}\necho "{said}" >&2\nexit {code}\n')
            with open(pkexec.replace('pkexec', 'pkcheck'), 'w', encoding='utf-8') as file:
                file.write(f'#!/bin/sh\nexit {before.partition("# ")[2] or 99}\n')
            os.chmod(file.name, 0o755)
            atspi.press(portlight.wait_for('push button', name=button))
            button = 'Try Again'
            portlight.wait_for('label', text=words)
            portlight.wait_for('label', text=title)
            assert_heard(portlight, 'Try Again', title, words, *([command.format(pid=portlight.process.pid)] if command else []))
            portlight.wait_for('label', text='portlight-helper has no rights of its own, so ')
            if command:
                line = atspi.text_of(portlight.wait_for('label', text=command.format(pid=portlight.process.pid)))
                atspi.press(portlight.wait_for('push button', name='Copy the Line That Mends It'))
                atspi.wait(lambda: pasted() == line, f'“{line}” in the clipboard, not “{pasted()}”')
                portlight.wait_for('push button', name='Copied')
            else:
                assert not portlight.shows('push button', name='Copy the Line That Mends It')
            screenshot(f'window-failure-{number}')
        atspi.press(portlight.wait_for('push button', name='Back to the Sockets'))
        portlight.wait_until_gone('push button', name='Back to the Sockets')
        portlight.wait_for('label', text='Sockets of this computer')
        portlight.wait_for('label', text=MENDS[-1][3])  # in the notice
        atspi.press(portlight.wait_for('push button', name='Try Again'))  # leads back to what mends it
        portlight.wait_for('label', text=MENDS[-1][5])
        portlight.key('Return')  # another try, by the keyboard alone
        assert_heard(portlight, 'Try Again', MENDS[-1][3])
        portlight.key('Escape')  # back to the sockets
        portlight.wait_for('label', text=MENDS[-1][3])
        portlight.wait_until_gone('push button', name='Back to the Sockets')
        portlight.key('Escape')
        portlight.wait_until_gone('label', text=MENDS[-1][3])
        portlight.quit()
    finally:
        portlight.kill()


def test_missing():
    portlight = Portlight('--capture', env={'PORTLIGHT_HELPER': '/nowhere/portlight-helper'})
    try:
        portlight.wait_for('label', text='The Capture Helper Is Missing')
        portlight.wait_for('label', text='/nowhere/portlight-helper is missing')
        portlight.key('Escape')
        portlight.wait_until_gone('push button', name='Back to the Sockets')
        portlight.quit()
    finally:
        portlight.kill()


def talk_now():
    """A connection of this machine with itself, just now."""
    capture = Capture()
    capture.talk(time.time(), '127.0.0.1', 51514, '127.0.0.1', 443, 5)
    return capture


def save(capture):
    return capture.write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'talk.pcap'))


def test_pasted_line():
    """The line for a terminal, run: what a capture program writes into the pipe is on view, live."""
    portlight = Portlight('--capture', env={'PORTLIGHT_HELPER': '/nowhere/portlight-helper'})
    try:
        line = atspi.text_of(portlight.wait_for('label', text='sudo tcpdump -i any -U -w - | cat > '))
        pipe = line.rsplit('> ', 1)[1]
        assert stat.S_IMODE(os.stat(pipe).st_mode) == 0o600, oct(os.stat(pipe).st_mode)
        with open(pipe, 'wb'):
            pass  # a writer that leaves without a byte is no end
        atspi.press(portlight.wait_for('push button', name='Try Again'))

        def is_back():  # the answer to “Try Again” may come only now
            portlight.key('Escape')
            return not portlight.shows('push button', name='Back to the Sockets')
        atspi.wait(is_back, 'the sockets')
        assert os.path.exists(pipe), 'a line that was copied is of no use any more'
        writer = subprocess.Popen(['sh', '-c', 'cat - > ' + pipe], stdin=subprocess.PIPE)
        writer.stdin.write(talk_now().to_bytes())
        writer.stdin.flush()
        portlight.wait_for('push button', name='Capturing')
        portlight.wait_for('push button', name=':51514')
        portlight.wait_for('label', text='The terminal')
        writer.stdin.close()
        portlight.wait_for('label', text='The program that captured has ended')
        writer.wait()
        assert not os.path.exists(pipe), 'the pipe stays behind'
        late = subprocess.run(['sh', '-c', 'echo packets | cat > ' + pipe], stderr=subprocess.PIPE, check=False)
        assert late.returncode != 0 and not os.path.exists(pipe), 'a line that is pasted later makes a file'
        portlight.quit()
    finally:
        portlight.kill()


def test_killed_with_a_pipe():
    """Its pipe goes by itself; what is left all the same the next start takes away, whether it needs a pipe or not."""
    for again in (), ('--capture',):
        portlight = Portlight('--capture', env={'PORTLIGHT_HELPER': '/nowhere/portlight-helper'})
        try:
            pipe = atspi.text_of(portlight.wait_for('label', text='| cat > ')).rsplit('> ', 1)[1]
            assert stat.S_ISFIFO(os.stat(pipe).st_mode)
        finally:
            portlight.kill()
        atspi.wait(lambda: not os.path.exists(os.path.dirname(pipe)), f'the end of {pipe}')
        os.mkdir(os.path.dirname(pipe), 0o700)
        os.mkfifo(pipe, 0o600)
        portlight = Portlight(*again, env={'PORTLIGHT_HELPER': '/nowhere/portlight-helper'})
        try:
            assert not os.path.exists(os.path.dirname(pipe)), (again, pipe)
        finally:
            portlight.kill()


def test_dumpcap_on_another_interface():
    """It goes on there, and nobody is asked for a password that was in vain before."""
    folder = tempfile.mkdtemp(dir=os.environ['HOME'])
    log = folder + '/log'
    with open(folder + '/dumpcap', 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\necho "$*" >>{log}\n[ "$1" = -L ] || {{ cat {save(talk_now())}; exec sleep 60; }}\n')
    os.chmod(folder + '/dumpcap', 0o755)
    portlight = Portlight('--capture', env={'PORTLIGHT_HELPER': '/nowhere/portlight-helper',
                                            'PATH': folder + ':' + os.environ['PATH']})
    try:
        atspi.press(portlight.wait_for('push button', name='Capture with Dumpcap'))
        portlight.wait_for('push button', name=':51514')
        atspi.press(portlight.wait_for('push button', name='All interfaces'))
        atspi.press(portlight.wait_for('push button', name='lo, '))
        atspi.wait(lambda: '-w - -i lo ' in open(log, encoding='utf-8').read(), 'dumpcap on lo')
        portlight.wait_for('push button', name='Capturing')
        portlight.wait_for('push button', name=':51514')
        portlight.quit()
    finally:
        portlight.kill()


def test_no_dumpcap():
    """One that this user may not run is not offered, nor one that may not capture, as Debian installs it."""
    for mode, script in ((0o644, ''), (0o755, 'exit 2')):
        folder = tempfile.mkdtemp(dir=os.environ['HOME'])
        os.symlink('/bin/sh', folder + '/sh')
        with open(folder + '/dumpcap', 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\n{script}\n')
        os.chmod(folder + '/dumpcap', mode)
        portlight = Portlight('--capture', env={'PORTLIGHT_HELPER': '/nowhere/portlight-helper', 'PATH': folder})
        try:
            portlight.wait_for('push button', name='Back to the Sockets')
            time.sleep(0.5)  # it would be there by now
            assert not portlight.shows('push button', name='Capture with Dumpcap'), (oct(mode), script)
            portlight.quit()
        finally:
            portlight.kill()


def test_dumpcap():
    """One that lists and then may not capture; and one that may."""
    for script, says in (('[ "$1" = -L ] || { echo "Permission denied to capture" >&2; exit 1; }', 'Permission denied to capture'),
                         (f'[ "$1" = -L ] || {{ cat {save(talk_now())}; sleep 60; }}', None)):
        folder = tempfile.mkdtemp(dir=os.environ['HOME'])
        with open(folder + '/dumpcap', 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\n{script}\n')
        os.chmod(folder + '/dumpcap', 0o755)
        portlight = Portlight('--capture', env={'PORTLIGHT_HELPER': '/nowhere/portlight-helper',
                                                'PATH': folder + ':' + os.environ['PATH']})
        try:
            atspi.press(portlight.wait_for('push button', name='Capture with Dumpcap'))
            if says:
                portlight.wait_for('label', text=says)
                portlight.wait_for('push button', name='Try Again')
            else:
                portlight.wait_for('push button', name='Capturing')
                portlight.wait_for('push button', name=':51514')
                atspi.press(portlight.wait_for('push button', name='Capturing'))
                portlight.wait_for('push button', name='Capture')
            portlight.quit()
        finally:
            portlight.kill()


def test_explains_no_more():
    env = answering(126)
    portlight = Portlight('--capture', env=env)
    try:
        portlight.click(portlight.wait_for('check box', name='Do not explain this again'))  # GTK 4.8 gives it no action
        atspi.press(portlight.wait_for('push button', name='Continue'))
        portlight.wait_for('label', text='Capture Was Not Started')
        portlight.quit()
    finally:
        portlight.kill()
    again = Portlight('--capture', env=env)
    try:
        again.wait_for('label', text='Capture Was Not Started')
        again.quit()
    finally:
        again.kill()


run(test_explains, test_pages_have_one_rhythm, test_dismissed, test_mends, test_missing, test_pasted_line, test_killed_with_a_pipe, test_dumpcap,
    test_dumpcap_on_another_interface, test_no_dumpcap,
    test_explains_no_more)
