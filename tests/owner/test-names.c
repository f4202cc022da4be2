/* What processes are called, from made-up /proc trees and desktop files. No process of this machine is looked at. */
#include "fake-proc.h"

#include "cgroup-path.h"
#include "containers.h"
#include "names.h"
#include "script.h"
#include "socket.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef struct
{
  char *dir, *proc, *apps;
  PlProcfs *procfs;
  PlNames *names;
} Fixture;

static void
write_desktop (Fixture *fixture, const char *id, const char *name, const char *exec, const char *more)
{
  g_autofree char *file = g_strdup_printf ("%s.desktop", id);
  g_autofree char *text = g_strdup_printf ("[Desktop Entry]\nType=Application\nName=%s\nExec=%s\nIcon=icon-of-%s\n%s\n"
                                           "[Desktop Action new]\nName=Never this\nExec=/never/this\n",
                                           name, exec, id, more != NULL ? more : "");
  write_file (text, -1, fixture->apps, file, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = g_dir_make_tmp ("portlight-names-XXXXXX", NULL);
  fixture->proc = g_build_filename (fixture->dir, "proc", NULL);
  fixture->apps = g_build_filename (fixture->dir, "applications", NULL);
  g_assert_cmpint (g_mkdir (fixture->proc, 0700), ==, 0);
  write_desktop (fixture, "firefox", "Firefox", "/usr/lib/firefox/firefox %u", NULL);
  write_desktop (fixture, "org.gnome.Terminal", "Terminal", "gnome-terminal", "Categories=System;TerminalEmulator;");
  write_desktop (fixture, "org.gnome.Epiphany", "Web", "epiphany %U", NULL);
  write_desktop (fixture, "org.gnome.tweaks", "Tweaks", "/usr/bin/python3 /usr/bin/gnome-tweaks", NULL);
  write_desktop (fixture, "org.mozilla.Thunderbird", "Thunderbird",
                 "flatpak run --branch=stable org.mozilla.Thunderbird @@u %u @@", "X-Flatpak=org.mozilla.Thunderbird");
  write_desktop (fixture, "spotify_spotify", "Spotify", "env BAMF_DESKTOP_FILE_HINT=x /snap/bin/spotify %U",
                 "X-SnapInstanceName=spotify");
  write_desktop (fixture, "krita", "Krita (installed)", "/home/me/Apps/Krita-5.2.AppImage %F", NULL);
  write_desktop (fixture, "python3.11", "Python (v3.11)", "/usr/bin/python3.11", "NoDisplay=true");
  write_desktop (fixture, "vlc-hidden", "Not VLC", "/usr/bin/vlc --hidden", "NoDisplay=true");
  write_desktop (fixture, "vlc", "VLC media player", "/usr/bin/vlc --started-from-file %U", NULL);
  const char *const dirs[] = { fixture->apps, NULL };
  fixture->procfs = pl_procfs_new (fixture->proc);
  g_assert_nonnull (fixture->procfs);
  fixture->names = pl_names_new (fixture->procfs, pl_desktop_index_new (dirs), fixture->dir);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pl_names_free (fixture->names);
  pl_procfs_free (fixture->procfs);
  remove_tree (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->proc);
  g_free (fixture->apps);
}

static PlProcess *
name_pid (Fixture *fixture, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  g_assert_true (pl_procfs_read (fixture->procfs, pid, &facts));
  return pl_names_process (fixture->names, &facts);
}

static void
assert_named (Fixture *fixture, gint32 pid, const char *name, const char *key)
{
  PlProcess *process = name_pid (fixture, pid);
  g_assert_cmpstr (process->name, ==, name);
  g_assert_cmpstr (process->app_key, ==, key);
  g_assert_cmpint (process->pid, ==, pid);
  pl_process_unref (process);
}

static void
test_facts (Fixture *fixture, gconstpointer data)
{
  make_process (fixture->proc,
                &(Made){ 40, 7, 34816, "a ) (b", "/usr/bin/odd name (deleted)", "odd|--x=1|", "/a.slice" });
  g_auto (PlProcFacts) facts = { 0 };
  g_assert_true (pl_procfs_read (fixture->procfs, 40, &facts));
  g_assert_cmpstr (facts.comm, ==, "a ) (b");
  g_assert_cmpint (facts.pid, ==, 40);
  g_assert_cmpint (facts.parent_pid, ==, 7);
  g_assert_cmpint (facts.tty, ==, 34816);
  g_assert_cmpuint (facts.start_time, ==, 400);
  g_assert_cmpuint (facts.exec_mark, ==, 40 * 4096);
  g_assert_cmpuint (facts.uid, ==, 1000);
  g_assert_cmpstr (facts.exe, ==, "/usr/bin/odd name");
  g_assert_cmpstr (facts.cgroup, ==, "/a.slice");
  g_assert_null (facts.cwd); /* it interprets nothing */
  g_assert_cmpuint (facts.cmdline_bytes, ==, strlen ("odd|--x=1|"));
  PlProcess *process = pl_names_process (fixture->names, &facts);
  g_assert_cmpstr (process->cmdline, ==, "odd --x=1");
  g_assert_cmpstr (process->name, ==, "odd name");
  g_assert_cmpstr (process->exe, ==, "/usr/bin/odd name");
  pl_process_unref (process);
  g_auto (PlProcFacts) none = { 0 };
  g_assert_false (pl_procfs_read (fixture->procfs, 41, &none));
}

static void
test_programs (Fixture *fixture, gconstpointer data)
{
  make_process (fixture->proc,
                &(Made){ 100, 1, 0, "curl", "/usr/bin/curl", "curl|http://x|", "/user.slice/session-2.scope" });
  assert_named (fixture, 100, "curl", "/usr/bin/curl");
  make_process (fixture->proc, &(Made){ 101, 1, 0, "firefox", "/usr/lib/firefox/firefox", "firefox|", NULL });
  assert_named (fixture, 101, "Firefox", "firefox");
  /* Beside the program, in the directory it has to itself. */
  make_process (fixture->proc, &(Made){ 102, 1, 0, "pingsender", "/usr/lib/firefox/pingsender", "pingsender|", NULL });
  assert_named (fixture, 102, "Firefox", "firefox");
  /* The visible entry, not the hidden one. */
  make_process (fixture->proc, &(Made){ 103, 1, 0, "vlc", "/usr/bin/vlc", "vlc|", NULL });
  assert_named (fixture, 103, "VLC media player", "vlc");
  /* A known name in a place where anybody may write. */
  make_process (fixture->proc, &(Made){ 104, 1, 0, "vlc", "/tmp/vlc", "vlc|", NULL });
  assert_named (fixture, 104, "vlc", "/tmp/vlc");
  /* Another user's: no exe, comm cut by the kernel, command line readable. */
  make_process (fixture->proc, &(Made){ 105, 1, 0, "systemd-resolve", NULL, "/lib/systemd/systemd-resolved|", NULL });
  assert_named (fixture, 105, "systemd-resolved", "comm:systemd-resolved");
  make_process (fixture->proc, &(Made){ 106, 1, 0, ".foo-wrapped", "/home/me/.foo-wrapped", "foo|", NULL });
  assert_named (fixture, 106, "foo", "/home/me/.foo-wrapped");
  PlProcess *process = name_pid (fixture, 101);
  g_assert_cmpstr (process->icon_name, ==, "icon-of-firefox");
  pl_process_unref (process);
}

static void
test_cgroups (Fixture *fixture, gconstpointer data)
{
  static const char web[] = "/user.slice/user@1000.service/app.slice/app-gnome-org.gnome.Epiphany-200.scope";
  static const char terminal[] = "/user.slice/user@1000.service/app.slice/app-gnome-org.gnome.Terminal-300.scope";
  make_process (fixture->proc, &(Made){ 200, 1, 0, "epiphany", "/usr/bin/epiphany", "epiphany|", web });
  make_process (fixture->proc,
                &(Made){ 201, 200, 0, "WebKitNetworkPr", "/usr/libexec/WebKitNetworkProcess", "x|", web });
  make_process (fixture->proc, &(Made){ 202, 200, 0, "epiphany-helper", "/usr/libexec/ephy-helper", "x|", web });
  assert_named (fixture, 200, "Web", "org.gnome.Epiphany");
  assert_named (fixture, 201, "Web", "org.gnome.Epiphany");
  assert_named (fixture, 202, "Web", "org.gnome.Epiphany");
  /* A terminal's scope holds anybody's programs. */
  make_process (fixture->proc, &(Made){ 300, 1, 0, "gnome-terminal", "/usr/bin/gnome-terminal", "x|", terminal });
  make_process (fixture->proc, &(Made){ 301, 300, 34817, "curl", "/usr/bin/curl", "curl|x|", terminal });
  make_process (fixture->proc, &(Made){ 302, 301, 0, "wget", "/usr/bin/wget", "wget|x|", terminal });
  assert_named (fixture, 301, "curl", "/usr/bin/curl");
  assert_named (fixture, 302, "wget", "/usr/bin/wget");
  /* Started in the app's own terminal, and one that left it (setsid, parent gone): no longer its descendants. */
  make_process (fixture->proc, &(Made){ 203, 200, 34818, "make", "/usr/bin/make", "make|", web });
  make_process (fixture->proc, &(Made){ 204, 203, 0, "curl", "/usr/bin/curl", "curl|", web });
  make_process (fixture->proc, &(Made){ 205, 1, 0, "curl", "/usr/bin/curl", "curl|", web });
  assert_named (fixture, 204, "curl", "/usr/bin/curl");
  assert_named (fixture, 205, "curl", "/usr/bin/curl");
  /* Another app that was started from this one. */
  make_process (fixture->proc, &(Made){ 206, 200, 0, "firefox", "/usr/lib/firefox/firefox", "firefox|", web });
  assert_named (fixture, 206, "Firefox", "firefox");
}

static void
test_services (Fixture *fixture, gconstpointer data)
{
  static const char nginx[] = "/system.slice/nginx.service", cron[] = "/system.slice/cron.service";
  make_process (fixture->proc, &(Made){ 400, 1, 0, "nginx", "/usr/sbin/nginx", "nginx: master process|", nginx });
  make_process (fixture->proc, &(Made){ 401, 400, 0, "nginx", "/usr/sbin/nginx", "nginx: worker process|", nginx });
  assert_named (fixture, 400, "nginx", "service:nginx");
  assert_named (fixture, 401, "nginx", "service:nginx");
  /* What runs others' programs, and which is not seen. */
  make_process (fixture->proc, &(Made){ 402, 1, 0, "beam.smp", "/usr/lib/erlang/erts-13/bin/beam.smp", "beam.smp|-W|w|",
                                        "/system.slice/rabbitmq-server.service" });
  make_process (fixture->proc, &(Made){ 403, 1, 0, "java", "/usr/lib/jvm/java-17/bin/java", "java|@/etc/jetty.args|",
                                        "/system.slice/jetty9@web.service" });
  assert_named (fixture, 402, "rabbitmq-server", "service:rabbitmq-server");
  assert_named (fixture, 403, "jetty9", "service:jetty9@web");
  make_process (fixture->proc,
                &(Made){ 404, 1, 0, "bash", "/bin/bash", "bash|-c|curl x; wait|", "/system.slice/run-u12.service" });
  assert_named (fixture, 404, "bash", "service:run-u12");
  make_process (fixture->proc, &(Made){ 410, 1, 0, "cron", "/usr/sbin/cron", "cron|-f|", cron });
  make_process (fixture->proc, &(Made){ 411, 410, 0, "sh", "/usr/bin/dash", "sh|-c|curl x|", cron });
  make_process (fixture->proc, &(Made){ 412, 411, 0, "curl", "/usr/bin/curl", "curl|x|", cron });
  assert_named (fixture, 410, "cron", "service:cron");
  assert_named (fixture, 412, "curl", "/usr/bin/curl");
  PlProcess *process = name_pid (fixture, 412);
  g_assert_cmpstr (process->unit, ==, "cron.service");
  pl_process_unref (process);
}

static void
test_browsers (Fixture *fixture, gconstpointer data)
{
  static const char slack[] = "/usr/lib/electron/electron";
  make_process (fixture->proc, &(Made){ 500, 1, 0, "electron", slack, "electron|/usr/lib/slack/app.asar|", NULL });
  make_process (fixture->proc, &(Made){ 501, 500, 0, "electron", slack, "electron|--type=zygote|", NULL });
  make_process (fixture->proc,
                &(Made){ 502, 501, 0, "electron", slack, "electron|--type=utility|--utility-sub-type=network|", NULL });
  assert_named (fixture, 500, "slack", "/usr/lib/slack/app.asar");
  assert_named (fixture, 502, "slack", "/usr/lib/slack/app.asar");
  PlProcess *process = name_pid (fixture, 502);
  g_assert_cmpint (process->parent_pid, ==, 501);
  pl_process_unref (process);
  /* A Python program that starts another: two apps, though the program is one. */
  make_process (fixture->proc, &(Made){ 510, 1, 0, "python3", "/usr/bin/python3.11", "python3|/opt/a.py|", NULL });
  make_process (fixture->proc, &(Made){ 511, 510, 0, "python3", "/usr/bin/python3.11", "python3|/opt/b.py|", NULL });
  assert_named (fixture, 511, "b.py", "/opt/b.py");
  /* Its workers, started afresh: by itself, or by a server of its own. */
  make_process (fixture->proc, &(Made){ 512, 511, 0, "python3", "/usr/bin/python3.11",
                                        "python3|-c|from multiprocessing.spawn import spawn_main; spawn_main()|"
                                        "--multiprocessing-fork|",
                                        NULL });
  make_process (fixture->proc, &(Made){ 513, 511, 0, "python3", "/usr/bin/python3.11",
                                        "python3|-c|from multiprocessing.forkserver import main; main()|", NULL });
  make_process (fixture->proc, &(Made){ 514, 513, 0, "python3", "/usr/bin/python3.11",
                                        "python3|-c|from multiprocessing.forkserver import main; main()|", NULL });
  assert_named (fixture, 512, "b.py", "/opt/b.py");
  assert_named (fixture, 514, "b.py", "/opt/b.py");
}

static void
test_interpreters (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *exe, *cmdline, *name, *key;
  } cases[] = {
    { "/usr/bin/python3.11", "/usr/bin/python3|/usr/bin/gnome-tweaks|", "Tweaks", "org.gnome.tweaks" },
    { "/usr/bin/python3.11", "python3|-u|-X|dev|get.py|--all|", "get.py", "/home/me/own/get.py" },
    { "/usr/bin/python3.11", "python3|-um|http.server|8000|", "http.server", "module:http.server" },
    { "/usr/bin/python3.11", "python3|-mpip|install|", "pip", "module:pip" },
    { "/usr/bin/python3.11", "python3|-c|import x|", "Python (v3.11)", "python3.11" },
    { "/usr/bin/python3.11", "python3|", "Python (v3.11)", "python3.11" },
    { "/usr/bin/python3.11", "python3|backend/main.py|", "backend/main.py", "/home/me/own/backend/main.py" },
    { "/usr/bin/python3.11", "python3|/opt/tool/__main__.py|", "tool", "/opt/tool/__main__.py" },
    { "/usr/bin/python3.11", "gunicorn: master [site]|", "gunicorn", "title:gunicorn" },
    { "/usr/bin/node", "node|--inspect|-r|ts-node/register|/srv/api/index.js|", "api/index.js", "/srv/api/index.js" },
    { "/usr/bin/node", "node|--title|shop|/srv/api/worker.js|", "api/worker.js", "/srv/api/worker.js" },
    { "/usr/bin/node", "node /srv/shop/server.js||||", "shop/server.js", "/srv/shop/server.js" },
    { "/usr/bin/node", "node /srv/my shop/pay.js --port 80||", "pay.js", "/srv/my shop/pay.js" },
    { "/usr/bin/node", "node is idle|", "node", "/usr/bin/node" },
    { "/usr/bin/node", "npm install|", "npm", "title:npm" },
    { "/usr/bin/node", "node|-e|code|", "node", "/usr/bin/node" },
    { "/usr/bin/perl", "perl|-w|/usr/bin/ftp-sync|", "ftp-sync", "/usr/bin/ftp-sync" },
    { "/usr/bin/perl", "perl|-lane|print|", "perl", "/usr/bin/perl" },
    { "/usr/bin/ruby3.1", "ruby|-rremote|fetch.rb|", "fetch.rb", "/home/me/own/fetch.rb" },
    { "/usr/lib/R/bin/exec/R", "R|--no-echo|--no-restore|--file=plot.R|--args|-f|x|", "plot.R", "/home/me/own/plot.R" },
    { "/usr/lib/R/bin/exec/R", "R|--no-save|-f|/srv/shiny/app.R|", "shiny/app.R", "/srv/shiny/app.R" },
    { "/usr/lib/R/bin/exec/R", "R|--no-echo|-e|code|", "R", "/usr/lib/R/bin/exec/R" },
    { "/usr/bin/luajit-2.1.0-beta3", "luajit|get.lua|", "get.lua", "/home/me/own/get.lua" },
    { "/usr/bin/ruby3.1", "ruby|-I|lib|bin/fetch.rb|", "fetch.rb", "/home/me/own/bin/fetch.rb" },
    { "/usr/bin/ruby3.1", "ruby|-E|utf-8|fetch.rb|", "fetch.rb", "/home/me/own/fetch.rb" },
    { "/usr/bin/php8.2", "php|-c|/etc/my.ini|get.php|", "get.php", "/home/me/own/get.php" },
    { "/usr/bin/lua5.4", "lua5.4|-e|x = 1|get.lua|", "get.lua", "/home/me/own/get.lua" },
    { "/usr/bin/lua5.4", "lua5.4|-e|x = 1|", "lua5.4", "/usr/bin/lua5.4" },
    { "/usr/bin/guile-3.0", "guile|-e|main|-s|get.scm|", "get.scm", "/home/me/own/get.scm" },
    { "/usr/bin/julia", "julia|-t|4|--project=.|get.jl|", "get.jl", "/home/me/own/get.jl" },
    { "/usr/bin/julia", "julia|-E|1 + 1|get.jl|", "julia", "/usr/bin/julia" },
    { "/opt/microsoft/powershell/7/pwsh", "pwsh|-NoProfile|-ExecutionPolicy|Bypass|-File|get.ps1|", "get.ps1",
      "/home/me/own/get.ps1" },
    { "/opt/microsoft/powershell/7/pwsh", "pwsh|get.ps1|-x|", "get.ps1", "/home/me/own/get.ps1" },
    { "/opt/microsoft/powershell/7/pwsh", "pwsh|-NoLogo|-Command|./get.ps1|", "pwsh",
      "/opt/microsoft/powershell/7/pwsh" },
    { "/usr/bin/bash", "bash|./sync.sh|", "sync.sh", "/home/me/own/sync.sh" },
    { "/usr/bin/bash", "bash|-euo|pipefail|./sync.sh|", "sync.sh", "/home/me/own/sync.sh" },
    { "/usr/bin/bash", "bash|-euxo|pipefail|-c|curl x|", "bash", "/usr/bin/bash" },
    { "/usr/bin/bash", "bash|-O|extglob|./sync.sh|", "sync.sh", "/home/me/own/sync.sh" },
    { "/usr/bin/bash", "-bash|", "bash", "/usr/bin/bash" },
    { "/usr/bin/bash", "bash|-lc|cat </dev/tcp/x/1|", "bash", "/usr/bin/bash" },
    { "/usr/lib/jvm/java-17/bin/java", "java|-Xmx1g|-jar|/opt/minecraft/server.jar|nogui|", "minecraft/server.jar",
      "/opt/minecraft/server.jar" },
    { "/usr/lib/jvm/java-17/bin/java", "java|-cp|a.jar:b.jar|org.apache.catalina.startup.Bootstrap|start|", "catalina",
      "class:org.apache.catalina.startup.Bootstrap" },
    { "/usr/lib/jvm/java-17/bin/java", "java|-cp|x|net.minecraft.client.main.Main|--username|me|", "minecraft",
      "class:net.minecraft.client.main.Main" },
    { "/usr/lib/jvm/java-17/bin/java", "java|--limit-modules|java.base|-jar|/opt/z.jar|", "z.jar", "/opt/z.jar" },
    { "/usr/lib/jvm/java-17/bin/java", "java|@user_jvm_args.txt|@libraries/forge/unix_args.txt|nogui|", "java",
      "/usr/lib/jvm/java-17/bin/java" },
    { "/usr/lib/jvm/java-17/bin/java", "java|@jvm.txt|-jar|/opt/z.jar|x|", "z.jar", "/opt/z.jar" },
    { "/usr/lib/jvm/java-17/bin/java", "java|--source|17|src/Fetch.java|x|", "Fetch.java",
      "/home/me/own/src/Fetch.java" },
    { "/usr/bin/wine64-preloader", "C:\\Program Files\\Tool\\Tool.EXE|-x|", "Tool.EXE",
      "wine:c:\\program files\\tool\\tool.exe" },
    { "/usr/bin/deno", "deno|run|--allow-net|fetch.ts|", "fetch.ts", "/home/me/own/fetch.ts" },
    { "/usr/bin/deno", "deno|serve|--port|8000|fetch.ts|", "fetch.ts", "/home/me/own/fetch.ts" },
    { "/usr/bin/deno", "deno|task|dev|", "deno", "/usr/bin/deno" },
    { "/usr/bin/deno", "deno|eval|fetch('http://x.y/')|", "deno", "/usr/bin/deno" },
    { "/usr/bin/bun", "bun|install|", "bun", "/usr/bin/bun" },
    { "/usr/bin/bun", "bun|run|dev|", "bun", "/usr/bin/bun" },
    { "/usr/bin/dotnet", "dotnet|run|--project|src/Api|", "Api", "/home/me/own/src/Api" },
    { "/usr/bin/dotnet", "dotnet|/srv/Api.dll|", "Api.dll", "/srv/Api.dll" },
    { "/usr/bin/bash", "bash|/dev/fd/63|", "bash", "/usr/bin/bash" },
    { "/usr/lib/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2|--library-path|/opt/t/lib|/opt/t/bin/tool|-v|",
      "tool", "/opt/t/bin/tool" },
    { "/usr/lib/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2|/usr/bin/python3|-u|get.py|", "get.py",
      "/home/me/own/get.py" },
    { "/usr/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-x86_64.so.1|/opt/t/bin/tool|", "tool", "/opt/t/bin/tool" },
    { "/usr/bin/busybox", "busybox|wget|http://192.0.2.1/|", "wget", "applet:/usr/bin/busybox:wget" },
    { "/usr/bin/busybox", "/sbin/httpd|-f|", "httpd", "applet:/usr/bin/busybox:httpd" },
    { "/usr/bin/busybox", "/bin/sh|./sync.sh|", "sync.sh", "/home/me/own/sync.sh" },
    { "/usr/bin/busybox", "-sh|", "sh", "applet:/usr/bin/busybox:sh" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *comm = g_path_get_basename (cases[i].exe);
      make_process (fixture->proc, &(Made){ 600 + (gint32)i, 1, 0, comm, cases[i].exe, cases[i].cmdline, NULL });
      g_test_message ("%s", cases[i].cmdline);
      assert_named (fixture, 600 + (gint32)i, cases[i].name, cases[i].key);
    }
}

static void
test_sandboxes (Fixture *fixture, gconstpointer data)
{
  static const char flatpak[] = "/user.slice/user@1000.service/app.slice/app-flatpak-org.mozilla.Thunderbird-700.scope";
  static const char snap[] = "/user.slice/user@1000.service/app.slice/snap.spotify.spotify-a0b1.scope";
  static const char docker[] = "/system.slice/docker-" HEX64 ".scope";
  make_process (fixture->proc, &(Made){ 700, 1, 0, "thunderbird", "/app/lib/thunderbird", "thunderbird|", flatpak });
  assert_named (fixture, 700, "Thunderbird", "org.mozilla.Thunderbird");
  make_process (fixture->proc,
                &(Made){ 701, 1, 0, "spotify", "/snap/spotify/1/usr/share/spotify/spotify", "spotify|", snap });
  assert_named (fixture, 701, "Spotify", "snap:spotify");
  make_process (fixture->proc, &(Made){ 702, 1, 0, "redis-server", "/usr/bin/redis-server", "redis-server|", docker });
  assert_named (fixture, 702, "0123456789ab", "docker:" HEX64);
  write_file ("{\"State\":{\"Running\":true},\"ID\":\"" HEX64 "\",\"Name\":\"/cache\",\"Image\":\"x\"}", -1,
              fixture->dir, "var/lib/docker/containers", HEX64, "config.v2.json", NULL);
  assert_named (fixture, 702, "cache", "docker:" HEX64);
  make_process (fixture->proc, &(Made){ 703, 1, 0, "nginx", "/usr/sbin/nginx", "nginx|",
                                        "/machine.slice/machine-web\\x2done.scope/payload" });
  assert_named (fixture, 703, "web-one", "nspawn:web-one");

  /* .flatpak-info counts whatever the cgroup is, but only on a root of Flatpak's own kind. */
  static const char info[] = "[Application]\nname=org.mozilla.Thunderbird\n[Instance]\nname=wrong\n";
  static const char *const mounts[] = { "5 1 0:1 / / rw - tmpfs tmpfs rw\n", "5 1 0:1 / / rw - fuse.evil evil rw\n" };
  for (gint32 i = 0; i < 2; i++)
    {
      char pid[16];
      make_process (fixture->proc, &(Made){ 710 + i, 1, 0, "bird", "/app/bin/bird", "bird|", NULL });
      g_snprintf (pid, sizeof pid, "%d", 710 + i);
      write_file (info, -1, fixture->proc, pid, "root", ".flatpak-info", NULL);
      write_file (mounts[i], -1, fixture->proc, pid, "mountinfo", NULL);
      g_autofree char *ns = g_build_filename (fixture->proc, pid, "ns", NULL);
      g_autofree char *mnt = g_build_filename (ns, "mnt", NULL);
      g_mkdir (ns, 0700);
      g_assert_cmpint (symlink ("mnt:[1]", mnt), ==, 0);
    }
  assert_named (fixture, 710, "Thunderbird", "org.mozilla.Thunderbird");
  assert_named (fixture, 711, "bird", "/app/bin/bird");
}

static void
test_appimages (Fixture *fixture, gconstpointer data)
{
  static const char env[] = "HOME=/home/me\0APPIMAGE=/home/me/Nextcloud-3.12.1-x86_64.AppImage\0X=y";
  static const char known[] = "APPIMAGE=/home/me/Apps/Krita-5.2.AppImage";
  make_process (fixture->proc,
                &(Made){ 800, 1, 0, "nextcloud", "/tmp/.mount_Nextclabc123/usr/bin/nextcloud", "nextcloud|", NULL });
  write_file (env, sizeof env, fixture->proc, "800", "environ", NULL);
  assert_named (fixture, 800, "Nextcloud", "/home/me/Nextcloud-3.12.1-x86_64.AppImage");
  make_process (fixture->proc, &(Made){ 801, 1, 0, "krita", "/tmp/.mount_KritaXabc123/usr/bin/krita", "krita|", NULL });
  write_file (known, sizeof known, fixture->proc, "801", "environ", NULL);
  assert_named (fixture, 801, "Krita (installed)", "krita");
}

static void
assert_parent (Fixture *fixture, gint32 pid, const char *name)
{
  PlProcess *process = name_pid (fixture, pid);
  g_assert_cmpstr (process->parent_name, ==, name);
  pl_process_unref (process);
}

/* A number that is given to another process at once; and one that was given to somebody younger than the child. */
static void
test_parents (Fixture *fixture, gconstpointer data)
{
  g_autofree char *parent_dir = g_build_filename (fixture->proc, "100", NULL);
  make_process (fixture->proc, &(Made){ 100, 1, 0, "bash", "/bin/bash", "bash|", NULL });
  make_process (fixture->proc, &(Made){ 200, 100, 0, "curl", "/usr/bin/curl", "curl|", NULL });
  assert_parent (fixture, 200, "bash");
  assert_parent (fixture, 200, "bash");
  remove_tree (parent_dir);
  make_process (fixture->proc, &(Made){ 100, 1, 0, "zsh", "/bin/zsh", "zsh|", NULL });
  assert_parent (fixture, 200, "zsh");
  remove_tree (parent_dir);
  assert_parent (fixture, 200, NULL);

  make_process (fixture->proc, &(Made){ 300, 400, 0, "curl", "/usr/bin/curl", "curl|", NULL });
  make_process (fixture->proc, &(Made){ 400, 1, 0, "stranger", "/bin/stranger", "stranger|", NULL });
  assert_parent (fixture, 300, NULL);
}

/* The link of a process whose files are closed to us: no file can be compared. */
static void
test_told_exe (void)
{
  static const struct
  {
    const char *link, *comm, *argument, *exe;
  } cases[] = {
    { "/opt/prog", "prog", "prog", "/opt/prog" },
    { "/opt/prog (deleted)", "prog", "/opt/prog", "/opt/prog" },
    { "/opt/prog (deleted)", "worker", "prog (deleted)", "/opt/prog" },
    { "/opt/prog (deleted)", "prog (deleted)", "prog", "/opt/prog (deleted)" },
    { "/opt/prog (deleted) (deleted)", "prog (deleted)", "prog", "/opt/prog (deleted)" },
    { "/opt/a-long-program (deleted)", "a-long-program ", "/opt/a-long-program (deleted)",
      "/opt/a-long-program (deleted)" },
    { "/opt/a-long-program (deleted)", "a-long-program", "/opt/a-long-program", "/opt/a-long-program" },
    { "/opt/a-long-program (deleted)", "a-long-program", NULL, "/opt/a-long-program" },
    { "", "kthread", NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlProcFacts) facts = { .comm = g_strdup (cases[i].comm) };
      const char *argument = cases[i].argument != NULL ? cases[i].argument : "";
      pl_proc_facts_set_cmdline (&facts, argument, strlen (argument) + (*argument != '\0'));
      pl_proc_facts_set_told_exe (&facts, cases[i].link, strlen (cases[i].link));
      g_assert_cmpstr (facts.exe, ==, cases[i].exe);
    }
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *path, *name, *key;
  } cases[] = {
    { "/user.slice/app.slice/app-gnome-firefox-77.scope", "Firefox", "firefox" },
    { "/system.slice/ssh.service", "ssh", "service:ssh" },
    { "/system.slice/docker-" HEX64 ".scope", "0123456789ab", "docker:" HEX64 },
    { "/user.slice/app.slice/app-gnome-org.gnome.Terminal-77.scope", NULL, NULL },
    /* No desktop entry is seen of these. */
    { "/user.slice/app.slice/app-gnome-org.kde.dolphin-77.scope", "dolphin", "org.kde.dolphin" },
    { "/user.slice/app.slice/app-gnome-google\\x2dchrome-77.scope", "google-chrome", "google-chrome" },
    { "/user.slice/app.slice/app-gnome-com.spotify.Client-77.scope", "spotify", "com.spotify.Client" },
    { "/user.slice/app.slice/app-flatpak-org.telegram.desktop-77.scope", "telegram", "org.telegram.desktop" },
    { "/user.slice/app.slice/app-gnome-org.Browser-77.scope", "Browser", "org.Browser" },
    { "/user.slice/app.slice/app-gnome-org.example.Server-77.scope", "Server", "org.example.Server" },
    { "/user.slice/app.slice/app-gnome-org.example.-77.scope", "org.example.", "org.example." },
    { "/user.slice/app.slice/app-org.kde.konsole-77.scope", NULL, NULL },
    { "/user.slice/app.slice/app-gnome-xfce4\\x2dterminal-77.scope", NULL, NULL },
    { "/user.slice/app.slice/app-gnome-kitty-77.scope", NULL, NULL },
    { "/user.slice/app.slice/app-org.kde.kdeconnect.daemon@autostart.service", "kdeconnect",
      "org.kde.kdeconnect.daemon" },
    { "/user.slice/app.slice/app-gnome-foot\\x2dserver-77.scope", NULL, NULL },
    /* Who starts anybody's programs lends none of them its name. */
    { "/user.slice/user@1000.service/session.slice/dbus.service", NULL, NULL },
    { "/user.slice/user@1000.service/app.slice/flatpak-session-helper.service", NULL, NULL },
    { "/user.slice/user@1000.service/app.slice/foot-server@wayland-1.service", NULL, NULL },
    { "/user.slice/user@1000.service/app.slice/run-u12.service", NULL, NULL },
    { "/user.slice/user@1000.service/app.slice/tmux.service", NULL, NULL },
    { "/user.slice/user@1000.service/session.slice/dbus-broker.service", NULL, NULL },
    { "/user.slice/user@1000.service/session.slice/xdg-desktop-portal.service", NULL, NULL },
    { "/user.slice/user@1000.service/session.slice/wayland-wm@hyprland.desktop.service", NULL, NULL },
    { "/user.slice/user@1000.service/app.slice/foot-12775.service", NULL, NULL },
    { "/system.slice/cron.service", NULL, NULL },
    { "/system.slice/system-getty.slice/getty@tty1.service", NULL, NULL },
    { "/user.slice/user@1000.service/session.slice/sway.service", NULL, NULL },
    { "/user.slice/user@1000.service/session.slice/org.gnome.Shell@wayland.service", "GNOME Shell",
      "service:org.gnome.Shell@wayland" },
    { "/user.slice/user@1000.service/session.slice/org.gnome.SettingsDaemon.Sharing.service",
      "GNOME SettingsDaemon.Sharing", "service:org.gnome.SettingsDaemon.Sharing" },
    { "/user.slice/user@1000.service/session.slice/plasma-plasmashell.service", "plasmashell",
      "service:plasma-plasmashell" },
    { "/user.slice/user@1000.service/background.slice/plasma-xdg-desktop-portal-kde.service", "xdg-desktop-portal-kde",
      "service:plasma-xdg-desktop-portal-kde" },
    { "/system.slice/plasma-.service", "plasma-", "service:plasma-" },
    { "/system.slice/cronicle.service", "cronicle", "service:cronicle" },
    { "/user.slice/user-1000.slice/session-3.scope", NULL, NULL },
    { "/user.slice/user@1000.service/init.scope", NULL, NULL },
    { "/", NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlProcess *process = pl_names_cgroup (fixture->names, cases[i].path, 0);
      g_test_message ("%s", cases[i].path);
      g_assert_cmpint (process != NULL, ==, cases[i].name != NULL);
      if (process == NULL)
        continue;
      g_assert_cmpstr (process->name, ==, cases[i].name);
      g_assert_cmpstr (process->app_key, ==, cases[i].key);
      g_assert_cmpint (process->pid, ==, 0);
      pl_process_unref (process);
    }
}

static void
test_cgroup_paths (void)
{
  static const struct
  {
    const char *path;
    PlCgroupKind kind;
    const char *id, *engine, *tag;
  } cases[] = {
    { "/app.slice/app-gnome-org.gnome.Evolution\\x2dalarm\\x2dnotify-2345.scope", PL_CGROUP_APP,
      "org.gnome.Evolution-alarm-notify", NULL, "2345" },
    { "/app.slice/app-gnome-org.telegram.desktop-4711.scope", PL_CGROUP_APP, "org.telegram.desktop", NULL, "4711" },
    { "/app.slice/app-gnome-firefox.desktop-4711.scope", PL_CGROUP_APP, "firefox", NULL, "4711" },
    { "/app.slice/app-gnome-org.gnome.Maps.desktop-4711.scope", PL_CGROUP_APP, "org.gnome.Maps", NULL, "4711" },
    { "/app.slice/app-org.kde.konsole-3fa2.scope", PL_CGROUP_APP, "org.kde.konsole", NULL, "3fa2" },
    { "/app.slice/app-firefox\\x2desr@autostart.service", PL_CGROUP_APP, "firefox-esr", NULL, "autostart" },
    { "/app.slice/dbus-:1.2-org.gnome.Nautilus@0.service", PL_CGROUP_APP, "org.gnome.Nautilus", NULL, "0" },
    { "/app.slice/app-flatpak-org.x.Y-1.scope", PL_CGROUP_FLATPAK, "org.x.Y", "flatpak", "1" },
    { "/system.slice/snap.lxd.daemon.service", PL_CGROUP_SNAP, "lxd", "snap", NULL },
    { "/docker/" HEX64, PL_CGROUP_CONTAINER, HEX64, "docker", NULL },
    { "/user.slice/user@1.service/user.slice/libpod-" HEX64 ".scope/container", PL_CGROUP_CONTAINER, HEX64, "podman",
      NULL },
    { "/machine.slice/libpod-conmon-" HEX64 ".scope", PL_CGROUP_SESSION, NULL, NULL, NULL },
    { "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" HEX64 ".scope", PL_CGROUP_CONTAINER, HEX64, "containerd",
      NULL },
    { "/machine.slice/machine-qemu\\x2d1\\x2dwin11.scope", PL_CGROUP_MACHINE, "win11", "vm", NULL },
    { "/machine.slice/systemd-nspawn@deb.service/payload/init.scope", PL_CGROUP_MACHINE, "deb", "nspawn", NULL },
    { "/machine.slice/systemd-nspawn@deb.service/supervisor", PL_CGROUP_SERVICE, "systemd-nspawn@deb", NULL, NULL },
    { "/machine.slice/machine-qemu\\x2dbox.scope", PL_CGROUP_MACHINE, "qemu-box", "nspawn", NULL },
    { "/machine.slice/machine-lxc\\x2d4711\\x2dweb\\x2d1.scope", PL_CGROUP_MACHINE, "web-1", "lxc", NULL },
    { "/machine.slice/machine-lxc\\x2dweb.scope", PL_CGROUP_MACHINE, "lxc-web", "nspawn", NULL },
    { "/lxc.payload.web/system.slice/nginx.service", PL_CGROUP_MACHINE, "web", "lxc", NULL },
    { "/lxc/web", PL_CGROUP_MACHINE, "web", "lxc", NULL },
    { "/lxc.payload/web/system.slice/nginx.service", PL_CGROUP_MACHINE, "web", "lxc", NULL },
    { "/lxc.monitor/101", PL_CGROUP_NONE, NULL, NULL, NULL },
    { "/system.slice/system-postgresql.slice/postgresql@15-main.service", PL_CGROUP_SERVICE, "postgresql@15-main", NULL,
      NULL },
    { "/app.slice/app-gnome-org.gnome.Terminal-1.scope/vte-spawn-2.scope", PL_CGROUP_SESSION, NULL, NULL, NULL },
    { "/user.slice/user-1000.slice/user@1000.service", PL_CGROUP_NONE, NULL, NULL, NULL },
    { "/app.slice/app-.scope", PL_CGROUP_SESSION, NULL, NULL, NULL },
    { "/docker-123.scope", PL_CGROUP_SESSION, NULL, NULL, NULL },
    { "", PL_CGROUP_NONE, NULL, NULL, NULL },
    { NULL, PL_CGROUP_NONE, NULL, NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlCgroupName) name = { 0 };
      pl_cgroup_name_parse (&name, cases[i].path);
      g_test_message ("%s", cases[i].path != NULL ? cases[i].path : "NULL");
      g_assert_cmpint (name.kind, ==, cases[i].kind);
      g_assert_cmpstr (name.id, ==, cases[i].id);
      g_assert_cmpstr (name.engine, ==, cases[i].engine);
      g_assert_cmpstr (name.tag, ==, cases[i].tag);
    }
}

static void
test_podman (Fixture *fixture, gconstpointer data)
{
  static const char other[] = "1111111111111111111111111111111111111111111111111111111111111111";
  g_autofree char *json = g_strdup_printf (
      "[{\"id\":\"%s\",\"names\":[\"other\"]},{\"id\":\"%s\",\"names\":[\"db\"],\"layer\":\"x\"}]", other, HEX64);
  write_file (json, -1, fixture->dir, "var/lib/containers/storage/overlay-containers/containers.json", NULL);
  g_autofree char *name = pl_container_name ("podman", HEX64, fixture->dir);
  g_assert_cmpstr (name, ==, "db");
  g_autofree char *none = pl_container_name ("cri-o", HEX64, fixture->dir);
  g_assert_cmpstr (none, ==, "0123456789ab");
}

/* Arguments are whatever the process wrote there. */
static void
test_hostile_arguments (Fixture *fixture, gconstpointer data)
{
  static const char *const cmdlines[] = { "|",          "||||",      "python3|-m|", "python3|-|",       "python3|-X|",
                                          "java|-jar|", "java|-cp|", "node|-r|",    "\xff\xfe|\x01\n|", "bash|--|",
                                          ".exe|",      "java|.|",   "java|///|",   "deno|run|" };
  static const char *const exes[] = { "/usr/bin/python3", "/usr/bin/java", "/usr/bin/node", "/usr/bin/bash",
                                      "/usr/bin/wine",    "/usr/bin/deno", "/usr/bin/perl" };
  for (guint i = 0; i < G_N_ELEMENTS (cmdlines); i++)
    for (guint j = 0; j < G_N_ELEMENTS (exes); j++)
      {
        gint32 pid = 1000 + (gint32)(i * 100 + j);
        make_process (fixture->proc, &(Made){ pid, 1, 0, "x", exes[j], cmdlines[i], NULL });
        PlProcess *process = name_pid (fixture, pid);
        g_assert_true (g_utf8_validate (process->name, -1, NULL));
        g_assert_cmpstr (process->name, !=, "");
        g_assert_cmpstr (process->app_key, !=, "");
        g_assert_true (process->cmdline == NULL || g_utf8_validate (process->cmdline, -1, NULL));
        pl_process_unref (process);
      }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/names/facts", test_facts);
  ADD ("/names/programs", test_programs);
  ADD ("/names/cgroups", test_cgroups);
  ADD ("/names/services", test_services);
  ADD ("/names/browsers", test_browsers);
  ADD ("/names/interpreters", test_interpreters);
  ADD ("/names/sandboxes", test_sandboxes);
  ADD ("/names/appimages", test_appimages);
  ADD ("/names/parents", test_parents);
  g_test_add_func ("/names/told-exe", test_told_exe);
  ADD ("/names/gone", test_gone);
  ADD ("/names/podman", test_podman);
  ADD ("/names/hostile-arguments", test_hostile_arguments);
  g_test_add_func ("/names/cgroup-paths", test_cgroup_paths);
  return g_test_run ();
}
