/* What container engines, Wine, AppImages and Snap leave in /proc, and what it is called. Seen with Podman 5.4.2, Docker 26.1.5,
 * systemd-nspawn 257 and snapd 2.68.3; AppImages with a runtime of their kind over squashfuse. Docker's other stores, LXC and an
 * unpacked AppImage are as documented. No process of this machine is looked at. */
#include "fake-proc.h"

#include "names.h"
#include "socket.h"

#define HEX64 "6f2d3b6e0c5a4c6f8d0e9b7a1f2c3d4e5f60718293a4b5c6d7e8f90123456789"
#define CONMON \
  "/usr/bin/conmon|--api-version|1|-c|" HEX64 "|-u|" HEX64 "|-r|/usr/bin/crun|-b|/var/lib/containers/storage/" \
  "overlay-containers/" HEX64 "/userdata|-p|/run/containers/storage/overlay-containers/" HEX64 \
  "/userdata/pidfile|-n|web-1|--exit-dir|/run/libpod/exits|"

typedef struct
{
  char *dir, *proc, *apps;
  PlProcfs *procfs;
  PlNames *names;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = g_dir_make_tmp ("portlight-engines-XXXXXX", NULL);
  fixture->proc = g_build_filename (fixture->dir, "proc", NULL);
  fixture->apps = g_build_filename (fixture->dir, "applications", NULL);
  g_assert_cmpint (g_mkdir (fixture->proc, 0700), ==, 0);
  write_file ("[Desktop Entry]\nType=Application\nName=Alpha\nExec=/opt/images/Alpha.AppImage %U\nIcon=alpha\n", -1,
              fixture->apps, "alpha.desktop", NULL);
  write_file ("[Desktop Entry]\nType=Application\nName=Chatter\nExec=/snap/bin/chatter\nIcon=/snap/chatter/x1/i.png\n"
              "X-SnapInstanceName=chatter\n",
              -1, fixture->apps, "chatter_chatter.desktop", NULL);
  const char *const dirs[] = { fixture->apps, NULL };
  fixture->procfs = pl_procfs_new (fixture->proc);
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

/* @pid is in a pid namespace of its own. */
static void
contain (Fixture *fixture, gint32 pid, const char *comm)
{
  char name[16];
  g_autofree char *status = g_strdup_printf (
      "Name:\t%s\nTgid:\t%d\nUid:\t1000\t1000\t1000\t1000\nNStgid:\t%d\t1\nNSpid:\t%d\t1\n", comm, pid, pid, pid);
  g_snprintf (name, sizeof name, "%d", pid);
  write_file (status, -1, fixture->proc, name, "status", NULL);
}

static void
assert_named (Fixture *fixture, gint32 pid, const char *name, const char *key, const char *unit)
{
  g_auto (PlProcFacts) facts = { 0 };
  g_assert_true (pl_procfs_read (fixture->procfs, pid, &facts));
  PlProcess *process = pl_names_process (fixture->names, &facts);
  g_assert_cmpstr (process->name, ==, name);
  g_assert_cmpstr (process->app_key, ==, key);
  g_assert_cmpstr (process->unit, ==, unit);
  g_assert_cmpint (process->pid, ==, pid);
  pl_process_unref (process);
}

/* The monitor's command line tells the name to any user, wherever the containers are stored. */
static void
test_podman (Fixture *fixture, gconstpointer data)
{
  static const char *const cgroups[] = {
    "/machine.slice/libpod-" HEX64 ".scope/container",
    "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX64 ".scope/container",
    "/system.slice/web.service/libpod-payload-" HEX64, /* --cgroups=split, as Quadlet has it */
    "/libpod_parent/libpod-" HEX64 "/container",
    "/user.slice/user-1000.slice/user@1000.service/user.slice/" HEX64, /* without root, --cgroup-manager=cgroupfs */
  };
  make_process (fixture->proc, &(Made){ 100, 1, 0, "conmon", "/usr/bin/conmon", CONMON, "/machine.slice/x.scope" });
  for (guint i = 0; i < G_N_ELEMENTS (cgroups); i++)
    {
      gint32 pid = 110 + 2 * (gint32)i;
      make_process (fixture->proc, &(Made){ pid, 100, 0, "sh", "/bin/busybox", "sh|", cgroups[i] });
      make_process (fixture->proc, &(Made){ pid + 1, pid, 0, "nginx", "/usr/sbin/nginx", "nginx|", cgroups[i] });
      contain (fixture, pid + 1, "nginx");
      g_test_message ("%s", cgroups[i]);
      assert_named (fixture, pid + 1, "web-1", "podman:" HEX64, "podman:web-1");
    }
  /* Its monitor has ended; it was started with --rm. */
  write_file ("[{\"id\":\"" HEX64
              "\",\"names\":[\"rmd\"],\"image\":\"18fa\",\"metadata\":\"{\\\"name\\\":\\\"rmd\\\"}\"}]",
              -1, fixture->dir, "var/lib/containers/storage/overlay-containers/volatile-containers.json", NULL);
  make_process (fixture->proc, &(Made){ 130, 1, 0, "talker", "/bin/talker", "talker|", cgroups[0] });
  assert_named (fixture, 130, "rmd", "podman:" HEX64, "podman:rmd");
  /* The monitor itself is outside. */
  assert_named (fixture, 100, "conmon", "/usr/bin/conmon", "x.scope");
}

/* --cgroups=disabled: nothing but the monitor tells. */
static void
test_podman_without_cgroup (Fixture *fixture, gconstpointer data)
{
  static const char unit[] = "/system.slice/run-u9.service";
  make_process (fixture->proc, &(Made){ 200, 1, 0, "conmon", "/usr/bin/conmon", CONMON, unit });
  make_process (fixture->proc, &(Made){ 201, 200, 0, "talker", "/bin/talker", "talker|", unit });
  contain (fixture, 201, "talker");
  assert_named (fixture, 201, "web-1", "podman:" HEX64, "podman:web-1");
  /* What the helper told of another user's process is not enough, though its mounts may not be asked about. */
  PlProcFacts told = { .pid = 201, .exe = (char *)"/bin/talker", .cmdline = (char *)"talker", .cmdline_bytes = 7 };
  g_assert_false (pl_names_is_enough (fixture->names, &told));
  told.pid = 200;
  g_assert_true (pl_names_is_enough (fixture->names, &told));
  /* A hook of the monitor's, in our own pid namespace. */
  make_process (fixture->proc, &(Made){ 202, 200, 0, "podman", "/usr/bin/podman", "podman|container|cleanup|", unit });
  assert_named (fixture, 202, "podman", "/usr/bin/podman", "run-u9.service");
  /* A browser's sandbox has a pid namespace, too. */
  make_process (fixture->proc, &(Made){ 210, 1, 0, "chromium", "/usr/lib/chromium/chromium", "chromium|", NULL });
  make_process (fixture->proc, &(Made){ 211, 210, 0, "other", "/usr/lib/other/other", "other|", NULL });
  contain (fixture, 211, "other");
  assert_named (fixture, 211, "other", "/usr/lib/other/other", NULL);
}

/* What carries the packets of a container without root; "pasta" is a link to one of several files. */
static void
test_pasta (Fixture *fixture, gconstpointer data)
{
  static const char unit[] = "/user.slice/user-1000.slice/user@1000.service/app.slice/podman-756.scope";
  make_process (fixture->proc,
                &(Made){ 250, 1, 0, "pasta.avx2", "/usr/bin/pasta.avx2", "/usr/bin/pasta|-t|7010|", unit });
  assert_named (fixture, 250, "pasta", "/usr/bin/pasta.avx2", "podman-756.scope");
}

static void
test_docker_stores (Fixture *fixture, gconstpointer data)
{
  static const char cgroup[] = "/system.slice/docker-" HEX64 ".scope";
  make_process (fixture->proc, &(Made){ 300, 1, 0, "talker", "/bin/talker", "talker|", cgroup });
  assert_named (fixture, 300, "6f2d3b6e0c5a", "docker:" HEX64, "docker:6f2d3b6e0c5a");
  write_file ("{\n  \"data-root\": \"/srv/docker\"\n}\n", -1, fixture->dir, "etc/docker/daemon.json", NULL);
  write_file ("{\"ID\":\"" HEX64 "\",\"Name\":\"/moved\"}", -1, fixture->dir, "srv/docker/containers", HEX64,
              "config.v2.json", NULL);
  assert_named (fixture, 300, "moved", "docker:" HEX64, "docker:moved");
  write_file ("{\"ID\":\"" HEX64 "\",\"Name\":\"/snapped\"}", -1, fixture->dir,
              "var/snap/docker/common/var-lib-docker/containers", HEX64, "config.v2.json", NULL);
  assert_named (fixture, 300, "snapped", "docker:" HEX64, "docker:snapped");
}

/* The container first, the unit inside behind it. */
static void
test_units_inside (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *cgroup, *name, *unit;
  } cases[] = {
    { "/machine.slice/machine-web.scope/payload/system.slice/nginx.service", "web", "nspawn:web/nginx.service" },
    { "/machine.slice/systemd-nspawn@web.service/payload/user.slice/user-1000.slice/user@1000.service/app.slice/"
      "sync@a\\x2db.service",
      "web", "nspawn:web/sync@a-b.service" },
    { "/machine.slice/machine-web.scope/payload", "web", "nspawn:web" },
    { "/lxc.payload.web/docker/" HEX64, "web", "lxc:web/docker:6f2d3b6e0c5a" },
    { "/lxc/101/ns/system.slice/nginx.service", "101", "lxc:101/nginx.service" }, /* Proxmox */
    { "/machine.slice/machine-web.scope/supervisor", "talker", "machine-web.scope" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PlProcFacts) facts = { 0 };
      make_process (fixture->proc,
                    &(Made){ 400 + (gint32)i, 1, 0, "talker", "/bin/talker", "talker|", cases[i].cgroup });
      g_test_message ("%s", cases[i].cgroup);
      g_assert_true (pl_procfs_read (fixture->procfs, 400 + (gint32)i, &facts));
      PlProcess *process = pl_names_process (fixture->names, &facts);
      g_assert_cmpstr (process->name, ==, cases[i].name);
      g_assert_cmpstr (process->unit, ==, cases[i].unit);
      pl_process_unref (process);
    }
}

