"""Takes the pictures of README.md and the metainfo into the folder given: see take.sh."""
import ctypes
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'ui'))
import atspi
from harness import Portlight, run, xdotool

FOLDER = sys.argv[1]
HOME = os.environ['HOME']
GTK_SETTINGS = '[Settings]\ngtk-font-name=Cantarell 11\ngtk-decoration-layout=appmenu:close\ngtk-cursor-blink=false\n'  # GNOME's
SETTINGS = '[io/github/portlight/portlight]\nstyle={style!r}\nwindow-width={width}\nwindow-height={height}\ngraph-pulses=false\n'
FRAME_PX = 5  # what the window draws around itself where no compositor does it: kept off the picture
STEADY_S = 12  # until rates are steady and what did not answer is known
EMPTY = tempfile.mkdtemp(dir=HOME)
LIBC, CLONE_NEWNET = ctypes.CDLL(None), 0x40000000
LATE = ('mail-sync.py', 'backup.py')
OWN_MAC, OTHERS_MAC = '02:00:5e:00:53:01', '02:00:5e:00:53:02'
OWN = ['192.168.1.20/24', '2001:db8:1::20/64']
OTHERS = ['192.168.1.1/24', '192.168.1.31/24', '192.168.1.44/24', '203.0.113.80/32', '203.0.113.34/32', '198.51.100.7/32',
          '198.51.100.53/32', '2001:db8:1::1/64', '2001:db8:9::7/128']


class Desktop:
    """Two network namespaces with a cable between: this one, a computer’s, and one for everybody else."""

    def __init__(self):
        self.programs = []

    def connect(self):
        holder = self.start(['unshare', '--net', 'sleep', 'infinity'])
        path, own = f'/proc/{holder.pid}/ns/net', os.readlink('/proc/self/ns/net')
        atspi.wait(lambda: os.readlink(path) != own, 'a second network namespace')
        self.others = os.open(path, os.O_RDONLY)
        for elsewhere in (False, True):  # what kernels say by themselves is not in the picture
            for name in ('router_solicitations', 'accept_ra'):
                self.do(f'sysctl -qw net.ipv6.conf.default.{name}=0', elsewhere)
        self.do('sysctl -qw net.ipv4.ip_forward=0', True)  # a router would say that nobody is at an address
        self.start_ready('cable.py')
        self.do(f'ip link set near address {OWN_MAC} name eth0')
        self.do(f'ip link set far address {OTHERS_MAC} netns {holder.pid} name eth0')
        self.hide(holder)
        self.do('ip link set lo up', True)
        for elsewhere, addresses in ((False, OWN), (True, OTHERS)):
            self.do('ip link set eth0 up', elsewhere)
            for address in addresses:
                self.do(f'ip address add {address} dev eth0' + (' nodad' if ':' in address else ''), elsewhere)
        self.do(f'ip neighbour add 2001:db8:1::20 dev eth0 nud permanent lladdr {OWN_MAC}', True)
        self.do(f'ip neighbour add 2001:db8:1::1 dev eth0 nud permanent lladdr {OTHERS_MAC}')
        self.do('ip route add default via 192.168.1.1')
        self.do('ip route add default via 2001:db8:1::1')
        certificate = os.path.join(HOME, 'certificate.pem')
        self.do(f'openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=example.com -keyout {certificate}.key -out {certificate}')
        with open(certificate, 'ab') as both, open(certificate + '.key', 'rb') as key:
            both.write(key.read())
        self.start_ready('others.py', True, certificate)

    def go_there(self, elsewhere):
        """What a new process does first; nsenter would still be on its way when it is hidden."""
        if elsewhere and LIBC.setns(self.others, CLONE_NEWNET) != 0:
            os._exit(1)

    def do(self, command, elsewhere=False):
        subprocess.run(command.split(), preexec_fn=lambda: self.go_there(elsewhere), check=True, stderr=subprocess.DEVNULL)

    def start(self, words, elsewhere=False, **options):
        options = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.DEVNULL, **options}
        program = subprocess.Popen(words, preexec_fn=lambda: self.go_there(elsewhere), **options)
        self.programs.append(program)
        if elsewhere:
            self.hide(program)
        return program

    def hide(self, program):
        """Portlight would find it in /proc and name it, as it names what runs in a container of this computer."""
        subprocess.run(['mount', '--bind', EMPTY, f'/proc/{program.pid}'], check=True)

    def start_ready(self, name, elsewhere=False, *arguments):
        program = self.start([sys.executable, '-B', os.path.join(HERE, name), *arguments], elsewhere, stdout=subprocess.PIPE)
        assert program.stdout.readline() == b'ready\n', f'{name} did not start'

    def start_own(self, name):
        path = os.path.join(HOME, name)
        with open(os.path.join(HERE, 'programs', name), 'rb') as source, open(path, 'wb') as copy:
            copy.write(source.read())
        self.start([sys.executable, '-B', path])

    def fetch(self, host, address, n=1):
        for _ in range(n):
            self.start(['curl', '--silent', '--insecure', '--output', '/dev/null', '--limit-rate', '150k',
                        '--resolve', f'{host}:443:{address}', f'https://{host}/film.mkv'])

    def share(self):
        """A folder that others may fetch from."""
        shared = os.path.join(HOME, 'shared')
        os.makedirs(shared, exist_ok=True)
        with open(os.path.join(shared, 'film.mkv'), 'wb') as film:
            film.truncate(1 << 40)
        self.start([sys.executable, '-B', '-m', 'http.server', '8080', '--directory', shared], stderr=subprocess.DEVNULL)

    def guests(self):
        """Who fetches from it."""
        for address, n, rate in (('192.168.1.31', 4, '500k'), ('192.168.1.44', 1, '400k')):
            for _ in range(n):
                self.start(['curl', '--silent', '--output', '/dev/null', '--retry', '20', '--retry-connrefused', '--retry-delay', '1',
                            '--interface', address, '--limit-rate', rate, 'http://192.168.1.20:8080/film.mkv'], elsewhere=True)

    def nobody(self):
        """All is quiet."""

    def busy(self):
        """Somebody at work: downloads, a call, guests."""
        self.share()
        self.fetch('mirror.example.org', '203.0.113.80', 2)
        self.fetch('media.example.com', '203.0.113.34', 3)
        self.fetch('www.example.net', '[2001:db8:9::7]')
        self.start_own('video-call.py')
        self.start(['wget', '--quiet', '--output-document=/dev/null', '--limit-rate=64k', 'http://192.168.1.1/update.bin'])
        self.guests()

    def quiet(self):
        """Who waits for calls, and a few that call."""
        self.share()
        self.fetch('mirror.example.org', '203.0.113.80')
        self.fetch('media.example.com', '203.0.113.34', 3)
        self.start_own('database.py')
        atspi.wait(lambda: ':5432' in subprocess.run(['ss', '-Hltn'], capture_output=True, text=True, check=True).stdout, 'the database')
        for name in ('music-sync.py', 'notes.py', 'video-call.py', 'mail-sync.py'):
            self.start_own(name)

    def end(self, n_kept=0):
        """Ends what was started but for the first n_kept."""
        for program in reversed(self.programs[n_kept:]):
            program.kill()
            program.wait()
            self.programs.pop()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def window(style, *arguments, width=1600, height=900):
    """The window over the whole screen, or as large as that, and the pointer where nothing is."""
    config = os.environ['XDG_CONFIG_HOME']
    write(os.path.join(config, 'gtk-4.0', 'settings.ini'), GTK_SETTINGS)
    write(os.path.join(config, 'glib-2.0', 'settings', 'keyfile'), SETTINGS.format(style=style, width=width, height=height))
    xdotool('mousemove', '1599', '899')
    portlight = Portlight(*arguments)
    atspi.wait(portlight.focused, 'the focus')
    shown = xdotool('search', '--onlyvisible', '--class', 'portlight').split()[0]
    xdotool('windowsize', shown, str(width + 2 * FRAME_PX), str(height + 2 * FRAME_PX),
            'windowmove', shown, str(-FRAME_PX), str(-FRAME_PX))
    return portlight


