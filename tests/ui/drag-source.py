"""drag-source.py portal|path|broken FILE…: another program's window, out of which the files can be dragged. “portal” offers
them as GTK does, by the file transfer portal, too; “path” says where they are, as older programs do, and nothing else; “broken”
offers by the portal what the portal never heard of."""
import sys

import gi
gi.require_version('Gtk', '4.0')
from gi.repository import Gdk, Gio, GLib, GObject, Gtk

kind, *paths = sys.argv[1:]
files = [Gio.File.new_for_path(path) for path in paths]
if kind == 'portal':
    content = Gdk.ContentProvider.new_for_value(GObject.Value(Gdk.FileList, Gdk.FileList.new_from_list(files)))
elif kind == 'path':
    lines = ''.join(file.get_uri() + '\r\n' for file in files)
    content = Gdk.ContentProvider.new_for_bytes('text/uri-list', GLib.Bytes.new(lines.encode()))
else:
    content = Gdk.ContentProvider.new_for_bytes('application/vnd.portal.filetransfer', GLib.Bytes.new(b'4711\0'))


def activate(app):
    window = Gtk.ApplicationWindow(application=app, title='Drag source', decorated=False, default_width=80, default_height=200)
    label = Gtk.Label(label='drag\nme')
    label.add_controller(Gtk.DragSource(content=content, actions=Gdk.DragAction.COPY))
    window.set_child(label)
    window.present()


app = Gtk.Application(application_id='org.example.DragSource', flags=Gio.ApplicationFlags.NON_UNIQUE)
app.connect('activate', activate)
app.run([])