/* systemd-nspawn --keep-unit leaves no scope: its command line tells, and below "payload" it is the container's own. */
static void
test_nspawn_in_a_unit (Fixture *fixture, gconstpointer data)
{
  static const char keeper[] =
      "/usr/bin/systemd-nspawn|-q|-D|/var/lib/machines/boxed|--keep-unit|--register=no|/bin/talker|",
                    named[] = "systemd-nspawn|--machine=web|--directory=/srv/x|--boot|";
  make_process (fixture->proc, &(Made){ 450, 1, 0, "systemd-nspawn", "/usr/bin/systemd-nspawn", keeper,
                                        "/system.slice/ns2.service/supervisor" });
  make_process (fixture->proc,
                &(Made){ 451, 450, 0, "talker", "/bin/talker", "talker|", "/system.slice/ns2.service/payload" });
  contain (fixture, 451, "talker");
  assert_named (fixture, 451, "boxed", "nspawn:boxed", "nspawn:boxed");
  assert_named (fixture, 450, "systemd-nspawn", "service:ns2", "ns2.service");
  make_process (fixture->proc,
                &(Made){ 460, 1, 0, "systemd-nspawn", "/usr/bin/systemd-nspawn", named, "/engines/supervisor" });
  make_process (fixture->proc, &(Made){ 461, 460, 0, "systemd", "/usr/lib/systemd/systemd", "systemd|",
                                        "/engines/payload/init.scope" });
  make_process (fixture->proc, &(Made){ 462, 461, 0, "nginx", "/usr/sbin/nginx", "nginx|",
                                        "/engines/payload/system.slice/nginx.service" });
  contain (fixture, 462, "nginx");
  assert_named (fixture, 462, "web", "nspawn:web", "nspawn:web/nginx.service");
}

