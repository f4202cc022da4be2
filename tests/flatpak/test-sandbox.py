"""test-sandbox.py PART: TAP lines without a plan, for tests/flatpak.sh. Each part runs under another polkit rule or install."""
import json
import os
import pty
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import traceback

sys.path[:0] = [os.path.dirname(__file__), os.path.join(os.path.dirname(__file__), '..', 'report')]
import desktop
import dialogs
import displays
import mends
import permissions
import sandbox
import fixture
from agent import Agent, agent_for
from names_traffic import client_hello
from pages import FOR_ALL, PASTE_LINE, PORT, assert_lines_are_alone, fails, press_capture, together, with_dark_window, with_window
from sandbox import APP, Sandboxed, atspi, screenshot
from terminal import Terminal
from gi.repository import GLib

SERVER, CLIENT = os.environ.get('TALK_SERVER'), os.environ.get('TALK_CLIENT')  # what their cgroups call them
# And another user's server.
OTHER, OTHER_PORT, OTHER_PID = os.environ.get('OTHER_NAME'), os.environ['OTHER_PORT'], os.environ['OTHER_PID']
CAN_READ_PROCESSES = 1 << 19 | 1 << 2  # CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH


# ---- allowed, installed for one user ----

def sockets_view_names_server_and_client(app):
    app.wait_for('label', text='Sockets of this computer')
    app.wait_for('push button', name=f':{PORT}')
    if SERVER:
        app.wait_for('push button', name=SERVER)
        app.wait_for('push button', name=CLIENT)
    screenshot('1-sockets')


def sockets_view_tells_payload_and_round_trip(app):
    """Of a connection that was there before anybody captured."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        held = listener.accept()[0]
        client.sendall(b'x' * 123456)
        assert len(held.recv(123456, socket.MSG_WAITALL)) == 123456
        app.open_details(f':{client.getsockname()[1]}')
        app.wait_for('label', text='123.5\N{NO-BREAK SPACE}kB')
        app.wait_for('label', text='payload, as the kernel counts it')
        app.wait_for('label', text='Round trip')
        app.wait_for('label', text='shortest ')
        screenshot('1-payload-and-round-trip')
        held.close()
        client.close()


def foreign_server_is_another_users(app):
    """Its uid is 65534 in the sandbox, as every other user's is: that is no user to name."""
    if not OTHER:
        raise desktop.Skip('no cgroup can be made here')
    app.open_details(f':{OTHER_PORT}')
    app.wait_for_row('Name', OTHER)
    app.wait_for_row('User', 'another user')
    assert not any('65534' in text for text in app.texts()), app.texts()
    screenshot('1-another-user')


def foreign_server_without_a_name_is_another_users_too(app):
    if not OTHER:
        raise desktop.Skip('no cgroup can be made here')
    app.wait_for('push button', name='Another user')
    app.open_details(f':{os.environ["PLAIN_PORT"]}')
    app.wait_for_row('Name', 'Another user')
    app.wait_for_row('User', 'another user')
    screenshot('1-another-user-without-a-name')