def picture(name, width=1600, height=900):
    path = os.path.join(FOLDER, name + '.png')
    subprocess.run(['import', '-window', 'root', '-crop', f'{width}x{height}+0+0', '+repage', '-strip', path], check=True)
    print(f'# {path}')


def with_desktop(begin):
    """Decorates what takes pictures of a desktop in which begin() has begun."""
    def decorate(take):
        def take_it():
            desktop = Desktop()
            try:
                desktop.connect()
                begin(desktop)
                time.sleep(STEADY_S)
                take(desktop)
            finally:
                desktop.end()
        take_it.__name__ = take.__name__
        return take_it
    return decorate


def shoot(style, name, *arguments, prepare=None, **size):
    portlight = window(style, *arguments, **size)
    try:
        if prepare:
            prepare(portlight)
        time.sleep(STEADY_S)
        picture(name, **size)
        portlight.quit()
    finally:
        portlight.kill()


@with_desktop(Desktop.nobody)
def take_captures(desktop):
    """What begins before the eyes of the window has its name and its whole story told."""
    def begin(portlight):
        portlight.wait_for('push button', name='Capturing')
        desktop.busy()
        portlight.wait_for('push button', name=':443')
        time.sleep(STEADY_S)
        for name in LATE:
            desktop.start_own(name)
        portlight.wait_for('push button', name=':993')
        atspi.wait(lambda: 'no answer' in portlight.wait_for('push button', name='203.0.113.99').get(atspi.ACCESSIBLE, 'Description'),
                   'an attempt that failed')

    def open_story(portlight):
        begin(portlight)
        atspi.press(portlight.wait_for('push button', name=':993'))
        portlight.wait_for('panel', name='Details')

    for style, name, prepare, size in (
            ('light', 'graph-light', begin, {}), ('dark', 'graph-dark', begin, {}), ('light', 'story', open_story, {}),
            ('light', 'narrow', begin, {'width': 360, 'height': 690})):
        n_kept = len(desktop.programs)
        shoot(style, name, '--interface=any', prepare=prepare, **size)
        desktop.end(n_kept)


@with_desktop(Desktop.quiet)
def take_listeners(_desktop):
    shoot('dark', 'listeners')


run(take_captures, take_listeners)