static void
make_appimage (Fixture *fixture, const Made *made, const char *file)
{
  char pid[16];
  g_autofree char *words = g_strdup_printf ("HOME=/home/me|APPIMAGE=%s|X=y|", file);
  gsize length = strlen (words);
  g_strdelimit (words, "|", '\0');
  g_snprintf (pid, sizeof pid, "%d", made->pid);
  make_process (fixture->proc, made);
  write_file (words, (gssize)length, fixture->proc, pid, "environ", NULL);
}

static void
test_appimages (Fixture *fixture, gconstpointer data)
{
  static const char thing[] = "/home/me/Apps/PyThing-x86_64.AppImage", beta[] = "/opt/images/Beta.AppImage";
  /* Its AppRun is a script that starts the system's python: the mount's name is another at each start. */
  make_appimage (fixture,
                 &(Made){ 500, 1, 0, "AppRun", "/usr/bin/bash", "/bin/bash|/tmp/.mount_PyThinAbCdEf/AppRun|", NULL },
                 thing);
  make_appimage (fixture,
                 &(Made){ 501, 500, 0, "python3", "/usr/bin/python3.13",
                          "python3|/tmp/.mount_PyThinAbCdEf/usr/share/x/main.py|", NULL },
                 thing);
  assert_named (fixture, 500, "PyThing", thing, NULL);
  assert_named (fixture, 501, "PyThing", thing, NULL);
  make_appimage (fixture,
                 &(Made){ 502, 1, 0, "talker", "/tmp/appimage_extracted_5e3f/usr/bin/talker", "talker|", NULL }, thing);
  assert_named (fixture, 502, "PyThing", thing, NULL);
  /* An entry for one AppImage says nothing of another beside it. */
  make_appimage (fixture, &(Made){ 503, 1, 0, "b", "/tmp/.mount_BetaAbCdEf/usr/bin/b", "b|", NULL }, beta);
  assert_named (fixture, 503, "Beta", beta, NULL);
  make_appimage (fixture, &(Made){ 504, 1, 0, "a", "/tmp/.mount_AlphaAbCdEf/usr/bin/a", "a|", NULL },
                 "/opt/images/Alpha.AppImage");
  assert_named (fixture, 504, "Alpha", "alpha", NULL);
  /* Another program that its shell was asked to run. */
  make_appimage (fixture, &(Made){ 505, 1, 0, "curl", "/usr/bin/curl", "curl|http://x|", NULL }, thing);
  assert_named (fixture, 505, "curl", "/usr/bin/curl", NULL);
}

