"""A polkit agent for what org.freedesktop.Flatpak starts on the host: it notes the prompt that it should show, and closes it
or types a password, which the system checks as it does anybody's (polkit-agent-helper-1 and PAM)."""
import os
import pwd
import subprocess

from gi.repository import Gio, GLib

AUTHORITY = ('org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority', 'org.freedesktop.PolicyKit1.Authority')
INTERFACE = '''<node><interface name='org.freedesktop.PolicyKit1.AuthenticationAgent'>
<method name='BeginAuthentication'><arg type='s'/><arg type='s'/><arg type='s'/><arg type='a{ss}'/><arg type='s'/><arg type='a(sa{sv})'/></method>
<method name='CancelAuthentication'><arg type='s'/></method></interface></node>'''
CHECKERS = ('/usr/lib/polkit-1/polkit-agent-helper-1', '/usr/libexec/polkit-agent-helper-1',
            '/usr/lib/policykit-1/polkit-agent-helper-1')


class Agent:
    """Its calls arrive in the default main context: iterate that. Without a password it closes the prompt."""

    def __init__(self, password=None):
        self.password = password
        self.prompts = []
        self.answers = []  # of the system, to each password
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        session.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'StartServiceByName',
                          GLib.Variant('(su)', ('org.freedesktop.Flatpak', 0)), None, 0, 5000)
        pid = session.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                                'GetConnectionUnixProcessID', GLib.Variant('(s)', ('org.freedesktop.Flatpak',)), None, 0, 5000)[0]
        with open(f'/proc/{pid}/stat') as file:
            start_time = int(file.read().rsplit(')', 1)[1].split()[19])
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
        self.object = self.bus.register_object('/test/agent', node.interfaces[0], self.on_call, None, None)
        self.subject = ('unix-process', {'pid': GLib.Variant('u', pid), 'start-time': GLib.Variant('t', start_time)})
        self.call('RegisterAuthenticationAgent', GLib.Variant('((sa{sv})ss)', (self.subject, 'C', '/test/agent')))

    def call(self, method, arguments):
        self.bus.call_sync(*AUTHORITY, method, arguments, None, 0, 5000)

    def leave(self):
        self.call('UnregisterAuthenticationAgent', GLib.Variant('((sa{sv})s)', (self.subject, '/test/agent')))
        self.bus.unregister_object(self.object)

    def check(self, cookie, identities):
        uid = next(details['uid'] for kind, details in identities if kind == 'unix-user')
        checker = subprocess.run([next(path for path in CHECKERS if os.path.exists(path)), pwd.getpwuid(uid).pw_name],
                                 input=f'{cookie}\n{self.password}\n', capture_output=True, text=True, timeout=30, check=False)
        self.answers.append(checker.stdout.split()[-1] if checker.stdout else checker.stderr)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'BeginAuthentication':
            _, message, _, _, cookie, identities = parameters.unpack()
            self.prompts.append(message)
            if self.password is None:
                invocation.return_dbus_error('org.freedesktop.PolicyKit1.Error.Cancelled', 'closed')
                return
            self.check(cookie, identities)
        invocation.return_value(None)
