/* The main() of a fuzz target where libFuzzer is not linked: runs every file of a corpus directory through the target
 * once, as one TAP test. A crash is the failure; the name printed last is the file that did it. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int
run_file (const char *path)
{
  struct stat info;
  FILE *file = fopen (path, "rb");
  uint8_t *data;
  size_t n_read;

  if (file == NULL || fstat (fileno (file), &info) != 0)
    {
      printf ("Bail out! %s: %s\n", path, strerror (errno));
      exit (1);
    }
  if (!S_ISREG (info.st_mode))
    {
      fclose (file);
      return 0;
    }
  data = malloc (info.st_size > 0 ? (size_t)info.st_size : 1);
  n_read = data != NULL ? fread (data, 1, (size_t)info.st_size, file) : 0;
  fclose (file);
  printf ("# %s, %zu bytes\n", path, n_read);
  fflush (stdout);
  LLVMFuzzerTestOneInput (data, n_read);
  free (data);
  return 1;
}

int
main (int argc, char **argv)
{
  struct dirent **names;
  int n_names, n_files = 0;

  if (argc != 2 || (n_names = scandir (argv[1], &names, NULL, alphasort)) < 0)
    {
      printf ("Bail out! give one corpus directory; cannot read %s\n", argc > 1 ? argv[1] : "(none)");
      return 1;
    }
  for (int i = 0; i < n_names; i++)
    {
      char path[4096];

      snprintf (path, sizeof path, "%s/%s", argv[1], names[i]->d_name);
      n_files += run_file (path);
      free (names[i]);
    }
  free (names);
  printf ("%s 1 - %d files of %s\n1..1\n", n_files > 0 ? "ok" : "not ok", n_files, argv[1]);
  return n_files > 0 ? 0 : 1;
}