static void
test_snaps (Fixture *fixture, gconstpointer data)
{
  static const char cgroup[] = "/user.slice/user-1000.slice/user@1000.service/app.slice/"
                               "snap.chatter.chatter-9f3c8d1e-6a0b-4f2d-8e5c-1b2a3c4d5e6f.scope";
  /* Started in a terminal: still the snap's own program; the system's from its shell is not. */
  make_process (fixture->proc, &(Made){ 600, 1, 34816, "talker", "/snap/chatter/x1/bin/talker",
                                        "/snap/chatter/x1/bin/talker|", cgroup });
  assert_named (fixture, 600, "Chatter", "snap:chatter",
                "snap.chatter.chatter-9f3c8d1e-6a0b-4f2d-8e5c-1b2a3c4d5e6f.scope");
  make_process (fixture->proc, &(Made){ 601, 1, 34816, "curl", "/usr/bin/curl", "curl|", cgroup });
  g_auto (PlProcFacts) facts = { 0 };
  g_assert_true (pl_procfs_read (fixture->procfs, 601, &facts));
  PlProcess *process = pl_names_process (fixture->names, &facts);
  g_assert_cmpstr (process->name, ==, "curl");
  pl_process_unref (process);
  /* Where nothing tracks it. */
  make_process (fixture->proc,
                &(Made){ 602, 1, 0, "talker", "/snap/other/3/bin/talker", "/snap/other/3/bin/talker|", NULL });
  assert_named (fixture, 602, "other", "snap:other", NULL);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/engines/podman", test_podman);
  ADD ("/engines/podman-without-cgroup", test_podman_without_cgroup);
  ADD ("/engines/pasta", test_pasta);
  ADD ("/engines/docker-stores", test_docker_stores);
  ADD ("/engines/units-inside", test_units_inside);
  ADD ("/engines/nspawn-in-a-unit", test_nspawn_in_a_unit);
  ADD ("/engines/appimages", test_appimages);
  ADD ("/engines/snaps", test_snaps);
  return g_test_run ();
}