def sandbox_pids_are_not_taken_for_the_hosts():
    """A socket that the app itself holds is in the sandbox's /proc, under a pid that is another process's outside."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        listener.settimeout(sandbox.PATIENCE_S)  # without a network nobody calls
        port = listener.getsockname()[1]
        app = Sandboxed(command=('bash', '-c', f'exec 3<>/dev/tcp/127.0.0.1/{port}; exec portlight'))
        try:
            held = listener.accept()[0]
            app.open_details(f':{held.getpeername()[1]}')
            app.wait_for('label', text=f'127.0.0.1 :{port}')
            assert not any(text.startswith('pid ') for text in app.texts()), app.texts()
            held.close()
        finally:
            app.kill()


def return_does_not_accept_the_risk(app):
    """The keyboard begins at the way back, of which a screen reader says what the risk is."""
    press_capture(app)
    app.wait_for('label', text='any program of that user could replace')
    away = app.wait_for('push button', name='Not Now')
    atspi.wait(lambda: away.has(atspi.State.FOCUSED), 'the focus at Not Now', sandbox.PATIENCE_S)
    heard = away.get(atspi.ACCESSIBLE, 'Description')
    assert 'any program of that user could replace' in heard, heard
    for _ in range(5):  # without a window manager a key may be lost
        desktop.window_of(desktop.MAIN_WINDOW)
        subprocess.run(['xdotool', 'key', 'Return'], check=True)
        try:
            atspi.wait(lambda: not app.shows('label', text='You Will Be Asked for a Password') or None, 'the end of the page', 6)
            break
        except AssertionError as error:
            print(f'# {error}')
    app.wait_for('push button', name='Capture')
    assert not app.shows('label', text='You Will Be Asked for a Password'), 'the page is still there'
    assert not sandbox.helpers(), 'a helper was started'


def capture_explains_then_captures(app):
    press_capture(app)
    prompt = app.wait_for('label', text=f'“{sandbox.prompt()}”')
    assert 0 < prompt.extents()[2] <= 600, 'a long path makes the page wide'
    app.wait_for('label', text='any program of that user could replace')
    app.wait_for('label', text=FOR_ALL)
    assert_lines_are_alone(app)
    assert not app.shows('check box', name='Do not explain this again'), 'a risk can be silenced'
    screenshot('2-before-the-prompt')
    app.press('Continue')
    app.wait_for('push button', name='Capturing')
    sandbox.wait_for_helpers(2)
    running = sandbox.helpers()
    rights = []
    for pid in running:
        with open(f'/proc/{pid}/status') as file:
            status = dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
        assert status['Uid'].split() == [str(os.getuid())] * 4, status['Uid']
        assert status['NoNewPrivs'] == '1' and int(status['CapBnd'], 16) == int(status['CapInh'], 16) == 0, status
        rights.append(int(status['CapPrm'], 16))
    # One captures and has no right left; the other reads other users' processes and can do nothing else.
    assert sorted(rights) == [0, CAN_READ_PROCESSES], [hex(right) for right in rights]
    talk(4000)
    app.wait_for('push button', name='packets')
    screenshot('3-capturing')
    app.press('Capturing')
    app.press('Capture')  # the same helper goes on, and nobody is asked again
    app.wait_for('push button', name='Capturing')
    assert sandbox.helpers() == running, (sandbox.helpers(), running)


def capture(app):
    """Goes on with the capture that the test before began, if it did."""
    if not app.shows('push button', name='Capturing'):
        press_capture(app)
        app.press('Continue')
        app.wait_for('push button', name='Capturing')


def owners_come_with_the_capture(app):
    """The sandbox sees no process outside: this one's name and number are the helper's word."""
    capture(app)
    with socket.create_server(('127.0.0.1', 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        held = listener.accept()[0]
        client.sendall(b'x' * 1000)
        app.open_details(f':{client.getsockname()[1]}')
        app.wait_for('label', text=f'pid {os.getpid()}')
        screenshot('3-owner')
        held.close()
        client.close()
    # Nothing came from another user's server, but it is there, and the helper sees who holds it.
    atspi.press(app.wait_for('push button', name=f':{OTHER_PORT}'))
    app.wait_for('label', text=f'pid {OTHER_PID}')
    app.wait_for_row('User', f'uid {os.stat(f"/proc/{OTHER_PID}").st_uid}')
    screenshot('3-owner-of-another-users')


def user_of_a_foreign_socket_is_its_holders():
    """The kernel says 65534 of it in there, in each of its lists anew."""
    for duration in '4', '20':  # on a busy computer the helper begins late
        report = subprocess.run(['flatpak', 'run', '--command=portlight-report', APP, '-i', 'lo', '-s', '-d', duration, '--format', 'jsonl', '--accept-risk'],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=True)
        rows = [row for row in map(json.loads, report.stdout.splitlines()) if row.get('local', {}).get('port') == int(OTHER_PORT)]
        if any('pid' in (row['app'] or {}) for row in rows):
            break
    assert [row['app']['pid'] for row in rows] == [int(OTHER_PID)], rows
    assert [row['app']['uid'] for row in rows] == [os.stat(f'/proc/{OTHER_PID}').st_uid], rows
    assert not any('socket_uid' in row for row in rows), rows


def apps_of_other_networks_have_names():
    """As in containers: a server by its process, and a client, whose socket was met with only after it called, by its app. And the
    site that TLS asked for."""
    if not os.environ['AWAY_SERVER_PID']:
        raise desktop.Skip('no network of its own can be made here')
    for duration in '4', '20':  # on a busy computer the helper begins late
        report = subprocess.Popen(['flatpak', 'run', '--command=portlight-report', APP, '-i', 'away0', '-d', duration, '--format', 'jsonl', '--accept-risk'],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        atspi.wait(sandbox.helpers, 'a helper', sandbox.PATIENCE_S)
        time.sleep(1)  # until the report has begun to read
        with socket.create_server(('10.98.0.1', 7002)) as listener, socket.create_connection(('10.98.0.2', 7001)) as caller:
            caller.sendall(client_hello('site.example.org'))
            held = listener.accept()[0]
            output = report.communicate(timeout=60)[0]
            ports = caller.getsockname()[1], held.getpeername()[1]
            held.close()
        flows = [row for row in map(json.loads, output.splitlines()) if 'local' in row]
        called, calling = ([flow for flow in flows if port in (flow['local'].get('port'), flow['remote'].get('port'))] for port in ports)
        if called and calling and all(flow[0].get('remote_app') for flow in (called, calling)):
            break
    assert len(called) == len(calling) == 1, output
    server, client = called[0]['remote_app'], calling[0]['remote_app']
    assert server and server.get('pid') == int(os.environ['AWAY_SERVER_PID']) and server['other_network_namespace'], called
    assert client and client['name'].startswith('python') and client['other_network_namespace'] and 'pid' not in client, calling
    assert called[0]['remote']['name'] == 'site.example.org', called


def sender_of_an_unconnected_socket_has_its_app():
    """The kernel's list has its socket without the other end, so that the list alone names nobody; who has it since may have been passed it."""
    for duration in '4', '20':  # on a busy computer the helper begins late
        report = subprocess.Popen(['flatpak', 'run', '--command=portlight-report', APP, '-i', 'lo', '-d', duration, '--format', 'jsonl', '--accept-risk'],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        atspi.wait(sandbox.helpers, 'a helper', sandbox.PATIENCE_S)
        time.sleep(1)  # until the report has begun to read
        with socket.socket(type=socket.SOCK_DGRAM) as sender, socket.socket(type=socket.SOCK_DGRAM) as receiver:
            receiver.bind(('127.0.0.1', 0))
            sender.sendto(b'x', receiver.getsockname())
            output = report.communicate(timeout=60)[0]
            port = sender.getsockname()[1]
        flows = [row for row in map(json.loads, output.splitlines()) if row.get('remote') and port in (row['local'].get('port'), row['remote'].get('port'))]
        apps = [flow['app' if flow['local']['port'] == port else 'remote_app'] for flow in flows]
        if apps and apps[0]:
            break
    assert len(apps) == 1 and apps[0]['name'] == 'test-sandbox.py' and apps[0].get('pid', os.getpid()) == os.getpid(), output


def sigkill_of_the_app_ends_the_helper(app):
    capture(app)
    sandbox.wait_for_helpers(2)
    assert app.pids(), 'the app was not found among the processes'
    app.kill()
    sandbox.wait_for_helpers(0)


def talk(n_bytes):
    """A connection to a server of our own that sends so many bytes and ends. Returns the server's port."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
        talk_at(listener, n_bytes)
    return port


def talk_at(listener, n_bytes):
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    client.sendall(b'x' * n_bytes)
    received = 0
    while received < n_bytes:
        received += len(server.recv(65536))
    server.sendall(b'done')
    assert client.recv(4, socket.MSG_WAITALL) == b'done'
    client.close()
    server.close()


def packets_of(path):
    """How many packets a little-endian pcap file holds, and how many bytes they had on the wire."""
    with open(path, 'rb') as file:
        data = file.read()
    at, n_packets, n_bytes = 24, 0, 0
    while at + 16 <= len(data):
        captured, wire = (int.from_bytes(data[at + i:at + i + 4], 'little') for i in (8, 12))
        n_packets, n_bytes, at = n_packets + 1, n_bytes + wire, at + 16 + captured
    return n_packets, n_bytes


def exchange_is_counted_to_the_packet():
    """Against tcpdump, which was started outside with the same filter."""
    with socket.create_server(('127.0.0.1', int(os.environ['COUNT_PORT']))) as listener:
        report = subprocess.Popen(['flatpak', 'run', '--command=portlight-report', APP, '-i', 'lo', '-d', '4', '--format', 'jsonl', '--accept-risk',
                                   '--capture-filter', f'tcp port {os.environ["COUNT_PORT"]}'],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        atspi.wait(sandbox.helpers, 'a helper', sandbox.PATIENCE_S)
        time.sleep(1)  # until the report has begun to read
        talk_at(listener, 123456)
        output, errors = report.communicate(timeout=30)
    assert report.returncode == 0, errors
    *flows, last = [json.loads(line) for line in output.splitlines()]
    assert len(flows) == 1, output
    flow = flows[0]
    sent, answered = flow['out'], flow['in']
    assert (sent['payload_bytes'], answered['payload_bytes']) == (123456, 4), flow
    n_packets, n_bytes = packets_of(os.environ['COUNT_FILE'])
    assert n_packets > 0 and sent['packets'] + answered['packets'] == n_packets, (flow, n_packets)
    assert last['summary']['dropped']['kernel'] == 0, last
    print(f'# {n_packets} packets, as tcpdump counted')


def capture_without_a_network_says_what_it_lacks():
    """Packets come by the helper, but no socket is found for them."""
    with sandbox.overridden('--unshare=network') as app:
        app.wait_for('label', text='The Sockets Cannot Be Listed')
        assert not app.shows('label', text='Apps Have No Names'), 'a notice says what the page says'
        capture(app)
        app.wait_for('label', text='Apps Have No Names')
        app.wait_for('label', text=f'flatpak override --user --share=network {APP}')
        with socket.create_server(('127.0.0.1', 0)) as listener:
            with socket.create_connection(listener.getsockname()) as client:
                client.sendall(b'x' * 1000)
                app.open_details(f':{client.getsockname()[1]}')
                app.wait_for('label', text='so that it finds no socket, and no app')
                screenshot('3-capturing-without-a-network')


def report_in_a_terminal_asks_first():
    """What the system will ask is said in the terminal, too, and over a helper that others could change a person is asked."""
    command = ['flatpak', 'run', '--command=portlight-report', APP, '-i', 'lo', '-d', '1']
    for answer, status in (b'n', 1), (b'y', 0):
        sandbox.wait_for_helpers(0)  # another's may just be ending
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp(command[0], command)
        said = b''
        try:
            while not said.endswith(b'[y/N] '):
                said += os.read(terminal, 4096)
            assert sandbox.prompt().encode() in said and b'could replace it' in said, said
            assert not sandbox.helpers(), 'it did not wait for the answer'
            os.write(terminal, answer + b'\n')
            while True:
                said += os.read(terminal, 65536)
        except OSError:  # its end
            pass
        finally:
            os.close(terminal)  # which hangs up, if it has not ended
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert ended == status, (answer, ended, said)
        assert (b'Nothing was captured' in said) == (status == 1), said


def report_without_a_terminal_refuses_the_risk():
    """And is told to take it: exchange_is_counted_to_the_packet() is."""
    done = subprocess.run(['flatpak', 'run', '--command=portlight-report', APP, '-i', 'lo', '-d', '1'], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and 'could replace it' in done.stderr and done.stderr.count('--accept-risk') == 1, done
    assert not done.stdout and not sandbox.helpers(), done


def report_without_a_session_bus_tells_what_helps():
    """As where somebody came by ssh; and that helps."""
    command = ['flatpak', 'run', '--command=portlight-report', APP, '-i', 'lo', '-d', '1', '--accept-risk']
    environment = {name: value for name, value in os.environ.items() if name != 'DBUS_SESSION_BUS_ADDRESS'}

    def run(*words):
        return subprocess.run([*words, *command], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    refused = run()
    assert refused.returncode == 1 and 'put “dbus-run-session” before “flatpak run”' in refused.stderr, refused
    done = run('dbus-run-session')
    assert done.returncode == 0 and 'lo: ' in done.stdout, done


def report_says_why_apps_have_no_names():
    """And what allows them; where nothing is withheld it says nothing of that."""
    capture = ['-i', 'lo', '-d', '1', '--accept-risk']
    cases = ([], ['--sockets'], None), ([], capture, None), (['--nofilesystem=/sys/fs/cgroup'], capture, None), \
        (['--nofilesystem=/sys/fs/cgroup'], ['--sockets'], '--filesystem=/sys/fs/cgroup:ro'), (['--unshare=network'], capture, '--share=network')
    for withheld, arguments, lacks in cases:
        done = subprocess.run(['flatpak', 'run', *withheld, '--command=portlight-report', APP, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (withheld, arguments, done)
        said = re.findall(f'flatpak override --user (.*) {APP}', done.stderr)
        assert said == ([lacks] if lacks else []), (withheld, arguments, done)


def graph_of_the_report_is_not_lost():
    """A name outside of the sandbox is refused before anything is done, where that is not seen by the person who looks for it."""
    def report(*options, graph):
        with open(capture_file, 'rb') as file:
            return subprocess.run(['flatpak', 'run', *options, '--command=portlight-report', APP, f'--graph={graph}', '-'], stdin=file,
                                  capture_output=True, text=True, timeout=60, check=False)
    home = os.environ['HOME']
    capture_file, picture = fixture.office().write(os.path.join(home, 'graph.pcap')), os.path.join(home, 'graph.svg')
    of_session = os.path.join(os.environ['XDG_RUNTIME_DIR'], 'graph.svg')
    for name in picture, 'graph.svg', os.path.join(home, 'no-such/graph.svg'), '/graph.svg', '/tmp/graph.svg', '/dev/graph.svg', of_session:
        refused = report(graph=name)
        assert refused.returncode == 2 and 'use --graph=- ' in refused.stderr and not refused.stdout, (name, refused)
    assert report(graph='-').stdout.rstrip().endswith('</svg>')
    for granted, name in ('home', picture), ('/tmp', f'/tmp/graph-{os.getpid()}.svg'):
        done = report(f'--filesystem={granted}', graph=name)
        assert done.returncode == 0 and os.path.getsize(name), (granted, done)
        os.remove(name)
    read_only = report('--filesystem=/tmp:ro', graph='/tmp/graph.svg')
    assert read_only.returncode == 2 and 'Read-only' in read_only.stderr, read_only


def descendants(pid, name):
    """Of that process, by their name."""
    known, found = {pid}, []
    for child, comm, parent, _ in sorted(sandbox.processes()):
        if parent in known:
            known.add(child)
            if comm == name:
                found.append(child)
    return found


def starters_of_helpers():
    """What runs on the host for a sandbox: a bus lets those it starts go, so that they descend from nobody."""
    running = sandbox.helpers()
    return [pid for pid, name, parent, _ in sandbox.processes() if name == 'flatpak-session'
            and any(pid == above for helper, _, above, _ in sandbox.processes() if helper in running)]


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def helper_ends_with(what, find_victims):
    """A capture in a session of its own, of which those processes are killed."""
    session = subprocess.Popen(['dbus-run-session', '--', 'flatpak', 'run', '--command=portlight-report', APP, '-i', 'lo', '-d', '600', '--accept-risk'],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sandboxes = []
    try:
        sandbox.wait_for_helpers(2)
        sandboxes = descendants(session.pid, 'bwrap')
        victims = find_victims(session.pid)
        assert victims, f'no {what} was found'
        kill(victims)
        sandbox.wait_for_helpers(0)
    except AssertionError as error:
        raise AssertionError(f'{what}: {error}') from error
    finally:
        kill(sandboxes + [session.pid])
        session.wait()


def helper_ends_however_the_session_does():
    helper_ends_with('sandbox', lambda pid: descendants(pid, 'bwrap'))
    helper_ends_with('way to the host, and then the app', lambda pid: starters_of_helpers() + descendants(pid, 'bwrap'))
    helper_ends_with('session’s bus', lambda pid: descendants(pid, 'dbus-daemon'))


# ---- it fails, each time in its own words; what a line mends is in mends.py ----

@with_window
def refused_by_a_rule(app):
    told = ' '.join(fails(app, 'Capture Was Not Allowed', shot='4-refused'))
    for words in ('The rules of this computer (polkit) do not let this user capture.', 'If a password was asked for all the same, it was wrong'):
        assert words in told, told


@with_window
def nobody_can_ask(app):
    fails(app, 'Nothing Here Can Ask for the Password', 'a polkit agent is missing', PASTE_LINE, 'pkttyagent', shot='5-no-agent')


@with_window
def terminal_asks(app):
    """With the line that the page shows, run as it is in a terminal of its own: the real pkttyagent."""
    press_capture(app)
    app.press('Continue')
    app.wait_for('label', text='a polkit agent is missing')

    def number_is_known():
        return next((text for text in app.label_texts() if re.fullmatch(r'pkttyagent --process \d+', text)), None)
    try:
        line = atspi.wait(number_is_known, 'the number of the process', sandbox.PATIENCE_S)
    except AssertionError as error:
        raise AssertionError(app.label_texts()) from error
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp('sh', ['sh', '-c', line])
    os.set_blocking(terminal, False)
    said = b''

    def asked():
        nonlocal said
        try:
            said += os.read(terminal, 4096)
        except OSError:
            pass
        return b'Password:' in said
    try:
        for _ in range(10):  # until it has registered itself, the page comes again
            for button in ('Try Again', 'Continue'):
                if app.shows('push button', name=button):
                    app.press(button)
                    break
            try:
                atspi.wait(asked, 'its prompt', 2)
                break
            except AssertionError:
                continue
        assert asked(), said
        assert sandbox.prompt().encode() in said.replace(b'\r\n', b''), said
        os.write(terminal, os.environ['PASSWORD'].encode() + b'\n')
        app.wait_for('push button', name='Capturing')
        sandbox.wait_for_helpers(2)
    finally:
        os.killpg(pid, signal.SIGTERM)  # the shell and what it runs
        os.waitpid(pid, 0)
        os.close(terminal)


@with_window
def wrong_password_then_the_right_one(app):
    """The system checks both, by PAM."""
    with agent_for(app, 'wrong') as agent:
        press_capture(app)
        app.press('Continue')

        def shown(role, text):
            while GLib.MainContext.default().iteration(False):
                pass
            return app.shows(role, name=text) if role == 'push button' else app.shows(role, text=text)
        atspi.wait(lambda: shown('label', 'was not given the right one'), 'the words for a wrong password', sandbox.PATIENCE_S)
        app.wait_for('label', text='The Password Was Not Accepted')
        app.wait_for('label', text='Try again with an administrator’s password.')
        screenshot('6-wrong-password')
        assert agent.answers == ['FAILURE'], agent.answers
        agent.password = os.environ['PASSWORD']
        app.press('Try Again')
        if atspi.wait(lambda: shown('label', 'You Will Be Asked for a Password') and 'asked'
                      or shown('push button', 'Capturing') and 'captures', 'another prompt', sandbox.PATIENCE_S) == 'asked':
            app.press('Continue')
        atspi.wait(lambda: shown('push button', 'Capturing'), 'a capture', sandbox.PATIENCE_S)
        assert agent.answers == ['FAILURE', 'SUCCESS'], agent.answers
        sandbox.wait_for_helpers(2)


@with_window
def polkit_does_not_run(app):
    fails(app, 'Nothing Here Can Ask for the Password', 'polkit, which asks for the password, does not run', PASTE_LINE,
          'sudo systemctl unmask polkit && sudo systemctl start polkit', 'Where the line fails')


@with_window
def prompt_is_closed_and_was_told_word_for_word(app):
    with agent_for(app) as agent:
        press_capture(app)
        promised = ' '.join(app.label_texts())
        app.press('Continue')

        def told():
            while GLib.MainContext.default().iteration(False):
                pass
            return app.shows('label', text='The password prompt was closed')
        atspi.wait(told, 'the words for a closed prompt', sandbox.PATIENCE_S)
        assert agent.prompts == [sandbox.prompt()], agent.prompts
        assert f'“{agent.prompts[0]}”' in promised, (agent.prompts, promised)
        screenshot('6-dismissed')


def ask_and_leave_the_prompt_open(app, end):
    """Until @end has ended what it ends, and then types the right password into it. Returns the agent, which has left."""
    agent = Agent(holds=True)
    before = named('pkexec')

    def heard():
        while GLib.MainContext.default().iteration(False):
            pass
        return agent
    try:
        press_capture(app)
        app.press('Continue')
        atspi.wait(lambda: heard().prompts, 'a prompt', sandbox.PATIENCE_S)
        assert len(named('pkexec')) > len(before), 'no pkexec asks'
        end(lambda: heard().n_cancelled == 1 and named('pkexec') == before)
        agent.type(os.environ['PASSWORD'])
        atspi.wait(lambda: heard() and named('pkexec') == before, 'the end of pkexec')
        sandbox.wait_for_helpers(0)
    finally:
        agent.leave()
    return agent


@with_window
def prompt_goes_with_the_app(app):
    def end(has_gone):
        app.kill()
        atspi.wait(has_gone, 'the end of the prompt', sandbox.PATIENCE_S)
    ask_and_leave_the_prompt_open(app, end)


@with_window
def late_password_starts_a_helper_that_ends(app):
    """Where what would take the prompt away does not come to it."""
    stopped = []

    def end(_has_gone):
        stopped.extend(named('flatpak-spawn'))
        assert stopped, 'nothing was found that waits for pkexec'
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        app.kill()
        assert named('pkexec'), 'nothing asks any more'
    try:
        agent = ask_and_leave_the_prompt_open(app, end)
    finally:
        kill(stopped)
    assert (agent.n_cancelled, agent.answers) == (0, ['SUCCESS']), (agent.n_cancelled, agent.answers)


@with_dark_window
def nothing_is_there_to_ask(app):
    """The host's /usr/bin has no pkexec."""
    fails(app, 'Nothing Here Can Ask for the Password', 'pkexec, which asks for the password, is not installed', PASTE_LINE,
          'sudo apt install pkexec', shot='5-no-pkexec')


@with_dark_window
def administrator_has_no_right(app):
    """As in a container without CAP_NET_RAW: pkexec starts the helper, and it may not open a packet socket."""
    fails(app, 'Capture Could Not Start', 'Even the administrator has no right', 'CAP_NET_RAW', '--cap-add=NET_RAW', shot='8-no-right')


# ---- other programs capture for it ----

def exchange_is_on_view(app):
    """A known one, to the packet: both ends count alike. Returns when its flow's details say so."""
    keep_talking(lambda: app.shows('push button', name='packets'), 'the first packets: a capture begins when its program has opened it')
    n_packets = 30
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        receiver.bind(('127.0.0.1', 0))
        sender.connect(receiver.getsockname())
        for _ in range(n_packets):
            sender.send(b'x' * 100)
        app.open_details(f':{sender.getsockname()[1]}')
        app.wait_for('label', text=f'{n_packets} packets')
        assert 'lo' in app.texts(), app.texts()  # the interface


def keep_talking(until, what):
    """A program that writes into a pipe nobody reads ends at its next packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        def check():
            sender.sendto(b'x', ('127.0.0.1', 9))
            return until()
        atspi.wait(check, what, sandbox.PATIENCE_S)


def named(name):
    return [pid for pid, comm, _, _ in sandbox.processes() if comm == name]


@with_dark_window
def dumpcap_of_the_host_captures(app):
    """The real one, for members of a group alone, as Wireshark's package installs it. The helper's disk is “noexec”."""
    before = named('dumpcap')
    press_capture(app)
    app.press('Continue')
    app.wait_for('label', text='noexec')
    app.press('Capture with Dumpcap')
    app.wait_for('push button', name='Capturing')
    atspi.wait(lambda: len(named('dumpcap')) > len(before), 'a dumpcap on the host')
    exchange_is_on_view(app)
    screenshot('16-dumpcap')
    app.press('All interfaces')
    app.press('lo, ')  # dumpcap goes on there: nobody is asked for a password
    atspi.wait(lambda: [pid for pid in named('dumpcap') if b'\0-i\0lo\0' in sandbox.command_of(pid)], 'a dumpcap on lo', sandbox.PATIENCE_S)
    app.wait_for('push button', name='Capturing')
    exchange_is_on_view(app)
    assert not sandbox.helpers(), 'the helper was started'
    app.press('Capturing')
    app.wait_for('push button', name='Capture')
    keep_talking(lambda: named('dumpcap') == before, 'the end of dumpcap')


@with_window
def dumpcap_ends_with_a_killed_app(app):
    """Where nothing is said it would not notice else that nobody reads it."""
    before = named('dumpcap')
    press_capture(app)
    app.press('Continue')
    app.press('Capture with Dumpcap')
    app.wait_for('push button', name='Capturing')
    running = atspi.wait(lambda: [pid for pid in named('dumpcap') if pid not in before and b'\0-w\0' in sandbox.command_of(pid)],
                         'a dumpcap on the host')
    for pid in app.pids():
        os.kill(pid, signal.SIGKILL)
    atspi.wait(lambda: not any(pid in named('dumpcap') for pid in running), 'the end of dumpcap')


def captures_by_the_line(app, beginning):
    """A real tcpdump as root, on the host."""
    before = named('tcpdump')
    press_capture(app)
    app.press('Continue')
    line = atspi.text_of(app.wait_for('label', text=beginning))
    terminal = Terminal()
    try:
        terminal.type(line)
        atspi.wait(lambda: terminal.hear() or app.shows('push button', name='Capturing'), 'the capture', sandbox.PATIENCE_S)
        exchange_is_on_view(app)
        screenshot('16-tcpdump')
        pipe = line.rsplit(' ', 1)[1].rstrip("'")
        app.press('Capturing')
        app.wait_for('push button', name='Capture')
        keep_talking(lambda: len(terminal.statuses()) == 2 and named('tcpdump') == before, 'the end of tcpdump')
    finally:  # it hangs up, which ends what is left
        terminal.close()
    assert not os.path.exists(pipe), 'the pipe is left behind'
    late = subprocess.run(['sh', '-c', 'echo packets | cat > ' + pipe], stderr=subprocess.PIPE, check=False)
    assert late.returncode != 0 and not os.path.exists(pipe), 'a line that is pasted later makes a file'


@with_window
def pasted_line_captures(app):
    captures_by_the_line(app, PASTE_LINE)


@with_window
def pipe_of_a_killed_one_goes(app):
    """With all of its sandbox. It is where host and sandbox both see it."""
    press_capture(app)
    app.press('Continue')
    pipe = atspi.text_of(app.wait_for('label', text=PASTE_LINE)).rsplit(' ', 1)[1]
    assert stat.S_ISFIFO(os.stat(pipe).st_mode), pipe
    subprocess.run(['flatpak', 'kill', APP], check=True)
    atspi.wait(lambda: not os.path.exists(os.path.dirname(pipe)), f'the end of {pipe}', sandbox.PATIENCE_S)


def pasted_line_captures_without_a_pipe():
    """Where nothing may be started outside, by which a pipe would go: the line hands its packets to the window that is there."""
    before = named('tcpdump')
    places = os.path.join(os.environ['XDG_RUNTIME_DIR'], 'app', APP)
    with sandbox.overridden('--no-talk-name=org.freedesktop.Flatpak') as app:
        app.press('Capture')
        line = atspi.text_of(app.wait_for('label', text='sudo tcpdump '))
        assert line.endswith(f' | flatpak run {APP} --this-computer -') and not os.listdir(places), (line, os.listdir(places))
        terminal = Terminal('dash')
        try:
            terminal.type(line)
            atspi.wait(lambda: terminal.hear() or app.shows('push button', name='Capturing'), 'the capture', sandbox.PATIENCE_S)
            exchange_is_on_view(app)
            assert len(atspi.find_all(atspi.Node(app.window.bus_name, atspi.ROOT), 'frame')) == 1, 'it made another window'
            screenshot('16-tcpdump-without-a-pipe')
        finally:
            subprocess.run(['flatpak', 'kill', APP], check=True)
            keep_talking(lambda: len(terminal.statuses()) == 2 and named('tcpdump') == before, 'the end of tcpdump')
            terminal.close()
    assert not os.listdir(places), os.listdir(places)


# ---- installed for all users, as another one ----

@with_window
def second_user_is_not_warned(app):
    assert sandbox.deployed().startswith(os.environ['FLATPAK_SYSTEM_DIR']), sandbox.deployed()
    app.wait_for('push button', name=f':{PORT}')
    press_capture(app)
    app.wait_for('label', text=f'`{sandbox.deployed()}/libexec/portlight-helper\'')
    assert not app.shows('label', text='could replace'), app.texts()
    app.wait_for('check box', name='Do not explain this again')
    app.press('Continue')
    app.wait_for('push button', name='Capturing')
    screenshot('10-for-all-users')
    app.kill()
    sandbox.wait_for_helpers(0)


@with_window
def link_into_a_users_folder_is_a_risk(app):
    """The system's installation is root's and reached by a link of root's, but a folder above where that leads is this user's."""
    assert sandbox.deployed().startswith(os.environ['FLATPAK_SYSTEM_DIR']), sandbox.deployed()
    press_capture(app)
    app.wait_for('label', text='any program of that user could replace')


def starts():
    with_window(lambda app: app.wait_for('push button', name='Capture'))()


PARTS = {
    'allowed': [*together(sockets_view_names_server_and_client, sockets_view_tells_payload_and_round_trip,
                          foreign_server_is_another_users, foreign_server_without_a_name_is_another_users_too),
                sandbox_pids_are_not_taken_for_the_hosts,
                *together(return_does_not_accept_the_risk, capture_explains_then_captures, owners_come_with_the_capture, sigkill_of_the_app_ends_the_helper),
                exchange_is_counted_to_the_packet, user_of_a_foreign_socket_is_its_holders, apps_of_other_networks_have_names, sender_of_an_unconnected_socket_has_its_app, capture_without_a_network_says_what_it_lacks, report_in_a_terminal_asks_first,
                report_without_a_terminal_refuses_the_risk, report_without_a_session_bus_tells_what_helps,
                report_says_why_apps_have_no_names, graph_of_the_report_is_not_lost, helper_ends_however_the_session_does],
    'not-executable': [mends.helper_may_not_be_executed, mends.helper_is_for_another_machine, mends.helper_is_of_another_version],
    'fallbacks': [dumpcap_of_the_host_captures, dumpcap_ends_with_a_killed_app, pasted_line_captures,
                  pipe_of_a_killed_one_goes, pasted_line_captures_without_a_pipe],
    'no-pkexec': [nothing_is_there_to_ask],
    'no-right': [administrator_has_no_right],
    'refused': [refused_by_a_rule, mends.permission_is_withdrawn, mends.helper_is_missing, mends.installed_elsewhere_for_one_user, mends.network_is_withdrawn, mends.cgroups_are_withdrawn],
    'ask': [nobody_can_ask, terminal_asks, prompt_is_closed_and_was_told_word_for_word, prompt_goes_with_the_app,
            late_password_starts_a_helper_that_ends, wrong_password_then_the_right_one],
    'no-polkit': [polkit_does_not_run, pasted_line_captures],  # which is the way that page speaks of
    'desktop': [*desktop.TESTS, *map(with_window, dialogs.TESTS)],
    'no-portal': [with_window(dialogs.no_dialog_is_told)],
    'no-documents': [with_window(dialogs.no_way_for_files_is_told), dialogs.missing_session_bus_is_told, dialogs.line_of_that_notice_reads_a_file],
    'displays': [*displays.TESTS, permissions.taken_away_is_told_and_given_back],
    'second-user': [second_user_is_not_warned, mends.for_all_helper_may_not_be_executed, mends.copy_of_one_user_goes],
    'remote': [mends.helper_comes_again_from_the_remote, mends.update_while_it_runs],
    'linked': [link_into_a_users_folder_is_a_risk],
    'starts': [starts],
    'no-cgroups': [mends.computer_has_no_cgroups],
    'nosuid': [mends.disk_does_not_let_pkexec_become_root],
    'no-new-privileges': [mends.session_lets_no_program_gain_rights],
    'noexec': [mends.disk_is_told_to_run_programs],
    'no-setuid': [mends.pkexec_is_marked],
    'no-setuid-read-only': [mends.pkexec_is_marked_on_a_disk_that_was_read_only],
}

for part in PARTS[sys.argv[1]]:
    began = time.monotonic()
    try:
        part()
        print(f'# {time.monotonic() - began:.1f} s', flush=True)
        print(f'ok - {part.__name__}', flush=True)
    except desktop.Skip as reason:
        print(f'ok - {part.__name__} # SKIP {reason}', flush=True)
    except Exception:  # whatever it is, it fails this test and not the others
        print(f'not ok - {part.__name__}')
        for line in traceback.format_exc().splitlines():
            print('#', line)
        sys.stdout.flush()
